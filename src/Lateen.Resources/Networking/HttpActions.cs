using System.ComponentModel.DataAnnotations;

namespace Lateen.Resources.Networking;

/// <summary>A redirect.</summary>
public sealed record HttpRedirect
{
    /// <summary>Replaces the whole path.</summary>
    public string? Uri { get; init; }

    /// <summary>Replaces the matched prefix; not with <see cref="Uri"/>.</summary>
    public string? PrefixRewrite { get; init; }

    /// <summary>New host.</summary>
    public string? Authority { get; init; }

    /// <summary>New port.</summary>
    [OneOf("redirect_port")]
    public uint? Port { get; init; }

    /// <summary>Where the port is taken from.</summary>
    [OneOf("redirect_port")]
    public RedirectPortSelection? DerivePort { get; init; }

    /// <summary>New scheme.</summary>
    public string? Scheme { get; init; }

    /// <summary>Status; 0 means 301.</summary>
    public uint RedirectCode { get; init; }
}

/// <summary>Where a redirect takes its port from.</summary>
public enum RedirectPortSelection
{
    /// <summary>80 or 443, by scheme.</summary>
    FromProtocolDefault,

    /// <summary>The request's port.</summary>
    FromRequestPort,
}

/// <summary>A fixed answer.</summary>
public sealed record HttpDirectResponse
{
    /// <summary>HTTP status.</summary>
    public required uint Status { get; init; }

    /// <summary>Body, or none.</summary>
    public HttpBody? Body { get; init; }
}

/// <summary>A body as text or bytes.</summary>
public sealed record HttpBody
{
    /// <summary>The text.</summary>
    [OneOf("specifier")]
    public string? String { get; init; }

    /// <summary>The bytes, in base64.</summary>
    [OneOf("specifier")]
    [Base64String]
    public string? Bytes { get; init; }
}

/// <summary>Changes of path and authority.</summary>
public sealed record HttpRewrite
{
    /// <summary>Replaces the path, or the matched prefix.</summary>
    public string? Uri { get; init; }

    /// <summary>New host.</summary>
    public string? Authority { get; init; }

    /// <summary>Rewrites the path by expression; not with <see cref="Uri"/>.</summary>
    public RegexRewrite? UriRegexRewrite { get; init; }
}

/// <summary>A rewrite by expression.</summary>
public sealed record RegexRewrite
{
    /// <summary>RE2 expression.</summary>
    public string? Match { get; init; }

    /// <summary>Replacement, with <c>\1</c> for groups.</summary>
    public string? Rewrite { get; init; }
}

/// <summary>When and how often a request is tried again.</summary>
public sealed record HttpRetry
{
    /// <summary>Tries beyond the first; 0 switches retries off.</summary>
    public int Attempts { get; init; }

    /// <summary>Time for one try; null means the route's timeout.</summary>
    public Duration? PerTryTimeout { get; init; }

    /// <summary>Comma list of conditions and statuses; null means Istio's default.</summary>
    public string? RetryOn { get; init; }

    /// <summary>Whether other localities are tried.</summary>
    public bool? RetryRemoteLocalities { get; init; }

    /// <summary>Whether hosts already tried are avoided; null means yes, except with consistent hashing.</summary>
    public bool? RetryIgnorePreviousHosts { get; init; }

    /// <summary>Least interval between tries; null means 25 ms.</summary>
    public Duration? Backoff { get; init; }
}

/// <summary>Faults put in on purpose.</summary>
public sealed record HttpFaultInjection
{
    /// <summary>Delay.</summary>
    public FaultDelay? Delay { get; init; }

    /// <summary>Abort.</summary>
    public FaultAbort? Abort { get; init; }
}

/// <summary>A delay before forwarding.</summary>
public sealed record FaultDelay
{
    /// <summary>How long.</summary>
    [OneOf("http_delay_type")]
    public Duration? FixedDelay { get; init; }

    /// <summary>Part of the API, without effect.</summary>
    [OneOf("http_delay_type")]
    public Duration? ExponentialDelay { get; init; }

    /// <summary>Share of requests.</summary>
    public Percent? Percentage { get; init; }

    /// <summary>Deprecated whole percent, used only without <see cref="Percentage"/>.</summary>
    public int Percent { get; init; }
}

/// <summary>An early answer.</summary>
public sealed record FaultAbort
{
    /// <summary>HTTP status.</summary>
    [OneOf("error_type")]
    public int? HttpStatus { get; init; }

    /// <summary>gRPC status by name, e.g. <c>UNAVAILABLE</c>.</summary>
    [OneOf("error_type")]
    public string? GrpcStatus { get; init; }

    /// <summary>Part of the API, without effect.</summary>
    [OneOf("error_type")]
    public string? Http2Error { get; init; }

    /// <summary>Share of requests; null means none.</summary>
    public Percent? Percentage { get; init; }
}

/// <summary>Where copies go, and how many.</summary>
public sealed record HttpMirrorPolicy
{
    /// <summary>The target.</summary>
    public required Destination Destination { get; init; }

    /// <summary>Share; null means all.</summary>
    public Percent? Percentage { get; init; }
}

/// <summary>Cross-origin resource sharing.</summary>
public sealed record CorsPolicy
{
    /// <summary>Origins, any of which may match.</summary>
    public EquatableArray<StringMatch> AllowOrigins { get; init; }

    /// <summary>Deprecated: exact origins, <c>*</c> for all.</summary>
    public EquatableArray<string> AllowOrigin { get; init; }

    /// <summary>Methods.</summary>
    public EquatableArray<string> AllowMethods { get; init; }

    /// <summary>Request headers.</summary>
    public EquatableArray<string> AllowHeaders { get; init; }

    /// <summary>Response headers shown to the page.</summary>
    public EquatableArray<string> ExposeHeaders { get; init; }

    /// <summary>How long a preflight may be cached.</summary>
    public Duration? MaxAge { get; init; }

    /// <summary>Whether credentials are allowed; null sends no header.</summary>
    public bool? AllowCredentials { get; init; }

    /// <summary>What becomes of preflights whose origin does not match.</summary>
    public UnmatchedPreflights UnmatchedPreflights { get; init; }
}

/// <summary>What becomes of preflights whose origin does not match.</summary>
public enum UnmatchedPreflights
{
    /// <summary>As <see cref="Forward"/>.</summary>
    Unspecified,

    /// <summary>Sent upstream.</summary>
    Forward,

    /// <summary>Answered without CORS headers.</summary>
    Ignore,
}
