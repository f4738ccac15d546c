namespace Lateen.Resources.Networking;

/// <summary>What holds for traffic to a host after routing.</summary>
public sealed record DestinationRule : IstioResource
{
    /// <summary>What is wanted.</summary>
    public required DestinationRuleSpec Spec { get; init; }
}

/// <summary>The spec of a <see cref="DestinationRule"/>.</summary>
public sealed record DestinationRuleSpec
{
    /// <summary>Service host, a leading wildcard allowed.</summary>
    public required string Host { get; init; }

    /// <summary>For all ports and subsets.</summary>
    public TrafficPolicy? TrafficPolicy { get; init; }

    /// <summary>Named parts of the service.</summary>
    public EquatableArray<Subset> Subsets { get; init; }

    /// <summary>Namespaces it is visible in; empty means the mesh's default.</summary>
    public EquatableArray<string> ExportTo { get; init; }

    /// <summary>Client workloads of its namespace it is restricted to; null means all.</summary>
    public WorkloadSelector? WorkloadSelector { get; init; }
}

/// <summary>A named part of a service.</summary>
public sealed record Subset
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Labels of its endpoints.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Overrides the rule's policy, block by block.</summary>
    public TrafficPolicy? TrafficPolicy { get; init; }
}

/// <summary>How connections to a destination behave.</summary>
public sealed record TrafficPolicy
{
    /// <summary>Load balancing; null means LEAST_REQUEST.</summary>
    public LoadBalancerSettings? LoadBalancer { get; init; }

    /// <summary>Limits of connections and requests.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>Ejection of failing endpoints; null means off.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>TLS; null lets auto mutual TLS decide.</summary>
    public ClientTlsSettings? Tls { get; init; }

    /// <summary>Policies of single ports, which replace this one's blocks entirely.</summary>
    public EquatableArray<PortTrafficPolicy> PortLevelSettings { get; init; }

    /// <summary>Tunnelling of TCP and TLS routes.</summary>
    public TunnelSettings? Tunnel { get; init; }

    /// <summary>PROXY protocol towards the endpoint; null means off.</summary>
    public ProxyProtocol? ProxyProtocol { get; init; }

    /// <summary>Retries as a share of requests; null means the count of connectionPool.http.maxRetries.</summary>
    public RetryBudget? RetryBudget { get; init; }
}

/// <summary>The policy of one port.</summary>
public sealed record PortTrafficPolicy
{
    /// <summary>The service port.</summary>
    public PortSelector? Port { get; init; }

    /// <summary>Load balancing.</summary>
    public LoadBalancerSettings? LoadBalancer { get; init; }

    /// <summary>Limits of connections and requests.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>Ejection of failing endpoints.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>TLS.</summary>
    public ClientTlsSettings? Tls { get; init; }
}

/// <summary>Tunnelling over HTTP.</summary>
public sealed record TunnelSettings
{
    /// <summary><c>CONNECT</c> (also when null) or <c>POST</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary>Host asked for.</summary>
    public required string TargetHost { get; init; }

    /// <summary>Port asked for.</summary>
    public required uint TargetPort { get; init; }
}

/// <summary>PROXY protocol towards the endpoint.</summary>
public sealed record ProxyProtocol
{
    /// <summary>Its version.</summary>
    public ProxyProtocolVersion Version { get; init; }
}

/// <summary>Version of the PROXY protocol.</summary>
public enum ProxyProtocolVersion
{
    /// <summary>Text.</summary>
    V1,

    /// <summary>Binary.</summary>
    V2,
}

/// <summary>Limits retries to a share of the requests under way.</summary>
public sealed record RetryBudget
{
    /// <summary>0 to 100; null means 20.</summary>
    public double? Percent { get; init; }

    /// <summary>Retries always allowed; 0 means 3.</summary>
    public uint MinRetryConcurrency { get; init; }

    /// <summary>Window over which requests are counted.</summary>
    public Duration? BudgetInterval { get; init; }
}
