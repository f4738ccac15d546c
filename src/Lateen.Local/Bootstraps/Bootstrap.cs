using System.Text.Json;
using System.Text.Json.Nodes;
using Lateen.Local.Workloads;

namespace Lateen.Local.Bootstraps;

/// <summary>
/// The file a proxy starts from: a plain Envoy bootstrap with the clusters, listeners and statistics settings that Istio's agent writes.
/// </summary>
public sealed record Bootstrap
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Who the proxy is.</summary>
    public required ProxyIdentity Identity { get; init; }

    /// <summary>The address of administration, metrics and readiness.</summary>
    public required string Address { get; init; }

    /// <summary>The UNIX socket of the control plane.</summary>
    public required string XdsSocket { get; init; }

    /// <summary>The token that proves the proxy's service account to the control plane.</summary>
    public required string Token { get; init; }

    /// <summary>The bootstrap as JSON text.</summary>
    public string ToJson() => ToNode().ToJsonString(Indented);

    private JsonObject ToNode() => new()
    {
        ["node"] = Identity.ToJson(),
        ["admin"] = new JsonObject { ["address"] = Json.SocketAddress(Address, SidecarPorts.Admin) },
        ["dynamic_resources"] = DynamicResources(),
        ["static_resources"] = new JsonObject
        {
            ["clusters"] = new JsonArray(
                Cluster("prometheus_stats", Json.SocketAddress(Address, SidecarPorts.Admin)),
                Cluster("agent", Json.SocketAddress(Address, SidecarPorts.Admin)),
                SecretCluster(),
                GrpcCluster("xds-grpc")),
            ["listeners"] = new JsonArray(
                Listener(SidecarPorts.Metrics, "stats", "/stats/prometheus", "prometheus_stats", null),
                Listener(SidecarPorts.Readiness, "agent", "/healthz/ready", "agent", "/ready")),
        },
        ["stats_config"] = StatsSettings.ToJson(),
        ["layered_runtime"] = Json.Parse("""{ "layers": [{ "name": "admin", "admin_layer": {} }] }"""),
    };

    private JsonObject DynamicResources()
    {
        var services = new JsonArray(new JsonObject
        {
            ["envoy_grpc"] = new JsonObject { ["cluster_name"] = "xds-grpc" },
            ["initial_metadata"] = new JsonArray(new JsonObject { ["key"] = "authorization", ["value"] = $"Bearer {Token}" }),
        });
        return new JsonObject
        {
            ["lds_config"] = Ads(),
            ["cds_config"] = Ads(),
            ["ads_config"] = new JsonObject
            {
                ["api_type"] = "GRPC",
                ["set_node_on_first_message_only"] = true,
                ["transport_api_version"] = "V3",
                ["grpc_services"] = services,
            },
        };
    }

    private static JsonObject Ads() => Json.Parse("""{ "ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3" }""");

    // Listeners name this cluster for their secrets and cannot carry the token: the cluster itself adds it.
    private JsonObject SecretCluster()
    {
        var cluster = GrpcCluster("sds-grpc");
        var filters = Json.Parse("""
            {
              "http_filters": [
                {
                  "name": "envoy.filters.http.header_mutation",
                  "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
                    "mutations": { "request_mutations": [{ "append": { "header": { "key": "authorization" } } }] }
                  }
                },
                {
                  "name": "envoy.filters.http.upstream_codec",
                  "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec" }
                }
              ]
            }
            """)["http_filters"]!.DeepClone();
        filters[0]!["typed_config"]!["mutations"]!["request_mutations"]![0]!["append"]!["header"]!["value"] = $"Bearer {Token}";
        cluster["typed_extension_protocol_options"]!["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]!["http_filters"] = filters;
        return cluster;
    }

    private JsonObject GrpcCluster(string name)
    {
        var cluster = Cluster(name, new JsonObject { ["pipe"] = new JsonObject { ["path"] = XdsSocket } });
        cluster["connect_timeout"] = "1s";
        cluster["typed_extension_protocol_options"] = Json.Parse("""
            {
              "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": { "http2_protocol_options": {} }
              }
            }
            """);
        return cluster;
    }

    private static JsonObject Cluster(string name, JsonObject address) => new()
    {
        ["name"] = name,
        ["type"] = "STATIC",
        ["connect_timeout"] = "0.250s",
        ["lb_policy"] = "ROUND_ROBIN",
        ["load_assignment"] = new JsonObject
        {
            ["cluster_name"] = name,
            ["endpoints"] = new JsonArray(new JsonObject
            {
                ["lb_endpoints"] = new JsonArray(new JsonObject { ["endpoint"] = new JsonObject { ["address"] = address } }),
            }),
        },
    };

    private JsonObject Listener(int port, string statPrefix, string path, string cluster, string? rewrite)
    {
        var action = new JsonObject { ["cluster"] = cluster };
        if (rewrite is not null)
            action["prefix_rewrite"] = rewrite;
        var manager = Json.Parse("""
            {
              "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              "codec_type": "AUTO",
              "http_filters": [
                {
                  "name": "envoy.filters.http.router",
                  "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" }
                }
              ]
            }
            """);
        manager["stat_prefix"] = statPrefix;
        manager["route_config"] = new JsonObject
        {
            ["virtual_hosts"] = new JsonArray(new JsonObject
            {
                ["name"] = "backend",
                ["domains"] = new JsonArray("*"),
                ["routes"] = new JsonArray(new JsonObject { ["match"] = new JsonObject { ["prefix"] = path }, ["route"] = action }),
            }),
        };
        return new JsonObject
        {
            ["address"] = Json.SocketAddress(Address, port),
            ["filter_chains"] = new JsonArray(new JsonObject
            {
                ["filters"] = new JsonArray(new JsonObject { ["name"] = "envoy.filters.network.http_connection_manager", ["typed_config"] = manager }),
            }),
        };
    }
}
