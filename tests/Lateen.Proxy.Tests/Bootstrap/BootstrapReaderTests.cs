using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Tests.Bootstrap;

public sealed class BootstrapReaderTests
{
    private const string Yaml =
        """
        node: { id: n1, cluster: c1, metadata: { LABELS: { app: x }, N: 3, S: "3", B: true, L: [a, 1] } }
        admin:
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        static_resources:
          clusters:
          - name: backend
            connect_timeout: 0.25s
            type: STRICT_DNS
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
          listeners:
          - name: l
            address: { socket_address: { address: 0.0.0.0, portValue: 8080 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: x
                  stream_idle_timeout: 5s
                  http_filters:
                  - name: other
                    typed_config: { "@type": type.googleapis.com/example.Unknown, level: 3 }
        """;

    [Fact]
    public void Yaml_becomes_the_message()
    {
        var bootstrap = BootstrapReader.Read(new BootstrapOptions { ConfigYaml = Yaml });
        Assert.Equal("n1", bootstrap.Node.Id);
        Assert.Equal(3, bootstrap.Node.Metadata.Fields["N"].NumberValue);
        Assert.Equal("3", bootstrap.Node.Metadata.Fields["S"].StringValue);
        Assert.True(bootstrap.Node.Metadata.Fields["B"].BoolValue);
        Assert.Equal(1, bootstrap.Node.Metadata.Fields["L"].ListValue.Values[1].NumberValue);
        var cluster = Assert.Single(bootstrap.StaticResources.Clusters);
        Assert.Equal(TimeSpan.FromMilliseconds(250), cluster.ConnectTimeout.ToTimeSpan());
        Assert.Equal(Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.StrictDns, cluster.Type);
        Assert.Single(cluster.TypedExtensionProtocolOptions);
        var listener = Assert.Single(bootstrap.StaticResources.Listeners);
        Assert.Equal(8080u, listener.Address.SocketAddress.PortValue);
        var manager = listener.FilterChains[0].Filters[0].TypedConfig.Unpack<HttpConnectionManager>();
        Assert.Equal("x", manager.StatPrefix);
        var unknown = manager.HttpFilters[0].TypedConfig.Unpack<global::Xds.Type.V3.TypedStruct>();
        Assert.Equal("type.googleapis.com/example.Unknown", unknown.TypeUrl);
        Assert.Equal(3, unknown.Value.Fields["level"].NumberValue);
    }

    [Fact]
    public void Json_reads_the_same() => Assert.Equal(
        "a", BootstrapReader.Read(new BootstrapOptions { ConfigYaml = """{"static_resources":{"clusters":[{"name":"a"}]}}""" })
            .StaticResources.Clusters[0].Name);

    [Fact]
    public void The_command_line_overrides_the_node()
    {
        var options = new BootstrapOptions { ConfigYaml = Yaml, ServiceNode = "n2", ServiceCluster = "c2", ServiceZone = "z" };
        var node = BootstrapReader.Read(options).Node;
        Assert.Equal(("n2", "c2", "z"), (node.Id, node.Cluster, node.Locality.Zone));
    }

    [Fact]
    public void Config_yaml_is_merged_over_the_file()
    {
        var path = Path.Combine(Path.GetTempPath(), $"bootstrap-{Guid.NewGuid():N}.yaml");
        File.WriteAllText(path, Yaml);
        try
        {
            var bootstrap = BootstrapReader.Read(new BootstrapOptions { ConfigPath = path, ConfigYaml = "node: { cluster: other }" });
            Assert.Equal(("n1", "other"), (bootstrap.Node.Id, bootstrap.Node.Cluster));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("admin:\n  adress: {}", "--config-yaml:2:3: admin.adress: no such field in envoy.config.bootstrap.v3.Admin; did you mean 'address'?")]
    [InlineData("node: []", "--config-yaml:1:7: node: expected an object (envoy.config.core.v3.Node)")]
    [InlineData("static_resources:\n  clusters: {}", "static_resources.clusters: expected a list")]
    [InlineData("static_resources:\n  clusters:\n  - name: a\n    type: NOPE", "--config-yaml:4:11: static_resources.clusters[0].type: expected a DiscoveryType")]
    [InlineData("static_resources:\n  clusters:\n  - connect_timeout: soon", "--config-yaml:3:22: static_resources.clusters[0].connect_timeout: expected a duration, got 'soon'")]
    [InlineData("stats_flush_interval: 1s\nnode:\n  locality: {zone: [a]}", "--config-yaml:3:20: node.locality.zone: expected a string")]
    [InlineData("enable_dispatcher_stats: \"true\"", "enable_dispatcher_stats: expected a bool")]
    [InlineData("node: {", "--config-yaml:2:1: ")]
    [InlineData("static_resources: {clusters: [{name: a}, {name: a}]}", "static_resources.clusters: duplicate name 'a'")]
    [InlineData("dynamic_resources: {cds_config: {ads: {}}}", "node: node 'id' and 'cluster' are required")]
    [InlineData(
        "static_resources:\n  listeners:\n  - filter_chains:\n    - filters:\n      - typed_config:\n          '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n          bad: 1",
        "--config-yaml:7:11: static_resources.listeners[0].filter_chains[0].filters[0].typed_config.bad: no such field in envoy.extensions.filters.http.router.v3.Router")]
    public void Errors_name_the_place(string yaml, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => BootstrapReader.Read(new BootstrapOptions { ConfigYaml = yaml }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<ConfigurationException>(() => BootstrapReader.Read(new BootstrapOptions { ConfigPath = "/no/such.yaml" }));
        Assert.StartsWith("/no/such.yaml: cannot be read", error.Message, StringComparison.Ordinal);
    }
}
