namespace Lateen.Resources.Networking;

/// <summary>How an endpoint is picked.</summary>
public sealed record LoadBalancerSettings
{
    /// <summary>A standard algorithm.</summary>
    [OneOf("lb_policy")]
    public SimpleLoadBalancer? Simple { get; init; }

    /// <summary>Affinity by hash.</summary>
    [OneOf("lb_policy")]
    public ConsistentHashLoadBalancer? ConsistentHash { get; init; }

    /// <summary>Weights by the load that endpoints report.</summary>
    [OneOf("lb_policy")]
    public BackendUtilization? BackendUtilization { get; init; }

    /// <summary>Locality preference, in place of the mesh's.</summary>
    public LocalityLoadBalancerSetting? LocalityLbSetting { get; init; }

    /// <summary>Zone-aware routing, in place of the mesh's.</summary>
    public ZoneAwareLoadBalancerSetting? ZoneAwareLbSetting { get; init; }

    /// <summary>Slow start of new endpoints.</summary>
    public WarmupConfiguration? Warmup { get; init; }

    /// <summary>Deprecated form of <see cref="Warmup"/>.</summary>
    public Duration? WarmupDurationSecs { get; init; }
}

/// <summary>Standard algorithms.</summary>
public enum SimpleLoadBalancer
{
    /// <summary>As <see cref="LeastRequest"/>.</summary>
    Unspecified,

    /// <summary>Deprecated name of <see cref="LeastRequest"/>.</summary>
    LeastConn,

    /// <summary>Any endpoint by chance.</summary>
    Random,

    /// <summary>The address the caller asked for.</summary>
    Passthrough,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The less busy of two taken by chance.</summary>
    LeastRequest,
}

/// <summary>Affinity by hash.</summary>
public sealed record ConsistentHashLoadBalancer
{
    /// <summary>Hashes a header.</summary>
    [OneOf("hash_key")]
    public string? HttpHeaderName { get; init; }

    /// <summary>Hashes a cookie.</summary>
    [OneOf("hash_key")]
    public HttpCookie? HttpCookie { get; init; }

    /// <summary>Hashes the caller's address.</summary>
    [OneOf("hash_key")]
    public bool? UseSourceIp { get; init; }

    /// <summary>Hashes a query parameter.</summary>
    [OneOf("hash_key")]
    public string? HttpQueryParameterName { get; init; }

    /// <summary>Ring hash (the default).</summary>
    [OneOf("hash_algorithm")]
    public RingHash? RingHash { get; init; }

    /// <summary>Maglev.</summary>
    [OneOf("hash_algorithm")]
    public Maglev? Maglev { get; init; }

    /// <summary>Deprecated: size of the ring.</summary>
    public ulong MinimumRingSize { get; init; }
}

/// <summary>A cookie that is hashed, and made when missing.</summary>
public sealed record HttpCookie
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its path.</summary>
    public string? Path { get; init; }

    /// <summary>Its life; 0 makes a session cookie, null never makes one.</summary>
    public Duration? Ttl { get; init; }

    /// <summary>More attributes.</summary>
    public EquatableArray<HttpCookieAttribute> Attributes { get; init; }
}

/// <summary>An attribute of a cookie.</summary>
public sealed record HttpCookieAttribute
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value.</summary>
    public string? Value { get; init; }
}

/// <summary>Ring hash.</summary>
public sealed record RingHash
{
    /// <summary>Least size of the ring; 0 means 1024.</summary>
    public ulong MinimumRingSize { get; init; }
}

/// <summary>Maglev.</summary>
public sealed record Maglev
{
    /// <summary>Size of the table, a prime; 0 means 65537.</summary>
    public ulong TableSize { get; init; }
}

/// <summary>Weights by the load that endpoints report (ORCA).</summary>
public sealed record BackendUtilization
{
    /// <summary>How often weights change.</summary>
    public Duration? WeightUpdatePeriod { get; init; }

    /// <summary>How long a report holds.</summary>
    public Duration? WeightExpirationPeriod { get; init; }

    /// <summary>How long an endpoint must report before its weight counts.</summary>
    public Duration? WeightStabilizationPeriod { get; init; }

    /// <summary>Reported metrics that count.</summary>
    public EquatableArray<string> MetricNamesForComputingUtilization { get; init; }

    /// <summary>How much errors weigh, in percent.</summary>
    public uint ErrorUtilizationPenaltyPercent { get; init; }
}

/// <summary>Slow start of new endpoints.</summary>
public sealed record WarmupConfiguration
{
    /// <summary>How long.</summary>
    public required Duration Duration { get; init; }

    /// <summary>Least share of its weight, in percent; null means 10.</summary>
    public double? MinimumPercent { get; init; }

    /// <summary>Shape of the growth; null means 1, linear.</summary>
    public double? Aggression { get; init; }
}

/// <summary>Preference by locality.</summary>
public sealed record LocalityLoadBalancerSetting
{
    /// <summary>Explicit shares.</summary>
    public EquatableArray<LocalityDistribution> Distribute { get; init; }

    /// <summary>Regions to fall back to.</summary>
    public EquatableArray<LocalityFailover> Failover { get; init; }

    /// <summary>Labels whose equality gives the priority (<c>key</c> or <c>key=value</c>).</summary>
    public EquatableArray<string> FailoverPriority { get; init; }

    /// <summary>Whether it is on; null means yes.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>Where traffic of one locality goes.</summary>
public sealed record LocalityDistribution
{
    /// <summary>Locality of the callers, <c>region/zone/subzone</c>, <c>*</c> as last part.</summary>
    public string? From { get; init; }

    /// <summary>Percent per target locality, together 100.</summary>
    public EquatableMap<uint> To { get; init; }
}

/// <summary>A region and its fallback.</summary>
public sealed record LocalityFailover
{
    /// <summary>Region that failed.</summary>
    public string? From { get; init; }

    /// <summary>Region to use instead.</summary>
    public string? To { get; init; }
}

/// <summary>Zone-aware routing.</summary>
public sealed record ZoneAwareLoadBalancerSetting
{
    /// <summary>Whether it is on; null means yes.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Regions to fall back to.</summary>
    public EquatableArray<LocalityFailover> Failover { get; init; }

    /// <summary>Labels whose equality gives the priority.</summary>
    public EquatableArray<string> FailoverPriority { get; init; }

    /// <summary>Least number of endpoints; null means 6.</summary>
    public uint? MinClusterSize { get; init; }
}
