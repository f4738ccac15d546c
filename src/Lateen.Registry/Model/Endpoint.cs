using Lateen.Resources;

namespace Lateen.Registry;

/// <summary>One address of one port of a service.</summary>
public sealed record Endpoint
{
    /// <summary>IP address, DNS name (DNS resolutions) or <c>unix://</c> path.</summary>
    public required string Address { get; init; }

    /// <summary>Port; 0 for a path.</summary>
    public required uint Port { get; init; }

    /// <summary>Name of the service's port it serves.</summary>
    public required string ServicePortName { get; init; }

    /// <summary>Number of the service's port it serves.</summary>
    public required uint ServicePort { get; init; }

    /// <summary>Namespace of the workload.</summary>
    public required string Namespace { get; init; }

    /// <summary>Labels.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>SPIFFE URI of its service account; null when it has none.</summary>
    public string? Identity { get; init; }

    /// <summary>The workload behind it; null for addresses that are no workload.</summary>
    public Workload? Workload { get; init; }

    /// <summary>Name of what the workload is a replica of, or empty.</summary>
    public string WorkloadName { get; init; } = "";

    /// <summary><c>istio</c> or <c>disabled</c>.</summary>
    public string TlsMode { get; init; } = TlsModes.Disabled;

    /// <summary>Whether it is ready.</summary>
    public EndpointHealth Health { get; init; }

    /// <summary>Share of traffic; at least 1.</summary>
    public uint Weight { get; init; } = 1;

    /// <summary><c>region/zone/subzone</c>, or empty.</summary>
    public string Locality { get; init; } = "";

    /// <summary>Network, or empty.</summary>
    public string Network { get; init; } = "";
}

/// <summary>Whether an endpoint is ready.</summary>
public enum EndpointHealth
{
    /// <summary>Ready.</summary>
    Healthy,

    /// <summary>Not ready: sent as UNHEALTHY.</summary>
    Unhealthy,
}

/// <summary>A service's port as one workload serves it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Port">Its port.</param>
/// <param name="Endpoint">The workload's endpoint of it.</param>
public sealed record ServiceInstance(Service Service, ServicePort Port, Endpoint Endpoint);
