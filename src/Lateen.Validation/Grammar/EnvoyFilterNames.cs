using System.Collections.Frozen;

namespace Lateen.Validation.Grammar;

/// <summary>Names that Envoy's filters had once (EF-23).</summary>
internal static class EnvoyFilterNames
{
    private static readonly FrozenDictionary<string, string> Replacements = new Dictionary<string, string>(
    [
        .. Renamed("envoy.", "envoy.filters.network.", "client_ssl_auth", "http_connection_manager", "mongo_proxy", "ratelimit", "redis_proxy", "tcp_proxy"),
        .. Renamed("envoy.", "envoy.filters.http.", "buffer", "cors", "csrf", "ext_authz", "fault", "grpc_http1_bridge", "grpc_json_transcoder", "grpc_web", "gzip",
            "health_check", "ip_tagging", "lua", "router", "squash"),
        .. Renamed("envoy.listener.", "envoy.filters.listener.", "http_inspector", "original_dst", "original_src", "proxy_protocol", "tls_inspector"),
        new("envoy.http_dynamo_filter", "envoy.filters.http.dynamo"),
        new("envoy.rate_limit", "envoy.filters.http.ratelimit"),
    ]).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The name a filter has now, or null if it never had another.</summary>
    public static string? Replacement(string name) => Replacements.GetValueOrDefault(name);

    private static IEnumerable<KeyValuePair<string, string>> Renamed(string before, string now, params string[] filters) =>
        filters.Select(filter => KeyValuePair.Create(before + filter, now + filter));
}
