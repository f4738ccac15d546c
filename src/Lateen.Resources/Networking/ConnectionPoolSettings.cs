namespace Lateen.Resources.Networking;

/// <summary>Limits of connections and requests.</summary>
public sealed record ConnectionPoolSettings
{
    /// <summary>For TCP and HTTP.</summary>
    public TcpSettings? Tcp { get; init; }

    /// <summary>For HTTP.</summary>
    public HttpSettings? Http { get; init; }
}

/// <summary>Limits of connections.</summary>
public sealed record TcpSettings
{
    /// <summary>Most connections per cluster; 0 means no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Null means the mesh's 10 s.</summary>
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Keep-alive probes; null means the mesh's.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>Null means no limit.</summary>
    public Duration? MaxConnectionDuration { get; init; }

    /// <summary>Null means 1 h, zero none.</summary>
    public Duration? IdleTimeout { get; init; }
}

/// <summary>SO_KEEPALIVE.</summary>
public sealed record TcpKeepalive
{
    /// <summary>Unanswered probes; 0 means the system's default.</summary>
    public uint Probes { get; init; }

    /// <summary>Idle time before the first.</summary>
    public Duration? Time { get; init; }

    /// <summary>Between probes.</summary>
    public Duration? Interval { get; init; }
}

/// <summary>Limits of HTTP.</summary>
public sealed record HttpSettings
{
    /// <summary>Most requests waiting for a connection; 0 means no limit.</summary>
    public int Http1MaxPendingRequests { get; init; }

    /// <summary>Most requests under way (HTTP/1.1 too); 0 means no limit.</summary>
    public int Http2MaxRequests { get; init; }

    /// <summary>Requests per connection; 0 means no limit, 1 no keep-alive.</summary>
    public int MaxRequestsPerConnection { get; init; }

    /// <summary>Most retries under way; 0 means no limit.</summary>
    public int MaxRetries { get; init; }

    /// <summary>Idle time of pooled connections; null means 1 h.</summary>
    public Duration? IdleTimeout { get; init; }

    /// <summary>Whether HTTP/1.1 is sent on as HTTP/2.</summary>
    public H2UpgradePolicy H2UpgradePolicy { get; init; }

    /// <summary>Whether the caller's protocol is kept.</summary>
    public bool UseClientProtocol { get; init; }

    /// <summary>Streams per HTTP/2 connection; 0 means no limit.</summary>
    public int MaxConcurrentStreams { get; init; }

    /// <summary>HTTP/2 PINGs; null means off.</summary>
    public Http2KeepAlive? Http2KeepAlive { get; init; }
}

/// <summary>Whether HTTP/1.1 is sent on as HTTP/2.</summary>
public enum H2UpgradePolicy
{
    /// <summary>As the mesh says.</summary>
    Default,

    /// <summary>No.</summary>
    DoNotUpgrade,

    /// <summary>Yes.</summary>
    Upgrade,
}

/// <summary>HTTP/2 PINGs.</summary>
public sealed record Http2KeepAlive
{
    /// <summary>Between PINGs.</summary>
    public Duration? Interval { get; init; }

    /// <summary>Time for the answer.</summary>
    public Duration? Timeout { get; init; }
}

/// <summary>Ejection of failing endpoints.</summary>
public sealed record OutlierDetection
{
    /// <summary>Ignored alias of an old API.</summary>
    public int ConsecutiveErrors { get; init; }

    /// <summary>Whether failures to connect are counted apart.</summary>
    public bool SplitExternalLocalOriginErrors { get; init; }

    /// <summary>Failures to connect in a row; null means 5. Only when counted apart.</summary>
    public uint? ConsecutiveLocalOriginFailures { get; init; }

    /// <summary>502, 503, 504 in a row; null and 0 mean off.</summary>
    public uint? ConsecutiveGatewayErrors { get; init; }

    /// <summary>5xx in a row; null means 5, 0 off.</summary>
    public uint? Consecutive5xxErrors { get; init; }

    /// <summary>Between sweeps; null means 10 s.</summary>
    public Duration? Interval { get; init; }

    /// <summary>Time out, times the number of ejections; null means 30 s.</summary>
    public Duration? BaseEjectionTime { get; init; }

    /// <summary>Largest share ejected; 0 means 10.</summary>
    public int MaxEjectionPercent { get; init; }

    /// <summary>Below this share of healthy endpoints all are used; 0 means never.</summary>
    public int MinHealthPercent { get; init; }

    /// <summary>Statuses that count as errors; empty means 5xx.</summary>
    public EquatableArray<uint> OutlierDetectionHttpErrorCodes { get; init; }
}
