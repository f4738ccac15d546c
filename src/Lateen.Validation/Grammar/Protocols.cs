using System.Collections.Frozen;

namespace Lateen.Validation.Grammar;

/// <summary>Names of protocols (H-27 to H-29), compared without case.</summary>
internal static class Protocols
{
    private static readonly FrozenSet<string> Known = Set("tcp", "udp", "grpc", "grpc-web", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql");
    private static readonly FrozenSet<string> Http = Set("http", "http2", "http_proxy", "grpc", "grpc-web");
    private static readonly FrozenSet<string> Tls = Set("https", "tls");
    private static readonly FrozenSet<string> Tcp = Set("tcp", "https", "tls", "mongo", "redis", "mysql");

    /// <summary>H-27.</summary>
    public static string? Problem(string? name) =>
        Known.Contains(name ?? "") ? null : $"\"{name}\" is no known protocol; there are {string.Join(", ", Known.Order(StringComparer.Ordinal).Select(known => known.ToUpperInvariant()))}";

    /// <summary>H-28: none means that it is detected.</summary>
    public static string? OptionalProblem(string? name) => string.IsNullOrEmpty(name) ? null : Problem(name);

    /// <summary>H-29.</summary>
    public static bool IsHttp(string? name) => Http.Contains(name ?? "");

    /// <summary>H-29.</summary>
    public static bool IsTls(string? name) => Tls.Contains(name ?? "");

    /// <summary>H-29.</summary>
    public static bool IsTcp(string? name) => Tcp.Contains(name ?? "");

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
