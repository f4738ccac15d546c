namespace Lateen.Proxy.Http;

/// <summary>What went wrong with a stream, as access logs and metrics show it (Envoy: <c>%RESPONSE_FLAGS%</c>).</summary>
[Flags]
public enum ResponseFlags : long
{
    /// <summary>Nothing; shown as <c>-</c>.</summary>
    None = 0,

    /// <summary>LH: failed local health check.</summary>
    FailedLocalHealthCheck = 1L << 0,

    /// <summary>UH: no healthy upstream host.</summary>
    NoHealthyUpstream = 1L << 1,

    /// <summary>UT: upstream request timeout.</summary>
    UpstreamRequestTimeout = 1L << 2,

    /// <summary>LR: connection local reset.</summary>
    LocalReset = 1L << 3,

    /// <summary>UR: upstream remote reset.</summary>
    UpstreamRemoteReset = 1L << 4,

    /// <summary>UF: upstream connection failure.</summary>
    UpstreamConnectionFailure = 1L << 5,

    /// <summary>UC: upstream connection termination.</summary>
    UpstreamConnectionTermination = 1L << 6,

    /// <summary>UO: upstream overflow (circuit breaking).</summary>
    UpstreamOverflow = 1L << 7,

    /// <summary>NR: no route found, or no filter chain matched.</summary>
    NoRouteFound = 1L << 8,

    /// <summary>DI: delay injected.</summary>
    DelayInjected = 1L << 9,

    /// <summary>FI: abort injected.</summary>
    FaultInjected = 1L << 10,

    /// <summary>RL: rate limited locally.</summary>
    RateLimited = 1L << 11,

    /// <summary>UAEX: denied by the external authorization service.</summary>
    UnauthorizedExternal = 1L << 12,

    /// <summary>RLSE: rate limit service error.</summary>
    RateLimitServiceError = 1L << 13,

    /// <summary>DC: downstream connection termination.</summary>
    DownstreamConnectionTermination = 1L << 14,

    /// <summary>URX: upstream retry limit exceeded.</summary>
    UpstreamRetryLimitExceeded = 1L << 15,

    /// <summary>SI: stream idle timeout.</summary>
    StreamIdleTimeout = 1L << 16,

    /// <summary>IH: invalid Envoy request headers.</summary>
    InvalidEnvoyRequestHeaders = 1L << 17,

    /// <summary>DPE: downstream protocol error.</summary>
    DownstreamProtocolError = 1L << 18,

    /// <summary>UMSDR: upstream max stream duration reached.</summary>
    UpstreamMaxStreamDurationReached = 1L << 19,

    /// <summary>RFCF: response from cache filter.</summary>
    ResponseFromCacheFilter = 1L << 20,

    /// <summary>NFCF: no filter configuration found.</summary>
    NoFilterConfigFound = 1L << 21,

    /// <summary>DT: duration timeout of a connection.</summary>
    DurationTimeout = 1L << 22,

    /// <summary>UPE: upstream protocol error.</summary>
    UpstreamProtocolError = 1L << 23,

    /// <summary>NC: no cluster found.</summary>
    NoClusterFound = 1L << 24,

    /// <summary>OM: terminated by the overload manager.</summary>
    OverloadManager = 1L << 25,

    /// <summary>DF: DNS resolution failed.</summary>
    DnsResolutionFailed = 1L << 26,

    /// <summary>DO: drop overload.</summary>
    DropOverload = 1L << 27,

    /// <summary>DR: downstream remote reset.</summary>
    DownstreamRemoteReset = 1L << 28,

    /// <summary>UDO: unconditional drop overload.</summary>
    UnconditionalDropOverload = 1L << 29,
}
