using Envoy.Config.Cluster.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Extensions.Upstreams.Http.V3;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;
using static Lateen.Translation.Tests.Rules;
using DiscoveryType = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType;
using LbPolicy = Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy;
using OutlierDetection = Lateen.Resources.Networking.OutlierDetection;

namespace Lateen.Translation.Tests.Clusters;

public sealed class OutboundClusterTests
{
    private const string A = "a.default.svc.cluster.local";

    private static Cluster Cluster(Mesh mesh, string name = "outbound|80||" + A, ProxyNode? node = null) =>
        new ProxyConfiguration(mesh.Build(), node ?? Nodes.Sidecar()).Clusters().Single(cluster => cluster.Name == name);

    private static Cluster WithPolicy(TrafficPolicy policy, string port = "http:80") =>
        Cluster(new Mesh().Service("a", "default", port).Workload("a", "default", "10.0.0.2").DestinationRule("a", A, policy));

    private static HttpProtocolOptions? Options(Cluster cluster) =>
        cluster.TypedExtensionProtocolOptions.TryGetValue("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", out var options)
            ? options.Unpack<HttpProtocolOptions>() : null;

    private static UpstreamTlsContext Tls(Cluster cluster) => cluster.TransportSocket.TypedConfig.Unpack<UpstreamTlsContext>();

    [Fact]
    public void Defaults()
    {
        var cluster = WithPolicy(new TrafficPolicy());
        Assert.Equal(DiscoveryType.Eds, cluster.Type);
        Assert.Equal(cluster.Name + ";", cluster.AltStatName);
        Assert.Equal(LbPolicy.LeastRequest, cluster.LbPolicy);
        Assert.Equal(10, cluster.ConnectTimeout.Seconds);
        var limits = Assert.Single(cluster.CircuitBreakers.Thresholds);
        Assert.All([limits.MaxConnections, limits.MaxPendingRequests, limits.MaxRequests, limits.MaxRetries], limit =>
            Assert.Equal(uint.MaxValue, limit));
        Assert.Equal(0, cluster.CommonLbConfig.HealthyPanicThreshold.Value);
        Assert.Null(cluster.OutlierDetection);
        Assert.Equal("istio.metadata_exchange", Assert.Single(cluster.Filters).Name);
        Assert.Null(Options(cluster));
        Assert.Equal("/apis/networking.istio.io/v1/namespaces/default/destination-rule/a",
            cluster.Metadata.FilterMetadata["istio"].Fields["config"].StringValue);
    }

    [Fact]
    public void Every_port_and_subset_has_a_cluster()
    {
        var mesh = new Mesh().Service("a", "default", "http:80", "grpc:90", "tcp:100")
            .DestinationRule("a", A, subsets: [Subset("v1"), Subset("v2")]);
        Assert.Equal(
            [
                "outbound|80||" + A, "outbound|80|v1|" + A, "outbound|80|v2|" + A, "outbound|90||" + A, "outbound|90|v1|" + A,
                "outbound|90|v2|" + A, "outbound|100||" + A, "outbound|100|v1|" + A, "outbound|100|v2|" + A,
                "BlackHoleCluster", "PassthroughCluster", "InboundPassthroughCluster",
            ],
            new ProxyConfiguration(mesh.Build(), Nodes.Sidecar()).Clusters().Select(cluster => cluster.Name));
    }

    [Fact]
    public void Gateways_have_no_passthrough() => Assert.Equal(
        ["BlackHoleCluster"], new ProxyConfiguration(new Mesh().Build(), Nodes.Gateway()).Clusters().Select(cluster => cluster.Name));

    [Fact]
    public void Connection_pool()
    {
        var cluster = WithPolicy(new TrafficPolicy
        {
            ConnectionPool = new ConnectionPoolSettings
            {
                Tcp = new TcpSettings
                {
                    MaxConnections = 5,
                    ConnectTimeout = Duration.FromSeconds(2),
                    MaxConnectionDuration = Duration.FromSeconds(60),
                    IdleTimeout = Duration.FromSeconds(7),
                    TcpKeepalive = new TcpKeepalive { Probes = 3, Time = Duration.FromSeconds(4), Interval = Duration.FromSeconds(5) },
                },
                Http = new HttpSettings
                {
                    Http1MaxPendingRequests = 6,
                    Http2MaxRequests = 7,
                    MaxRetries = 8,
                    MaxRequestsPerConnection = 9,
                    IdleTimeout = Duration.FromSeconds(8),
                },
            },
        });
        var limits = cluster.CircuitBreakers.Thresholds[0];
        Assert.Equal([5u, 6u, 7u, 8u], [limits.MaxConnections, limits.MaxPendingRequests, limits.MaxRequests, limits.MaxRetries]);
        Assert.Equal(2, cluster.ConnectTimeout.Seconds);
        var keepalive = cluster.UpstreamConnectionOptions.TcpKeepalive;
        Assert.Equal([3u, 4u, 5u], [keepalive.KeepaliveProbes, keepalive.KeepaliveTime, keepalive.KeepaliveInterval]);
        var common = Options(cluster)!.CommonHttpProtocolOptions;
        Assert.Equal((8, 60, 9u), (common.IdleTimeout.Seconds, common.MaxConnectionDuration.Seconds, common.MaxRequestsPerConnection!.Value));
        Assert.NotNull(Options(cluster)!.ExplicitHttpConfig.HttpProtocolOptions);
    }

    [Fact]
    public void Outlier_detection()
    {
        var outlier = WithPolicy(new TrafficPolicy
        {
            OutlierDetection = new OutlierDetection
            {
                Consecutive5xxErrors = 0,
                ConsecutiveGatewayErrors = 3,
                Interval = Duration.FromSeconds(5),
                BaseEjectionTime = Duration.FromSeconds(15),
                MaxEjectionPercent = 100,
                MinHealthPercent = 20,
            },
        });
        var result = outlier.OutlierDetection;
        Assert.Equal((0u, 0u), (result.Consecutive5Xx!.Value, result.EnforcingConsecutive5Xx!.Value));
        Assert.Equal((3u, 100u), (result.ConsecutiveGatewayFailure!.Value, result.EnforcingConsecutiveGatewayFailure!.Value));
        Assert.Equal((0u, 100u), (result.EnforcingSuccessRate!.Value, result.MaxEjectionPercent!.Value));
        Assert.Equal(20, outlier.CommonLbConfig.HealthyPanicThreshold.Value);
        Assert.Null(WithPolicy(new TrafficPolicy { OutlierDetection = new OutlierDetection() }).OutlierDetection.Consecutive5Xx);
    }

    [Theory]
    [InlineData(SimpleLoadBalancer.Unspecified, LbPolicy.LeastRequest)]
    [InlineData(SimpleLoadBalancer.LeastConn, LbPolicy.LeastRequest)]
    [InlineData(SimpleLoadBalancer.Random, LbPolicy.Random)]
    [InlineData(SimpleLoadBalancer.RoundRobin, LbPolicy.RoundRobin)]
    [InlineData(SimpleLoadBalancer.Passthrough, LbPolicy.ClusterProvided)]
    public void Simple_load_balancers(SimpleLoadBalancer simple, LbPolicy expected)
    {
        var cluster = WithPolicy(new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { Simple = simple } });
        Assert.Equal(expected, cluster.LbPolicy);
        Assert.Equal(expected == LbPolicy.ClusterProvided ? DiscoveryType.OriginalDst : DiscoveryType.Eds, cluster.Type);
        Assert.Equal(expected == LbPolicy.ClusterProvided, cluster.EdsClusterConfig is null);
    }

    [Fact]
    public void Consistent_hash_is_a_ring_unless_maglev_is_asked_for()
    {
        var header = new ConsistentHashLoadBalancer { HttpHeaderName = "x" };
        var ring = WithPolicy(new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { ConsistentHash = header } });
        Assert.Equal((LbPolicy.RingHash, 1024ul), (ring.LbPolicy, ring.RingHashLbConfig.MinimumRingSize!.Value));
        var maglev = header with { Maglev = new Maglev { TableSize = 101 } };
        var cluster = WithPolicy(new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { ConsistentHash = maglev } });
        Assert.Equal((LbPolicy.Maglev, 101ul), (cluster.LbPolicy, cluster.MaglevLbConfig.TableSize!.Value));
    }

    [Theory]
    [InlineData("http:80", "")]
    [InlineData("grpc:80", "http2")]
    [InlineData("http2:80", "http2")]
    [InlineData("web:80", "client")]
    [InlineData("tcp:80", "")]
    public void Upstream_protocol_by_port(string port, string expected)
    {
        var options = Options(WithPolicy(new TrafficPolicy(), port));
        var actual = options?.ExplicitHttpConfig?.Http2ProtocolOptions is not null ? "http2" : options?.UseDownstreamProtocolConfig is not null ? "client" : "";
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Http2_upgrade_of_the_user()
    {
        var upgrade = new TrafficPolicy
        {
            ConnectionPool = new ConnectionPoolSettings { Http = new HttpSettings { H2UpgradePolicy = H2UpgradePolicy.Upgrade, MaxConcurrentStreams = 50 } },
        };
        Assert.Equal(50u, Options(WithPolicy(upgrade))!.ExplicitHttpConfig.Http2ProtocolOptions.MaxConcurrentStreams);
    }

    [Fact]
    public void Auto_mutual_tls_follows_each_endpoint()
    {
        var cluster = WithPolicy(new TrafficPolicy());
        Assert.Equal(["tlsMode-istio", "tlsMode-disabled"], cluster.TransportSocketMatches.Select(match => match.Name));
        var tls = cluster.TransportSocketMatches[0].TransportSocket.TypedConfig.Unpack<UpstreamTlsContext>();
        Assert.Equal("outbound_.80_._." + A, tls.Sni);
        Assert.Equal(["istio-peer-exchange", "istio"], tls.CommonTlsContext.AlpnProtocols);
        Assert.Equal("spiffe://cluster.local/ns/default/sa/a",
            Assert.Single(tls.CommonTlsContext.CombinedValidationContext.DefaultValidationContext.MatchSubjectAltNames).Exact);
        Assert.Equal("istio", cluster.TransportSocketMatches[0].Match.Fields["tlsMode"].StringValue);
    }

    [Fact]
    public void Auto_mutual_tls_is_off_for_disabled_namespaces_and_external_services()
    {
        var mesh = new Mesh().Service("a", "default", "http:80").External("x.com", Resolution.ClientSideLb, "http:80")
            .PeerAuthentication("p", "default", MutualTlsMode.Disable);
        Assert.Empty(Cluster(mesh).TransportSocketMatches);
        Assert.Empty(Cluster(mesh, "outbound|80||x.com").TransportSocketMatches);
        mesh = new Mesh { Settings = MeshSettings.Default with { EnableAutoMtls = false } };
        Assert.Empty(Cluster(mesh.Service("a", "default", "http:80")).TransportSocketMatches);
    }

    [Fact]
    public void Tls_of_the_user()
    {
        Assert.Null(WithPolicy(new TrafficPolicy { Tls = new ClientTlsSettings() }).TransportSocket);
        var mutual = WithPolicy(new TrafficPolicy { Tls = new ClientTlsSettings { Mode = ClientTlsMode.IstioMutual } });
        Assert.Empty(mutual.TransportSocketMatches);
        Assert.Equal("outbound_.80_._." + A, Tls(mutual).Sni);
        var simple = WithPolicy(new TrafficPolicy { Tls = new ClientTlsSettings { Mode = ClientTlsMode.Simple } });
        Assert.Equal("file-root:system", Tls(simple).CommonTlsContext.CombinedValidationContext.ValidationContextSdsSecretConfig.Name);
        Assert.Equal("false", simple.Metadata.FilterMetadata["istio"].Fields["alpn_override"].StringValue);
        Assert.True(Options(simple)!.UpstreamHttpProtocolOptions.AutoSni);
        var files = Tls(WithPolicy(new TrafficPolicy
        {
            Tls = new ClientTlsSettings
            {
                Mode = ClientTlsMode.Mutual,
                ClientCertificate = "/c",
                PrivateKey = "/k",
                CaCertificates = "/ca",
                Sni = "s",
                SubjectAltNames = ["n"],
            },
        }));
        Assert.Equal("file-cert:/c~/k", files.CommonTlsContext.TlsCertificateSdsSecretConfigs[0].Name);
        Assert.Equal("file-root:/ca", files.CommonTlsContext.CombinedValidationContext.ValidationContextSdsSecretConfig.Name);
        Assert.Equal("s", files.Sni);
    }

    [Fact]
    public void Credentials_by_name_are_for_gateways()
    {
        var mesh = new Mesh().Service("a", "default", "http:80").DestinationRule("a", A, new TrafficPolicy
        {
            Tls = new ClientTlsSettings { Mode = ClientTlsMode.Mutual, CredentialName = "client" },
        });
        Assert.Equal("kubernetes://client", Tls(Cluster(mesh, node: Nodes.Gateway()))
            .CommonTlsContext.TlsCertificateSdsSecretConfigs[0].Name);
        Assert.Empty(Tls(Cluster(mesh)).CommonTlsContext.TlsCertificateSdsSecretConfigs);
    }

    [Fact]
    public void Dns_services_carry_their_endpoints_and_are_nothing_without()
    {
        var mesh = new Mesh().External("x.com", Resolution.DnsLb, "http:80", "http:81").Endpoint("x.com", "backend.x.com", 8080, 80);
        var cluster = Cluster(mesh, "outbound|80||x.com");
        Assert.Equal((DiscoveryType.StrictDns, true, 60), (cluster.Type, cluster.RespectDnsTtl, (int)cluster.DnsRefreshRate.Seconds));
        Assert.Equal("backend.x.com", cluster.LoadAssignment.Endpoints[0].LbEndpoints[0].Endpoint.Address.SocketAddress.Address);
        Assert.Equal(Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily.V4Only, cluster.DnsLookupFamily);
        var clusters = new ProxyConfiguration(mesh.Build(), Nodes.Sidecar()).Clusters();
        Assert.DoesNotContain(clusters, other => other.Name == "outbound|81||x.com");
    }

    [Fact]
    public void Headless_services_go_to_the_original_destination_where_traffic_is_captured()
    {
        var mesh = new Mesh().Service("a", "default", service => service with { Resolution = Resolution.Passthrough }, "http:80")
            .Workload("a", "default", "10.0.0.2");
        var cluster = Cluster(mesh);
        Assert.Equal((DiscoveryType.OriginalDst, LbPolicy.ClusterProvided), (cluster.Type, cluster.LbPolicy));
        Assert.Equal("outbound_.80_._." + A, Tls(cluster).Sni);
        Assert.Equal(DiscoveryType.Eds, Cluster(mesh, node: Nodes.Gateway()).Type);
        Assert.Equal(DiscoveryType.Eds, Cluster(mesh, node: Nodes.Sidecar(mode: InterceptionMode.None)).Type);
    }

    [Fact]
    public void Inbound_clusters_with_and_without_capture()
    {
        var mesh = new Mesh().Service("a", "default", "http:80:8080")
            .Workload("a", "default", "10.0.0.9", change: workload => workload with { ApplicationAddress = "127.0.2.9" });
        var captured = Cluster(mesh, "inbound|8080||");
        Assert.Equal((DiscoveryType.OriginalDst, "127.0.0.6"), (captured.Type, captured.UpstreamBindConfig.SourceAddress.Address));
        Assert.Equal(9_223_372_035, captured.CleanupInterval.Seconds);
        var bound = Cluster(mesh, "inbound|8080||", Nodes.Sidecar(mode: InterceptionMode.None));
        var address = bound.LoadAssignment.Endpoints[0].LbEndpoints[0].Endpoint.Address.SocketAddress;
        Assert.Equal((DiscoveryType.Static, "127.0.2.9", 8080u), (bound.Type, address.Address, address.PortValue));
    }
}
