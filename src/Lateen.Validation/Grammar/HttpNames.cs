using System.Buffers;
using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Lateen.Validation.Grammar;

/// <summary>Names of HTTP: headers, methods, gRPC statuses, conditions of retries (H-30 to H-36, H-39 to H-42).</summary>
internal static partial class HttpNames
{
    // The comma is in it because Istio's expression has "+-." as a range.
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+,-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> Methods =
        FrozenSet.Create(StringComparer.Ordinal, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*");

    private static readonly FrozenSet<string> GrpcStatuses = FrozenSet.Create(StringComparer.Ordinal,
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED");

    private static readonly FrozenSet<string> RetryConditions = FrozenSet.Create(StringComparer.Ordinal,
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream", "retriable-status-codes",
        "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable");

    /// <summary>H-30: a header to match, a pseudo header, or a claim of a token.</summary>
    public static string? MatchHeaderProblem(string name)
    {
        if (name.Length == 0) return "a header name must not be empty";
        bool good = IsJwtClaim(name) || name is ":method" or ":scheme" or ":authority" or ":path" or ":status" || IsToken(name);
        return good ? null : $"\"{name}\" is no header name";
    }

    /// <summary>H-31.</summary>
    public static string? CorsHeaderProblem(string name) => name.Length > 0 && IsToken(name) ? null : $"\"{name}\" is no header name";

    /// <summary>H-32.</summary>
    public static bool IsStrictHeader(string name) => StrictHeader().IsMatch(name);

    /// <summary>H-33.</summary>
    public static bool IsProbeHeader(string name) => ProbeHeader().IsMatch(name);

    /// <summary>H-34: a header added to or set on a request.</summary>
    public static string? RequestHeaderProblem(string name)
    {
        if (name.Length == 0) return "a header name must not be empty";
        bool pseudo = name.StartsWith(':') && !name.Equals(":authority", StringComparison.OrdinalIgnoreCase);
        return pseudo ? $"\"{name}\": pseudo headers cannot be changed, except :authority" : null;
    }

    /// <summary>H-35: a header removed, or one of a response.</summary>
    public static string? OtherHeaderProblem(string name)
    {
        if (name.Length == 0) return "a header name must not be empty";
        if (name.Equals("host", StringComparison.OrdinalIgnoreCase)) return "Host cannot be changed here";
        return name.StartsWith(':') ? $"\"{name}\": pseudo headers cannot be changed here" : null;
    }

    /// <summary>H-36: <c>@request.auth.claims.x</c> or <c>@request.auth.claims[x]</c>.</summary>
    public static bool IsJwtClaim(string name)
    {
        const string Prefix = "@request.auth.claims";
        if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return false;
        ReadOnlySpan<char> rest = name.AsSpan(Prefix.Length);
        return rest is ['.', _, ..] or ['[', _, .., ']'];
    }

    /// <summary>H-39.</summary>
    public static string? CorsMethodProblem(string method) => Methods.Contains(method) ? null : $"\"{method}\" is no HTTP method (in upper case)";

    /// <summary>H-40.</summary>
    public static string? GrpcStatusProblem(string name) => GrpcStatuses.Contains(name) ? null : $"\"{name}\" is no gRPC status, such as UNAVAILABLE";

    /// <summary>H-41: one element of <c>retryOn</c>.</summary>
    public static string? RetryConditionProblem(string text)
    {
        bool good = Numbers.TryInteger(text, out long status) ? IsKnownStatus(status) : RetryConditions.Contains(text);
        return good ? null : $"\"{text}\" is no condition for retries: one of {string.Join(", ", RetryConditions.Order(StringComparer.Ordinal))}, or an HTTP status";
    }

    /// <summary>H-42: statuses that Go knows.</summary>
    public static bool IsKnownStatus(long status) => status is
        >= 100 and <= 103 or >= 200 and <= 208 or 226 or >= 300 and <= 305 or 307 or 308 or >= 400 and <= 418 or >= 421 and <= 426 or 428 or 429 or 431 or 451
        or >= 500 and <= 508 or 510 or 511;

    private static bool IsToken(string name) => !name.AsSpan().ContainsAnyExcept(TokenChars);

    [GeneratedRegex(@"^[-_A-Za-z0-9]+\z")]
    private static partial Regex StrictHeader();

    [GeneratedRegex(@"^[-A-Za-z0-9]+\z")]
    private static partial Regex ProbeHeader();
}
