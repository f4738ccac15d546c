using Lateen.Resources.Networking;

namespace Lateen.Resources.Mesh;

/// <summary>Where configuration is from.</summary>
public sealed record ConfigSource
{
    /// <summary><c>fs://</c>, <c>k8s://</c> or <c>xds://</c>.</summary>
    public string? Address { get; init; }

    /// <summary>TLS towards it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>What is taken from it.</summary>
    public EquatableArray<ConfigResource> SubscribedResources { get; init; }
}

/// <summary>What is taken from a source.</summary>
public enum ConfigResource
{
    /// <summary>Services.</summary>
    ServiceRegistry,
}

/// <summary>Settings of some services.</summary>
public sealed record ServiceSettings
{
    /// <summary>The settings.</summary>
    public ServiceSettingsValues? Settings { get; init; }

    /// <summary>Hosts they are for.</summary>
    public EquatableArray<string> Hosts { get; init; }
}

/// <summary>Settings of services.</summary>
public sealed record ServiceSettingsValues
{
    /// <summary>Whether only the own cluster's endpoints are used.</summary>
    public bool ClusterLocal { get; init; }
}

/// <summary>Which services other clusters may use.</summary>
public sealed record ServiceScopeConfig
{
    /// <summary>Their namespaces.</summary>
    public LabelSelector? NamespaceSelector { get; init; }

    /// <summary>The services.</summary>
    public LabelSelector? ServicesSelector { get; init; }

    /// <summary>Who may use them.</summary>
    public ServiceScope Scope { get; init; }
}

/// <summary>Who may use a service.</summary>
public enum ServiceScope
{
    /// <summary>Its own cluster.</summary>
    Local,

    /// <summary>All clusters.</summary>
    Global,
}

/// <summary>Selects objects by labels.</summary>
public sealed record LabelSelector
{
    /// <summary>Labels that must be equal.</summary>
    public EquatableMap<string> MatchLabels { get; init; }

    /// <summary>Further conditions.</summary>
    public EquatableArray<LabelRequirement> MatchExpressions { get; init; }
}

/// <summary>A condition on a label.</summary>
public sealed record LabelRequirement
{
    /// <summary>The label.</summary>
    public string? Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public string? Operator { get; init; }

    /// <summary>Values.</summary>
    public EquatableArray<string> Values { get; init; }
}

/// <summary>Who sees ServiceEntries that do not say.</summary>
public sealed record ServiceEntryVisibility
{
    /// <summary>Who.</summary>
    public Visibility DefaultVisibility { get; init; }

    /// <summary>Whether it holds for sidecars too.</summary>
    public bool ApplyToSidecars { get; init; }

    /// <summary>Exceptions; the first that matches counts.</summary>
    public EquatableArray<VisibilityPolicy> Policies { get; init; }
}

/// <summary>Who sees something.</summary>
public enum Visibility
{
    /// <summary>As <see cref="Public"/>.</summary>
    VisibilityUnspecified,

    /// <summary>Nobody.</summary>
    None,

    /// <summary>Its namespace.</summary>
    Namespace,

    /// <summary>Everybody.</summary>
    Public,
}

/// <summary>Who sees some ServiceEntries.</summary>
public sealed record VisibilityPolicy
{
    /// <summary>Who.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>Conditions, all of which must hold.</summary>
    public EquatableArray<VisibilityRule> MatchingRules { get; init; }
}

/// <summary>A condition on a ServiceEntry.</summary>
public sealed record VisibilityRule
{
    /// <summary>Its namespace.</summary>
    [OneOf("rule")]
    public LabelSelector? NamespaceSelector { get; init; }
}

/// <summary>The networks of a mesh.</summary>
public sealed record MeshNetworks
{
    /// <summary>By name.</summary>
    public EquatableMap<MeshNetwork> Networks { get; init; }
}

/// <summary>A network.</summary>
public sealed record MeshNetwork
{
    /// <summary>What is in it.</summary>
    public EquatableArray<NetworkEndpoints> Endpoints { get; init; }

    /// <summary>How it is entered.</summary>
    public EquatableArray<NetworkGateway> Gateways { get; init; }
}

/// <summary>What is in a network.</summary>
public sealed record NetworkEndpoints
{
    /// <summary>Addresses.</summary>
    [OneOf("ne")]
    public string? FromCidr { get; init; }

    /// <summary>A cluster.</summary>
    [OneOf("ne")]
    public string? FromRegistry { get; init; }
}

/// <summary>How a network is entered.</summary>
public sealed record NetworkGateway
{
    /// <summary>A service of the network.</summary>
    [OneOf("gw")]
    public string? RegistryServiceName { get; init; }

    /// <summary>An address or DNS name.</summary>
    [OneOf("gw")]
    public string? Address { get; init; }

    /// <summary>Port.</summary>
    public uint Port { get; init; }

    /// <summary>Where it is.</summary>
    public string? Locality { get; init; }
}
