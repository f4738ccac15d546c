using System.Text.Json.Nodes;

namespace Lateen.Local.Bootstraps;

/// <summary>
/// Which statistics a proxy keeps and which parts of their names become labels: Istio's choice, so that its dashboards and queries hold.
/// </summary>
internal static class StatsSettings
{
    private static readonly (string Tag, string Regex)[] Tags =
    [
        ("cluster_name", @"^cluster\.((.+?);\.)"),
        ("tcp_prefix", @"^tcp\.((.*?)\.)\w+?$"),
        ("response_code", @"_rq(_(\d{3}))$"),
        ("response_code_class", @"_rq(_(\dxx))$"),
        ("http_conn_manager_listener_prefix", @"^listener\..*?\.http\.((.+?);\.)"),
        ("http_conn_manager_prefix", @"^http\.((.+?);\.)"),
        ("listener_address", @"^listener\.(([_.:\[\]a-fA-F0-9]+)\.)"),
    ];

    private static readonly string[] Prefixes =
        ["reporter=", "cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "wasm", "component", "istio"];

    private static readonly string[] Suffixes = ["rbac.allowed", "rbac.denied", "shadow_allowed", "shadow_denied", "downstream_cx_active"];

    private static readonly string[] Regexes = [@"vhost\..*\.route\..*"];

    /// <summary>Envoy's <c>stats_config</c>.</summary>
    internal static JsonObject ToJson()
    {
        IEnumerable<JsonNode?> patterns =
        [
            .. Prefixes.Select(prefix => new JsonObject { ["prefix"] = prefix }),
            .. Suffixes.Select(suffix => new JsonObject { ["suffix"] = suffix }),
            .. Regexes.Select(regex => new JsonObject { ["safe_regex"] = new JsonObject { ["regex"] = regex } }),
        ];
        return new JsonObject
        {
            ["use_all_default_tags"] = false,
            ["stats_tags"] = new JsonArray([.. Tags.Select(tag => new JsonObject { ["tag_name"] = tag.Tag, ["regex"] = tag.Regex })]),
            ["stats_matcher"] = new JsonObject { ["inclusion_list"] = new JsonObject { ["patterns"] = new JsonArray([.. patterns]) } },
        };
    }
}
