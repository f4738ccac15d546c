using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using static Lateen.Translation.Tests.Rules;
using Listener = Envoy.Config.Listener.V3.Listener;

namespace Lateen.Translation.Tests.Listeners;

public sealed class OutboundListenerTests
{
    private static IReadOnlyList<Listener> Listeners(Mesh mesh, ProxyNode? node = null) =>
        [.. new ProxyConfiguration(mesh.Build(), node ?? Nodes.Sidecar()).Listeners()
            .Where(listener => listener.TrafficDirection == TrafficDirection.Outbound)];

    private static Listener Named(Mesh mesh, string name) => Listeners(mesh).Single(listener => listener.Name == name);

    [Fact]
    public void Http_services_share_a_wildcard_listener_per_port()
    {
        var listener = Named(new Mesh().Service("a", "default", "http:80").Service("b", "default", "http:80"), "0.0.0.0_80");
        var chain = Assert.Single(listener.FilterChains);
        Assert.Equal("80", chain.Manager().Rds.RouteConfigName);
        Assert.Equal("outbound_0.0.0.0_80;", chain.Manager().StatPrefix);
        Assert.Equal("raw_buffer", chain.FilterChainMatch.TransportProtocol);
        Assert.Equal(["http/1.1", "h2c"], chain.FilterChainMatch.ApplicationProtocols);
        Assert.Equal("PassthroughFilterChain", listener.DefaultFilterChain.Name);
        Assert.Equal("PassthroughCluster", listener.DefaultFilterChain.TcpProxy().Cluster);
        Assert.False(listener.BindToPort);
        Assert.Equal(["envoy.filters.listener.http_inspector"], listener.ListenerFilters.Select(filter => filter.Name));
        Assert.Equal(15, chain.TransportSocketConnectTimeout.Seconds);
    }

    [Fact]
    public void Tcp_services_are_bound_to_their_own_address()
    {
        var listener = Named(new Mesh().Service("db", "default", "tcp:5432"), "10.96.0.1_5432");
        var chain = Assert.Single(listener.FilterChains);
        Assert.Null(chain.FilterChainMatch);
        Assert.Null(listener.DefaultFilterChain);
        Assert.Equal("outbound|5432||db.default.svc.cluster.local", chain.TcpProxy().Cluster);
        Assert.Empty(listener.ListenerFilters);
    }

    [Fact]
    public void Detected_ports_have_tcp_as_the_default_and_http_by_protocol()
    {
        var listener = Named(new Mesh().Service("a", "default", "web:80"), "10.96.0.1_80");
        Assert.Equal("a.default.svc.cluster.local:80", Assert.Single(listener.FilterChains).Manager().Rds.RouteConfigName);
        Assert.Equal("outbound|80||a.default.svc.cluster.local", listener.DefaultFilterChain.TcpProxy().Cluster);
    }

    [Fact]
    public void Tcp_and_http_on_one_wildcard_port_merge()
    {
        var mesh = new Mesh().Service("h", "default", "http:80").External("tcp.example.com", Resolution.DnsLb, "tcp:80");
        var listener = Named(mesh, "0.0.0.0_80");
        Assert.Equal("80", Assert.Single(listener.FilterChains).Manager().Rds.RouteConfigName);
        Assert.Equal("outbound|80||tcp.example.com", listener.DefaultFilterChain.TcpProxy().Cluster);
    }

    [Fact]
    public void Tls_services_on_a_wildcard_port_are_told_apart_by_server_name()
    {
        var mesh = new Mesh().External("a.example.com", Resolution.DnsLb, "tls:443")
            .External("b.example.com", Resolution.DnsLb, "https:443");
        var listener = Named(mesh, "0.0.0.0_443");
        Assert.Equal(["a.example.com", "b.example.com"], listener.FilterChains.Select(chain =>
            Assert.Single(chain.FilterChainMatch.ServerNames)));
        Assert.Equal("envoy.filters.listener.tls_inspector", Assert.Single(listener.ListenerFilters).Name);
        Assert.Equal("PassthroughFilterChain", listener.DefaultFilterChain.Name);
    }

    [Fact]
    public void Tcp_routes_split_by_weight_and_match_subnets()
    {
        const string db = "db.default.svc.cluster.local";
        var mesh = new Mesh().Service("db", "default", "tcp:5432").VirtualService("db", new VirtualServiceSpec
        {
            Hosts = [db],
            Tcp =
            [
                new TcpRoute { Match = [new L4MatchAttributes { DestinationSubnets = ["10.1.0.0/16"] }], Route = [Route("near")] },
                new TcpRoute { Route = [Route("v1", 90), Route("off", 0), Route("v2", 10)] },
            ],
        });
        var listener = Named(mesh, "10.96.0.1_5432");
        var near = Assert.Single(listener.FilterChains);
        Assert.Equal(("10.1.0.0", 16u), (near.FilterChainMatch.PrefixRanges[0].AddressPrefix, near.FilterChainMatch.PrefixRanges[0].PrefixLen!.Value));
        var rest = listener.DefaultFilterChain.TcpProxy();
        Assert.Equal("db.default", rest.StatPrefix);
        Assert.Equal([($"outbound|5432|v1|{db}", 90u), ($"outbound|5432|v2|{db}", 10u)], rest.WeightedClusters.Clusters.Select(c =>
            (c.Name, c.Weight)));

        static RouteDestination Route(string subset, int weight = 0) =>
            new() { Destination = new Destination { Host = db, Subset = subset }, Weight = weight };
    }

    [Fact]
    public void Headless_tcp_has_a_listener_per_other_pod()
    {
        var mesh = new Mesh().Service("db", "default", service =>
            service with { Resolution = Resolution.Passthrough, Addresses = [] }, "tcp:5432")
            .Workload("db", "default", "10.0.0.9").Workload("db", "default", "10.0.0.10");
        Assert.Equal(["10.0.0.10_5432", "virtualOutbound"], Listeners(mesh).Select(listener => listener.Name));
    }

    [Fact]
    public void Virtual_outbound_passes_on_what_nobody_else_takes()
    {
        var listener = Named(new Mesh(), "virtualOutbound");
        Assert.Equal(15001u, listener.Address.SocketAddress.PortValue);
        Assert.True(listener.UseOriginalDst);
        Assert.Equal(["virtualOutbound-blackhole", "virtualOutbound-catchall-tcp"], listener.FilterChains.Select(chain => chain.Name));
        Assert.Equal(15001u, listener.FilterChains[0].FilterChainMatch.DestinationPort);
        Assert.Equal(["BlackHoleCluster", "PassthroughCluster"], listener.TcpProxies().Select(proxy => proxy.Cluster));
        var closed = new Mesh { Settings = MeshSettings.Default with { OutboundTrafficPolicy = OutboundTrafficPolicyMode.RegistryOnly } };
        Assert.Equal(["BlackHoleCluster", "BlackHoleCluster"], Named(closed, "virtualOutbound").TcpProxies()
            .Select(proxy => proxy.Cluster));
    }

    [Fact]
    public void The_forward_proxy_without_capture_is_bound_to_the_proxys_address_and_is_all_there_is()
    {
        var listener = Assert.Single(Listeners(new Mesh().Service("a", "default", "http:80"), Nodes.Sidecar(mode: InterceptionMode.None)));
        Assert.Equal(("10.0.0.9_15080", true), (listener.Name, listener.BindToPort!.Value));
        var manager = Assert.Single(listener.Managers());
        Assert.Equal("http_proxy", manager.Rds.RouteConfigName);
        Assert.True(manager.HttpProtocolOptions.AllowAbsoluteUrl);
        Assert.Equal("", manager.ServerName);
    }

    [Fact]
    public void The_mesh_setting_gives_captured_sidecars_a_forward_proxy_on_loopback()
    {
        var mesh = new Mesh { Settings = MeshSettings.Default with { ProxyHttpPort = 15002 } };
        Assert.Equal(["127.0.0.1_15002", "virtualOutbound"], Listeners(mesh).Select(listener => listener.Name));
    }

    [Fact]
    public void Http_filters_are_in_istios_order()
    {
        var mesh = new Mesh { Settings = MeshSettings.Default with { DefaultProviders = new DefaultProviders { Metrics = ["prometheus"] } } };
        var manager = Named(mesh.Service("a", "default", "http:80"), "0.0.0.0_80").FilterChains[0].Manager();
        Assert.Equal(
            [
                "istio.metadata_exchange", "envoy.filters.http.grpc_stats", "istio.alpn", "envoy.filters.http.fault", "envoy.filters.http.cors",
                "istio.stats", "envoy.filters.http.router",
            ],
            manager.HttpFilters.Select(filter => filter.Name));
        Assert.DoesNotContain("istio.stats", Named(new Mesh().Service("a", "default", "http:80"), "0.0.0.0_80").FilterChains[0].Manager()
            .HttpFilters.Select(filter => filter.Name));
    }

    [Fact]
    public void Access_logs_come_from_the_mesh_settings()
    {
        Assert.Empty(Named(new Mesh(), "virtualOutbound").AccessLog);
        var mesh = new Mesh { Settings = MeshSettings.Default with { AccessLogFile = "/dev/stdout", AccessLogFormat = "%PROTOCOL%" } };
        var log = Assert.Single(Named(mesh, "virtualOutbound").AccessLog);
        Assert.Equal(["NR"], log.Filter.ResponseFlagFilter.Flags);
        var file = Named(mesh, "virtualOutbound").FilterChains[1].TcpProxy().AccessLog[0].TypedConfig
            .Unpack<Envoy.Extensions.AccessLoggers.File.V3.FileAccessLog>();
        Assert.Equal(("/dev/stdout", "%PROTOCOL%\n"), (file.Path, file.LogFormat.TextFormatSource.InlineString));
        mesh.Settings = mesh.Settings with { AccessLogEncoding = AccessLogEncoding.Json, AccessLogFormat = "" };
        var json = Named(mesh, "virtualOutbound").AccessLog[0].TypedConfig.Unpack<Envoy.Extensions.AccessLoggers.File.V3.FileAccessLog>()
            .LogFormat.JsonFormat;
        Assert.Equal("%UPSTREAM_CLUSTER_RAW%", json.Fields["upstream_cluster"].StringValue);
    }
}
