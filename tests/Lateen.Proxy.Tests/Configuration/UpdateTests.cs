using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

using Lateen.Xds;

namespace Lateen.Proxy.Tests.Configuration;

public sealed class UpdateTests : IAsyncLifetime
{
    private static readonly ConfigSource Ads = new() { Ads = new AggregatedConfigSource(), InitialFetchTimeout = new Duration() };
    private Fixture _proxy = null!;

    private ControlPlane Plane => _proxy.Plane;

    public async ValueTask InitializeAsync()
    {
        _proxy = await Fixture.StartAsync();
        _proxy.ClusterUpdates.ApplyStatic(_proxy.Bootstrap.StaticResources.Clusters);
    }

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Clusters_come_change_and_go()
    {
        _proxy.Connections.Follow(TypeUrls.Cluster, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Cluster, "1", Static("a", 1), Static("b", 1)));
        Assert.Equal("127.0.0.1:1", _proxy.Clusters.Find("a")!.Hosts[0].AddressText);
        Assert.Null(await Plane.PushAsync(TypeUrls.Cluster, "2", Static("a", 2)));
        Assert.Equal("127.0.0.1:2", _proxy.Clusters.Find("a")!.Hosts[0].AddressText);
        Assert.Null(_proxy.Clusters.Find("b"));
        Assert.NotNull(_proxy.Clusters.Find("xds"));
        Assert.Equal("2", _proxy.ClusterUpdates.Version);
        Assert.Equal(2, _proxy.Stats.Counter("cluster_manager.cds.update_success").Value);
        Assert.Equal("Bearer t", Plane.Metadata.GetValue("authorization"));
    }

    [Fact]
    public async Task A_bad_cluster_is_named_and_the_good_ones_apply()
    {
        _proxy.Connections.Follow(TypeUrls.Cluster, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Cluster, "1", Static("a", 1)));
        var broken = Static("a", 2);
        broken.ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(-1));
        broken.LoadAssignment.Endpoints[0].LbEndpoints[0].Endpoint.Address = new Address();
        var error = await Plane.PushAsync(TypeUrls.Cluster, "2", broken, Static("b", 1));
        Assert.StartsWith("Error adding/updating cluster(s) a: ", error, StringComparison.Ordinal);
        Assert.Equal("127.0.0.1:1", _proxy.Clusters.Find("a")!.Hosts[0].AddressText);
        Assert.NotNull(_proxy.Clusters.Find("b"));
        Assert.Equal("2", _proxy.ClusterUpdates.Records.Snapshot().Single(r => r.Name == "a").Rejection!.Version);
        Assert.Equal(1, _proxy.Stats.Counter("cluster_manager.cds.update_rejected").Value);
    }

    [Fact]
    public async Task Static_clusters_win()
    {
        _proxy.Connections.Follow(TypeUrls.Cluster, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Cluster, "1", Static("xds", 99)));
        Assert.StartsWith(Path.GetTempPath(), _proxy.Clusters.Find("xds")!.Hosts[0].AddressText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_CDS_waits_for_endpoints()
    {
        _proxy.Connections.Follow(TypeUrls.Cluster, Ads);
        var cluster = new Cluster
        {
            Name = "e",
            Type = Cluster.Types.DiscoveryType.Eds,
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = Ads, ServiceName = "service" },
        };
        var nonce = await Plane.SendAsync(TypeUrls.Cluster, "1", cluster);
        var request = await Plane.RequestAsync(TypeUrls.Endpoint);
        Assert.Equal(["service"], request.ResourceNames);
        await Plane.SendAsync(TypeUrls.Endpoint, "1", Assignment("service", 5));
        Assert.Equal(nonce, (await Plane.RequestAsync(TypeUrls.Cluster)).ResponseNonce);
        Assert.Equal("127.0.0.1:5", _proxy.Clusters.Find("e")!.Hosts[0].AddressText);
    }

    [Fact]
    public async Task A_listener_waits_for_its_routes_while_the_old_one_serves()
    {
        _proxy.Connections.Follow(TypeUrls.Listener, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Listener, "1", new Listener { Name = "l" }));
        Assert.Equal(["+l"], _proxy.Listeners.Events);
        Assert.Null(await Plane.PushAsync(TypeUrls.Listener, "2", new Listener { Name = "l", StatPrefix = "r" }));
        Assert.Equal(["+l"], _proxy.Listeners.Events);
        Assert.NotNull(_proxy.ListenerUpdates.Records.Snapshot()[0].Warming);
        Assert.Null(await Plane.PushAsync(TypeUrls.Route, "1", Route("r", "a")));
        await _proxy.ListenerUpdates.Warm.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(["+l", "+l"], _proxy.Listeners.Events);
        Assert.Equal("r", _proxy.Listeners.Running["l"].Routes!.Current!.Name);
    }

    [Fact]
    public async Task Listeners_are_removed_before_others_are_added_and_bad_ones_rejected()
    {
        _proxy.Connections.Follow(TypeUrls.Listener, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Listener, "1", new Listener { Name = "a" }));
        var error = await Plane.PushAsync(TypeUrls.Listener, "2", new Listener { Name = "bad" }, new Listener { Name = "b" });
        Assert.Equal("Error adding/updating listener(s) bad: filter_chains: no good", error);
        Assert.Equal(["+a", "-a", "+b"], _proxy.Listeners.Events);
    }

    [Fact]
    public async Task Route_fields_without_effect_are_told()
    {
        using var source = _proxy.Routes.Subscribe("r", Ads);
        await Plane.RequestAsync(TypeUrls.Route);
        var mirrored = Route("r", "a");
        mirrored.VirtualHosts[0].Routes[0].Route_.RequestMirrorPolicies.Add(new RouteAction.Types.RequestMirrorPolicy { Cluster = "b" });
        Assert.Null(await Plane.PushAsync(TypeUrls.Route, "1", mirrored));
        Assert.Equal(["envoy.config.route.v3.RouteAction.request_mirror_policies"], _proxy.Ignored);
    }

    [Fact]
    public async Task A_rejected_route_configuration_leaves_the_old_one()
    {
        using var source = _proxy.Routes.Subscribe("r", Ads);
        using var same = _proxy.Routes.Subscribe("r", Ads);
        Assert.Equal(["r"], (await Plane.RequestAsync(TypeUrls.Route)).ResourceNames);
        Assert.Null(await Plane.PushAsync(TypeUrls.Route, "1", Route("r", "a")));
        await source.Ready;
        var table = source.Current;
        Assert.Same(table, same.Current);
        var bad = Route("r", "a");
        bad.VirtualHosts.Add(bad.VirtualHosts[0].Clone());
        Assert.StartsWith("r: ", await Plane.PushAsync(TypeUrls.Route, "2", bad), StringComparison.Ordinal);
        Assert.Same(table, source.Current);
        Assert.Null(await Plane.PushAsync(TypeUrls.Route, "3", Route("r", "b")));
        Assert.NotSame(table, source.Current);
    }

    [Fact]
    public async Task The_last_user_of_a_route_configuration_ends_the_watch()
    {
        var first = _proxy.Routes.Subscribe("r", Ads);
        var second = _proxy.Routes.Subscribe("r", Ads);
        var other = _proxy.Routes.Subscribe("s", Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Route, "1", Route("r", "a"), Route("s", "a")));
        first.Dispose();
        first.Dispose();
        second.Dispose();
        Assert.Equal(["s"], (await Plane.RequestAsync(TypeUrls.Route)).ResourceNames);
        other.Dispose();
    }

    [Fact]
    public async Task A_listener_that_takes_the_place_of_another_finds_its_routes()
    {
        _proxy.Connections.Follow(TypeUrls.Listener, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Listener, "1", new Listener { Name = "a", StatPrefix = "r" }));
        Assert.Null(await Plane.PushAsync(TypeUrls.Route, "1", Route("r", "a")));
        await _proxy.ListenerUpdates.Warm.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Null(await Plane.PushAsync(TypeUrls.Listener, "2", new Listener { Name = "b", StatPrefix = "r" }));
        Assert.Equal(["+a", "-a", "+b"], _proxy.Listeners.Events);
    }

    [Fact]
    public async Task Secrets_rotate_over_a_stream_of_their_own()
    {
        var source = _proxy.Secrets.Subscribe(new SdsSecretConfig
        {
            Name = "ROOTCA",
            SdsConfig = new ConfigSource
            {
                InitialFetchTimeout = new Duration(),
                ApiConfigSource = new ApiConfigSource
                {
                    ApiType = ApiConfigSource.Types.ApiType.Grpc,
                    GrpcServices =
                    {
                        new GrpcService
                        {
                            EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = "sds" },
                            InitialMetadata = { new HeaderValue { Key = "x-own", Value = "s" } },
                        },
                    },
                },
            },
        });
        var changes = 0;
        source.Changed += () => changes++;
        Assert.Equal(["ROOTCA"], (await Plane.RequestAsync(TypeUrls.Secret)).ResourceNames);
        Assert.Equal("s", Plane.SecretMetadata.GetValue("x-own"));
        Assert.Equal("Bearer t", Plane.SecretMetadata.GetValue("authorization"));
        Assert.Null(await Plane.PushAsync(TypeUrls.Secret, "1", Roots("one")));
        await source.Ready;
        Assert.Contains("one", source.Current!.ValidationContext.TrustedCa.InlineString, StringComparison.Ordinal);
        Assert.StartsWith("ROOTCA", await Plane.PushAsync(TypeUrls.Secret, "2", new Secret { Name = "ROOTCA", ValidationContext = new() { TrustedCa = new() { InlineString = "x" } } }), StringComparison.Ordinal);
        Assert.Null(await Plane.PushAsync(TypeUrls.Secret, "3", Roots("two")));
        Assert.Contains("two", source.Current!.ValidationContext.TrustedCa.InlineString, StringComparison.Ordinal);
        Assert.Equal(2, changes);
    }

    [Fact]
    public async Task Garbage_is_rejected_and_changes_nothing()
    {
        _proxy.Connections.Follow(TypeUrls.Cluster, Ads);
        Assert.Null(await Plane.PushAsync(TypeUrls.Cluster, "1", Static("a", 1)));
        Assert.NotNull(await Plane.PushAsync(TypeUrls.Cluster, "2", new Listener { Name = "not a cluster" }));
        Assert.NotNull(_proxy.Clusters.Find("a"));
    }

    private static Secret Roots(string text) => new()
    {
        Name = "ROOTCA",
        ValidationContext = new() { TrustedCa = new DataSource { InlineString = $"-----BEGIN CERTIFICATE-----\n{text}" } },
    };

    private static RouteConfiguration Route(string name, string cluster) => JsonParser.Default.Parse<RouteConfiguration>(
        $$"""{"name":"{{name}}","virtual_hosts":[{"name":"v","domains":["*"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"{{cluster}}"} }]}]}""");

    private static Cluster Static(string name, uint port) => new()
    {
        Name = name,
        ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
        LoadAssignment = Assignment(name, port),
    };

    private static ClusterLoadAssignment Assignment(string name, uint port) => new()
    {
        ClusterName = name,
        Endpoints =
        {
            new LocalityLbEndpoints
            {
                LbEndpoints =
                {
                    new LbEndpoint
                    {
                        Endpoint = new Endpoint { Address = new Address { SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = port } } },
                    },
                },
            },
        },
    };
}
