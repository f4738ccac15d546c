using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Resources.Security;

namespace Lateen.Translation.Tests.Listeners;

/// <summary>The inbound chains of workload "app" at 10.0.0.9, whose service has a port 80 at 8080.</summary>
public sealed class InboundListenerTests
{
    private const string Name = "0.0.0.0_8080";
    private const string MutualHttp = "istio-http/1.0,istio-http/1.1,istio-h2";
    private const string Mutual = "istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2";
    private const string PlainHttp = "http/1.1,h2c";

    private static Listener Inbound(
        string port, MutualTlsMode mode, InterceptionMode interception = InterceptionMode.Redirect, Func<Mesh, Mesh>? change = null)
    {
        var mesh = new Mesh().Service("app", "default", $"{port}:80:8080").Workload("app", "default", "10.0.0.9")
            .PeerAuthentication("p", "default", mode);
        return new ProxyConfiguration((change?.Invoke(mesh) ?? mesh).Build(), Nodes.Sidecar(app: "app", mode: interception)).Listeners()
            .Single(listener => listener.TrafficDirection == TrafficDirection.Inbound);
    }

    /// <summary>A chain as <c>http|tcp mtls|plain|opaque transport [alpn]</c>.</summary>
    private static string Shape(FilterChain chain)
    {
        var kind = chain.Filters[^1].Name == "envoy.filters.network.tcp_proxy" ? "tcp" : "http";
        var transport = chain.FilterChainMatch.TransportProtocol;
        var security = chain.TransportSocket is not null ? "mtls" : transport == "tls" ? "opaque" : "plain";
        return $"{kind} {security} {transport} [{string.Join(',', chain.FilterChainMatch.ApplicationProtocols)}]";
    }

    public static TheoryData<MutualTlsMode, string, string[]> Chains => new()
    {
        { MutualTlsMode.Permissive, "http", [$"http mtls tls [{Mutual}]", "http plain raw_buffer []"] },
        { MutualTlsMode.Permissive, "tcp", [$"tcp mtls tls [{Mutual}]", "tcp opaque tls []", "tcp plain raw_buffer []"] },
        {
            MutualTlsMode.Permissive, "web",
            [
                $"http mtls tls [{MutualHttp}]", $"http plain raw_buffer [{PlainHttp}]", "tcp mtls tls [istio-peer-exchange,istio]",
                "tcp plain raw_buffer []", "tcp opaque tls []",
            ]
        },
        { MutualTlsMode.Strict, "http", ["http mtls tls []"] },
        { MutualTlsMode.Strict, "tcp", ["tcp mtls tls []"] },
        { MutualTlsMode.Strict, "web", [$"http mtls tls [{MutualHttp}]", "tcp mtls tls []"] },
        { MutualTlsMode.Disable, "http", ["http plain raw_buffer []"] },
        { MutualTlsMode.Disable, "tcp", ["tcp plain raw_buffer []"] },
        { MutualTlsMode.Disable, "web", [$"http plain raw_buffer [{PlainHttp}]", "tcp plain raw_buffer []"] },
        { MutualTlsMode.Unset, "http", [$"http mtls tls [{Mutual}]", "http plain raw_buffer []"] },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void Chains_by_mode_and_protocol(MutualTlsMode mode, string port, string[] expected)
    {
        var chains = Inbound(port, mode).FilterChains.Where(chain => chain.FilterChainMatch.DestinationPort == 8080).ToList();
        Assert.Equal(expected, chains.Select(Shape));
        Assert.All(chains, chain => Assert.Equal(Name, chain.Name));
        Assert.All(chains, chain => Assert.Equal("istio.metadata_exchange", chain.Filters[0].Name));
        Assert.Equal(expected, Inbound(port, mode, InterceptionMode.None).FilterChains.Select(Shape));
    }

    [Fact]
    public void Virtual_inbound_has_blackhole_then_passthrough_then_ports()
    {
        var listener = Inbound("http", MutualTlsMode.Strict, change: mesh => mesh.Service("app2", "default", service => service with
        {
            Selector = new Dictionary<string, string> { ["app"] = "late" },
        }, "http:90"));
        Assert.Equal("virtualInbound", listener.Name);
        Assert.Equal(15006u, listener.Address.SocketAddress.PortValue);
        Assert.Equal(
            ["virtualInbound-blackhole", "virtualInbound-catchall-http", "virtualInbound", Name],
            listener.FilterChains.Select(chain => chain.Name));
        Assert.Equal([15006u, null, null, 8080u], listener.FilterChains.Select(chain => chain.FilterChainMatch.DestinationPort));
        Assert.Equal("BlackHoleCluster", listener.FilterChains[0].TcpProxy().Cluster);
        Assert.Equal("InboundPassthroughCluster", listener.FilterChains[2].TcpProxy().Cluster);
        Assert.True(listener.ContinueOnListenerFiltersTimeout);
        Assert.Equal(1u, listener.MaxConnectionsToAcceptPerSocketEvent);
    }

    [Fact]
    public void Inspectors_are_off_where_they_are_not_needed()
    {
        var permissive = Inbound("http", MutualTlsMode.Permissive);
        Assert.Equal(
            ["envoy.filters.listener.original_dst", "envoy.filters.listener.tls_inspector", "envoy.filters.listener.http_inspector"],
            permissive.ListenerFilters.Select(filter => filter.Name));
        Assert.Null(permissive.ListenerFilters[1].FilterDisabled);
        var range = permissive.ListenerFilters[2].FilterDisabled.DestinationPortRange;
        Assert.Equal((8080, 8081), (range.Start, range.End));
    }

    [Fact]
    public void Where_only_some_ports_speak_tls_the_inspector_is_on_for_them_alone()
    {
        var listener = Inbound("http", MutualTlsMode.Disable, change: mesh => mesh.PeerAuthentication(
            "w", "default", MutualTlsMode.Disable, new() { ["app"] = "app" }, new() { ["8080"] = new MutualTls { Mode = MutualTlsMode.Strict } }));
        var tls = listener.ListenerFilters.Single(filter => filter.Name == "envoy.filters.listener.tls_inspector");
        Assert.Equal(8080, tls.FilterDisabled.NotMatch.DestinationPortRange.Start);
    }

    [Fact]
    public void A_workloads_policy_beats_the_namespaces_and_ports_beat_both()
    {
        var listener = Inbound("http", MutualTlsMode.Strict, change: mesh => mesh.PeerAuthentication(
            "w", "default", MutualTlsMode.Permissive, new() { ["app"] = "app" },
            new() { ["8080"] = new MutualTls { Mode = MutualTlsMode.Disable }, ["9000"] = new MutualTls { Mode = MutualTlsMode.Strict } }));
        Assert.Equal("http plain raw_buffer []", Shape(listener.FilterChains.Single(chain =>
            chain.FilterChainMatch.DestinationPort == 8080)));
        Assert.Equal(2, listener.FilterChains.Count(chain => chain.FilterChainMatch.DestinationPort == 9000));
        Assert.Equal(5, listener.FilterChains.Count(chain => chain.FilterChainMatch.DestinationPort is null));
    }

    [Fact]
    public void Of_two_services_on_one_target_port_the_older_decides()
    {
        var mesh = new Mesh().Service("old", "default", Select, "tcp:90:8080").Service("app", "default", "http:80:8080")
            .Workload("app", "default", "10.0.0.9");
        var listener = new ProxyConfiguration(mesh.Build(), Nodes.Sidecar(app: "app", mode: InterceptionMode.None)).Listeners()
            .Single(candidate => candidate.TrafficDirection == TrafficDirection.Inbound);
        Assert.All(listener.FilterChains, chain => Assert.StartsWith("tcp", Shape(chain)));

        static Registry.Service Select(Registry.Service service) =>
            service with { Selector = new Dictionary<string, string> { ["app"] = "app" } };
    }

    [Fact]
    public void Without_capture_every_port_is_really_bound_at_the_proxys_address()
    {
        var listener = Inbound("http", MutualTlsMode.Strict, InterceptionMode.None);
        Assert.Equal("10.0.0.9_8080", listener.Name);
        Assert.Equal(("10.0.0.9", 8080u), (listener.Address.SocketAddress.Address, listener.Address.SocketAddress.PortValue));
        Assert.True(listener.BindToPort);
        Assert.Equal(["envoy.filters.listener.tls_inspector"], listener.ListenerFilters.Select(filter => filter.Name));
    }

    [Fact]
    public void The_connection_manager_of_a_port_is_istios()
    {
        var manager = Inbound("http", MutualTlsMode.Strict).FilterChains[^1].Manager();
        Assert.Equal("inbound_0.0.0.0_8080;", manager.StatPrefix);
        Assert.Equal("istio-envoy", manager.ServerName);
        Assert.False(manager.UseRemoteAddress);
        Assert.Equal(HttpConnectionManager.Types.ForwardClientCertDetails.AppendForward, manager.ForwardClientCertDetails);
        var host = Assert.Single(manager.RouteConfig.VirtualHosts);
        Assert.Equal(("inbound|8080||", "inbound|http|80", "*"), (manager.RouteConfig.Name, host.Name, host.Domains[0]));
        Assert.Equal("reset-before-request", host.Routes[0].Route_.RetryPolicy.RetryOn);
        Assert.Equal("app.default.svc.cluster.local:80/*", host.Routes[0].Decorator.Operation);
        Assert.Null(Inbound("grpc", MutualTlsMode.Strict).FilterChains[^1].Manager()
            .RouteConfig.VirtualHosts[0].Routes[0].Route_.RetryPolicy);
        Assert.NotNull(Inbound("grpc", MutualTlsMode.Strict).FilterChains[^1].Manager().Http2ProtocolOptions);
    }

    [Fact]
    public void Mutual_tls_takes_only_clients_of_the_trust_domains()
    {
        var chain = Inbound("http", MutualTlsMode.Strict, change: mesh =>
        {
            mesh.Settings = mesh.Settings with { TrustDomain = "new.td", TrustDomainAliases = ["old.td"] };
            return mesh;
        }).FilterChains[^1];
        var tls = chain.TransportSocket.TypedConfig.Unpack<DownstreamTlsContext>();
        Assert.True(tls.RequireClientCertificate);
        Assert.Equal(["h2", "http/1.1"], tls.CommonTlsContext.AlpnProtocols);
        Assert.Equal("default", Assert.Single(tls.CommonTlsContext.TlsCertificateSdsSecretConfigs).Name);
        Assert.Equal("ROOTCA", tls.CommonTlsContext.CombinedValidationContext.ValidationContextSdsSecretConfig.Name);
        Assert.Equal(
            ["spiffe://new.td/", "spiffe://old.td/"],
            tls.CommonTlsContext.CombinedValidationContext.DefaultValidationContext.MatchSubjectAltNames.Select(name => name.Prefix));
    }

    [Fact]
    public void Before_the_workload_is_known_there_are_no_ports()
    {
        var listeners = new ProxyConfiguration(new Mesh().Build(), Nodes.Sidecar(mode: InterceptionMode.None)).Listeners();
        Assert.Equal("10.0.0.9_15080", Assert.Single(listeners).Name);
    }
}
