namespace Lateen.Resources.Networking;

/// <summary>A service that Kubernetes does not know.</summary>
public sealed record ServiceEntry : IstioResource
{
    /// <summary>What is wanted.</summary>
    public required ServiceEntrySpec Spec { get; init; }
}

/// <summary>The spec of a <see cref="ServiceEntry"/>.</summary>
public sealed record ServiceEntrySpec
{
    /// <summary>DNS names, a leading wildcard allowed; taken literally.</summary>
    public required EquatableArray<string> Hosts { get; init; }

    /// <summary>Virtual addresses or CIDRs.</summary>
    public EquatableArray<string> Addresses { get; init; }

    /// <summary>Ports.</summary>
    public EquatableArray<ServiceEntryPort> Ports { get; init; }

    /// <summary>Inside or outside of the mesh.</summary>
    public ServiceEntryLocation Location { get; init; }

    /// <summary>How endpoints are found.</summary>
    public ServiceEntryResolution Resolution { get; init; }

    /// <summary>Endpoints; not with <see cref="WorkloadSelector"/>.</summary>
    public EquatableArray<WorkloadEntrySpec> Endpoints { get; init; }

    /// <summary>Pods and WorkloadEntries of its namespace that are the endpoints.</summary>
    public NetworkingWorkloadSelector? WorkloadSelector { get; init; }

    /// <summary>Namespaces it is visible in; empty means the mesh's default.</summary>
    public EquatableArray<string> ExportTo { get; init; }

    /// <summary>Names accepted in the server's certificate.</summary>
    public EquatableArray<string> SubjectAltNames { get; init; }
}

/// <summary>A port of a ServiceEntry.</summary>
public sealed record ServiceEntryPort
{
    /// <summary>Number.</summary>
    public required uint Number { get; init; }

    /// <summary>HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS; null is detected.</summary>
    public string? Protocol { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Port of the endpoints; 0 means <see cref="Number"/>.</summary>
    public uint TargetPort { get; init; }
}

/// <summary>Where a service is.</summary>
public enum ServiceEntryLocation
{
    /// <summary>Outside.</summary>
    MeshExternal,

    /// <summary>Inside.</summary>
    MeshInternal,
}

/// <summary>How endpoints are found.</summary>
public enum ServiceEntryResolution
{
    /// <summary>The address the caller asked for.</summary>
    None,

    /// <summary>The endpoints' addresses.</summary>
    Static,

    /// <summary>DNS; every address is an endpoint.</summary>
    Dns,

    /// <summary>DNS; the first address, anew per connection.</summary>
    DnsRoundRobin,

    /// <summary>DNS of the requested host, at request time.</summary>
    DynamicDns,
}
