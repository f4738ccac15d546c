using Lateen.Proxy.Clusters;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Routing;

/// <summary>Conditions under which a request is tried again (Envoy: <c>retry_on</c>).</summary>
[Flags]
public enum RetryOn
{
    /// <summary>Never.</summary>
    None = 0,

    /// <summary><c>5xx</c>.</summary>
    ServerError = 1 << 0,

    /// <summary><c>gateway-error</c>.</summary>
    GatewayError = 1 << 1,

    /// <summary><c>reset</c>.</summary>
    Reset = 1 << 2,

    /// <summary><c>reset-before-request</c>.</summary>
    ResetBeforeRequest = 1 << 3,

    /// <summary><c>connect-failure</c>.</summary>
    ConnectFailure = 1 << 4,

    /// <summary><c>refused-stream</c>.</summary>
    RefusedStream = 1 << 5,

    /// <summary><c>retriable-4xx</c>: 409.</summary>
    Retriable4xx = 1 << 6,

    /// <summary><c>retriable-status-codes</c>.</summary>
    RetriableStatusCodes = 1 << 7,

    /// <summary><c>retriable-headers</c>.</summary>
    RetriableHeaders = 1 << 8,

    /// <summary><c>envoy-ratelimited</c>.</summary>
    EnvoyRateLimited = 1 << 9,

    /// <summary><c>cancelled</c>: gRPC status 1.</summary>
    GrpcCancelled = 1 << 10,

    /// <summary><c>deadline-exceeded</c>: gRPC status 4.</summary>
    GrpcDeadlineExceeded = 1 << 11,

    /// <summary><c>resource-exhausted</c>: gRPC status 8.</summary>
    GrpcResourceExhausted = 1 << 12,

    /// <summary><c>internal</c>: gRPC status 13.</summary>
    GrpcInternal = 1 << 13,

    /// <summary><c>unavailable</c>: gRPC status 14.</summary>
    GrpcUnavailable = 1 << 14,

    /// <summary><c>http3-post-connect-failure</c>; never happens here.</summary>
    Http3PostConnectFailure = 1 << 15,
}

/// <summary>A header by which a host asks for a pause before the next retry.</summary>
/// <param name="Name">The header.</param>
/// <param name="IsUnixTime">True when it is a point in time in seconds since 1970, false when it is a number of seconds.</param>
public sealed record ResetHeader(HeaderName Name, bool IsUnixTime);

/// <summary>When and how a request is tried again.</summary>
public sealed record RetryPolicy
{
    /// <summary>Conditions.</summary>
    public RetryOn On { get; init; }

    /// <summary>Retries at most; 1 unless given.</summary>
    public int MaxRetries { get; init; } = 1;

    /// <summary>Longest attempt; null for no limit of its own.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>Longest pause within an attempt; null for no limit of its own.</summary>
    public TimeSpan? PerTryIdleTimeout { get; init; }

    /// <summary>First back-off (full jitter); 25 ms unless given.</summary>
    public TimeSpan BackOffBase { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest back-off; ten times the base unless given.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Response headers by which hosts ask for a pause; empty for none.</summary>
    public IReadOnlyList<ResetHeader> ResetHeaders { get; init; } = [];

    /// <summary>Longest pause a host may ask for.</summary>
    public TimeSpan ResetMax { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Status codes of <see cref="RetryOn.RetriableStatusCodes"/>.</summary>
    public IReadOnlyList<int> RetriableStatusCodes { get; init; } = [];

    /// <summary>Response matchers of <see cref="RetryOn.RetriableHeaders"/>; one has to match.</summary>
    public HeaderMatcher[] RetriableHeaders { get; init; } = [];

    /// <summary>When not empty, only requests that match one are tried again.</summary>
    public HeaderMatcher[] RetriableRequestHeaders { get; init; } = [];

    /// <summary>Avoid hosts that were tried (<c>previous_hosts</c>).</summary>
    public bool AvoidPreviousHosts { get; init; }

    /// <summary>Avoid canaries (<c>omit_canary_hosts</c>).</summary>
    public bool OmitCanaryHosts { get; init; }

    /// <summary>How often a host is picked anew when a predicate refuses it; 1 unless given.</summary>
    public int HostSelectionAttempts { get; init; } = 1;

    /// <summary>True when the host should not get this retry.</summary>
    public bool Refuses(Host host, IReadOnlyList<Host>? attempted)
    {
        if (OmitCanaryHosts && host.IsCanary)
            return true;
        for (var i = 0; AvoidPreviousHosts && attempted is not null && i < attempted.Count; i++)
        {
            if (attempted[i] == host)
                return true;
        }

        return false;
    }

    /// <summary>Reads a comma-separated list of conditions, of <c>retry_on</c> or a header; unknown words are ignored.</summary>
    public static RetryOn ParseRetryOn(ReadOnlySpan<char> words)
    {
        var on = RetryOn.None;
        foreach (var range in words.Split(','))
        {
            on |= words[range].Trim() switch
            {
                "5xx" => RetryOn.ServerError,
                "gateway-error" => RetryOn.GatewayError,
                "reset" => RetryOn.Reset,
                "reset-before-request" => RetryOn.ResetBeforeRequest,
                "connect-failure" => RetryOn.ConnectFailure,
                "refused-stream" => RetryOn.RefusedStream,
                "retriable-4xx" => RetryOn.Retriable4xx,
                "retriable-status-codes" => RetryOn.RetriableStatusCodes,
                "retriable-headers" => RetryOn.RetriableHeaders,
                "envoy-ratelimited" => RetryOn.EnvoyRateLimited,
                "cancelled" => RetryOn.GrpcCancelled,
                "deadline-exceeded" => RetryOn.GrpcDeadlineExceeded,
                "resource-exhausted" => RetryOn.GrpcResourceExhausted,
                "internal" => RetryOn.GrpcInternal,
                "unavailable" => RetryOn.GrpcUnavailable,
                "http3-post-connect-failure" => RetryOn.Http3PostConnectFailure,
                _ => RetryOn.None,
            };
        }

        return on;
    }
}
