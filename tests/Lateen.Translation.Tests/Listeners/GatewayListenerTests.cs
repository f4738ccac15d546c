using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Resources.Networking;
using static Lateen.Translation.Tests.Rules;
using Listener = Envoy.Config.Listener.V3.Listener;

namespace Lateen.Translation.Tests.Listeners;

public sealed class GatewayListenerTests
{
    private static readonly ServerTlsSettings Simple = new() { Mode = ServerTlsMode.Simple, CredentialName = "cert" };

    private static ProxyConfiguration Configuration(Mesh mesh) => new(mesh.Build(), Nodes.Gateway());

    private static Mesh BehindService() => new Mesh().Service("istio-ingressgateway", "istio-system", "http2:80:8080", "https:443:8443")
        .Workload("istio-ingressgateway", "istio-system", "10.0.0.1").Service("a", "default", "http:80");

    [Fact]
    public void A_server_is_bound_at_the_target_port_of_the_gateways_service()
    {
        var listener = Assert.Single(Configuration(BehindService().Gateway("gw", "default", Server(80, "HTTP", ["*"]))).Listeners());
        Assert.Equal(("0.0.0.0_8080", 8080u), (listener.Name, listener.Address.SocketAddress.PortValue));
        var manager = Assert.Single(listener.Managers());
        Assert.Equal("http.8080", manager.Rds.RouteConfigName);
        Assert.True(manager.UseRemoteAddress);
        Assert.Equal(HttpConnectionManager.Types.ForwardClientCertDetails.SanitizeSet, manager.ForwardClientCertDetails);
        Assert.True(manager.SetCurrentClientCertDetails.Cert);
        Assert.Empty(listener.ListenerFilters);
    }

    [Fact]
    public void Plain_servers_of_several_gateways_share_a_listener()
    {
        var listeners = Configuration(BehindService()
            .Gateway("one", "default", Server(80, "HTTP", ["a.com"])).Gateway("two", "other", Server(80, "HTTP2", ["b.com"]))).Listeners();
        Assert.Single(Assert.Single(listeners).FilterChains);
    }

    [Fact]
    public void Https_servers_have_a_chain_each_by_server_name()
    {
        var configuration = Configuration(BehindService().Gateway("gw", "default",
            Server(443, "HTTPS", ["b.com", "a.com"], Simple, "named"),
            Server(443, "HTTPS", ["c.com"], Simple with { Mode = ServerTlsMode.Mutual, SubjectAltNames = ["x"], CredentialName = "mutual" })));
        var listener = Assert.Single(configuration.Listeners());
        Assert.Equal("0.0.0.0_8443", listener.Name);
        Assert.Equal([["a.com", "b.com"], ["c.com"]], listener.FilterChains.Select(chain => chain.FilterChainMatch.ServerNames.ToArray()));
        Assert.Equal(["https.443.https-443.gw.default", "https.443.https-443.gw.default"], listener.Managers()
            .Select(manager => manager.Rds.RouteConfigName));
        Assert.Equal(["named", "outbound_0.0.0.0_8443;"], listener.Managers().Select(manager => manager.StatPrefix));
        Assert.Equal("envoy.filters.listener.tls_inspector", Assert.Single(listener.ListenerFilters).Name);
        var (simple, mutual) = (Tls(listener.FilterChains[0]), Tls(listener.FilterChains[1]));
        Assert.Equal(["h2", "http/1.1"], simple.CommonTlsContext.AlpnProtocols);
        Assert.False(simple.RequireClientCertificate);
        var certificate = Assert.Single(simple.CommonTlsContext.TlsCertificateSdsSecretConfigs);
        Assert.Equal("kubernetes://cert", certificate.Name);
        Assert.NotNull(certificate.SdsConfig.Ads);
        Assert.Null(certificate.SdsConfig.InitialFetchTimeout);
        Assert.True(mutual.RequireClientCertificate);
        Assert.Equal("kubernetes://mutual-cacert", mutual.CommonTlsContext.CombinedValidationContext.ValidationContextSdsSecretConfig.Name);
        Assert.Equal(["kubernetes://cert", "kubernetes://mutual", "kubernetes://mutual-cacert"], configuration.SecretNames());
    }

    [Fact]
    public void A_server_for_every_host_matches_every_name() => Assert.Null(
        Assert.Single(Configuration(BehindService().Gateway("gw", "default", Server(443, "HTTPS", ["*"], Simple))).Listeners())
            .FilterChains[0].FilterChainMatch);

    [Fact]
    public void Tls_versions_and_ciphers_of_the_server()
    {
        var tls = Simple with { MinProtocolVersion = TlsProtocol.TlsV13, CipherSuites = ["ECDHE-RSA-AES128-GCM-SHA256"] };
        var parameters = Tls(Assert.Single(Configuration(BehindService().Gateway("gw", "default", Server(443, "HTTPS", ["*"], tls)))
            .Listeners())
            .FilterChains[0]).CommonTlsContext.TlsParams;
        Assert.Equal(TlsParameters.Types.TlsProtocol.Tlsv13, parameters.TlsMinimumProtocolVersion);
        Assert.Equal(["ECDHE-RSA-AES128-GCM-SHA256"], parameters.CipherSuites);
    }

    [Fact]
    public void What_conflicts_with_an_older_server_is_left_out_and_noted()
    {
        var configuration = Configuration(BehindService()
            .Gateway("old", "default", Server(80, "HTTP", ["*"]), Server(443, "HTTPS", ["x.com"], Simple))
            .Gateway("new", "default", Server(80, "TCP", ["*"]), Server(443, "HTTPS", ["x.com", "y.com"], Simple)));
        Assert.Equal(["0.0.0.0_8080", "0.0.0.0_8443"], configuration.Listeners().Select(listener => listener.Name));
        Assert.Single(configuration.Listeners()[1].FilterChains);
        Assert.Equal(2, configuration.Conflicts().Count);
        Assert.All(configuration.Conflicts(), note => Assert.Equal("new", note.Name));
        Assert.Contains("x.com", configuration.Conflicts()[1].Reason);
    }

    [Fact]
    public void Servers_on_different_addresses_coexist()
    {
        var listeners = Configuration(new Mesh().Gateway("gw", "default",
            Server(8080, "HTTP", ["*"]), Server(8080, "HTTP", ["*"]) with { Bind = "10.0.0.1" })).Listeners();
        Assert.Equal(["0.0.0.0_8080", "10.0.0.1_8080"], listeners.Select(listener => listener.Name));
        Assert.Equal(["http.8080", "http.8080.10.0.0.1"], listeners.SelectMany(listener => listener.Managers())
            .Select(manager => manager.Rds.RouteConfigName));
    }

    [Fact]
    public void Passthrough_goes_by_the_server_names_of_tls_routes()
    {
        var mesh = BehindService().Gateway("gw", "default", Server(443, "TLS", ["*.com"], new ServerTlsSettings()))
            .VirtualService("vs", new VirtualServiceSpec
            {
                Hosts = ["a.com"],
                Gateways = ["default/gw"],
                Tls = [new TlsRoute { Match = [new TlsMatchAttributes { SniHosts = ["a.com"], Port = 443 }], Route = [To("a.default.svc.cluster.local")] }],
            });
        var chain = Assert.Single(Assert.Single(Configuration(mesh).Listeners()).FilterChains);
        Assert.Equal(["a.com"], chain.FilterChainMatch.ServerNames);
        Assert.Null(chain.TransportSocket);
        Assert.Equal("outbound|80||a.default.svc.cluster.local", chain.TcpProxy().Cluster);

        static RouteDestination To(string host) => new() { Destination = new Destination { Host = host } };
    }

    [Fact]
    public void Tcp_goes_to_the_first_tcp_route_and_is_no_listener_without_one()
    {
        var mesh = BehindService().Gateway("gw", "default", Server(9000, "TCP", ["*"]));
        Assert.Empty(Configuration(mesh).Listeners());
        mesh.VirtualService("vs", new VirtualServiceSpec
        {
            Hosts = ["*"],
            Gateways = ["default/gw"],
            Tcp = [new TcpRoute { Route = [new RouteDestination { Destination = new Destination { Host = "a.default.svc.cluster.local" } }] }],
        });
        var listener = Assert.Single(Configuration(mesh).Listeners());
        Assert.Equal("0.0.0.0_9000", listener.Name);
        Assert.Equal("outbound|80||a.default.svc.cluster.local", Assert.Single(listener.TcpProxies()).Cluster);
    }

    [Fact]
    public void A_gateway_that_is_not_selected_has_nothing()
    {
        var node = Nodes.Gateway() with { Labels = [] };
        Assert.Empty(new ProxyConfiguration(BehindService().Gateway("gw", "default", Server(80, "HTTP", ["*"])).Build(), node).Listeners());
    }

    private static DownstreamTlsContext Tls(FilterChain chain) => chain.TransportSocket.TypedConfig.Unpack<DownstreamTlsContext>();
}
