using Lateen.Resources;

namespace Lateen.Registry;

/// <summary>Names a service: the same hostname may exist in several namespaces.</summary>
/// <param name="Namespace">Namespace of the Service or ServiceEntry.</param>
/// <param name="Hostname">Fully qualified host.</param>
public readonly record struct ServiceKey(string Namespace, string Hostname)
{
    /// <summary><c>namespace/hostname</c>.</summary>
    public override string ToString() => $"{Namespace}/{Hostname}";
}

/// <summary>A service of the mesh, from a Kubernetes Service or from one host of a ServiceEntry.</summary>
public sealed record Service
{
    /// <summary>Fully qualified host, e.g. <c>reviews.default.svc.cluster.local</c>; may begin with a wildcard for a ServiceEntry.</summary>
    public required string Hostname { get; init; }

    /// <summary>Name of the Kubernetes Service; for a ServiceEntry its host.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Where it was declared.</summary>
    public required ServiceProvider Provider { get; init; }

    /// <summary>Ports.</summary>
    public EquatableArray<ServicePort> Ports { get; init; }

    /// <summary>Virtual addresses: cluster IPs, or a ServiceEntry's addresses; empty for headless services.</summary>
    public EquatableArray<string> Addresses { get; init; }

    /// <summary>How endpoints are found.</summary>
    public Resolution Resolution { get; init; }

    /// <summary>Whether it is outside of the mesh: no mutual TLS.</summary>
    public bool MeshExternal { get; init; }

    /// <summary>Who may see it.</summary>
    public Visibility ExportTo { get; init; } = Visibility.Public;

    /// <summary>Labels of the declaring object.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Annotations of the declaring object.</summary>
    public EquatableMap<string> Annotations { get; init; }

    /// <summary>Labels of its workloads. Empty selects none for a Kubernetes Service.</summary>
    public EquatableMap<string> Selector { get; init; }

    /// <summary>Age, for every rule of "the oldest wins".</summary>
    public CreationOrder CreationOrder { get; init; }

    /// <summary>Identities its endpoints may have: SPIFFE URIs of their service accounts, and a ServiceEntry's subjectAltNames.</summary>
    public EquatableArray<string> ServiceAccounts { get; init; }

    /// <summary>The host an ExternalName service stands for, or null.</summary>
    public string? ExternalName { get; init; }

    /// <summary>Key of the service.</summary>
    public ServiceKey Key => new(Namespace, Hostname);

    /// <summary>The port with a number, or null.</summary>
    public ServicePort? Port(uint number) => Ports.FirstOrDefault(port => port.Number == number);
}

/// <summary>A port of a service.</summary>
public sealed record ServicePort
{
    /// <summary>Name; empty when the only port has none.</summary>
    public required string Name { get; init; }

    /// <summary>Number.</summary>
    public required uint Number { get; init; }

    /// <summary>What it speaks.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>Port of the endpoints by number; 0 when <see cref="TargetPortName"/> is set.</summary>
    public uint TargetPort { get; init; }

    /// <summary>Port of the endpoints by name, or null.</summary>
    public string? TargetPortName { get; init; }
}

/// <summary>Where a service was declared.</summary>
public enum ServiceProvider
{
    /// <summary>A Kubernetes Service.</summary>
    Kubernetes,

    /// <summary>A ServiceEntry.</summary>
    External,
}

/// <summary>How the endpoints of a service are found.</summary>
public enum Resolution
{
    /// <summary>The registry knows them.</summary>
    ClientSideLb,

    /// <summary>DNS; every address is an endpoint.</summary>
    DnsLb,

    /// <summary>DNS; the first address, anew per connection.</summary>
    DnsRoundRobinLb,

    /// <summary>The address the caller asked for (headless, NONE).</summary>
    Passthrough,

    /// <summary>DNS of the requested host, at request time.</summary>
    DynamicDns,

    /// <summary>Another name of another host (ExternalName).</summary>
    Alias,
}
