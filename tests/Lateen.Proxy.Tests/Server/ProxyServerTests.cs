using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Logging;
using Lateen.Proxy.Server;
using Lateen.Proxy.Tests.Configuration;
using Lateen.Xds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Tests.Server;

/// <summary>The whole proxy in this process, with real sockets on both sides.</summary>
public sealed class ProxyServerTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _backend = null!;

    private int BackendPort => new Uri(_backend.Urls.First()).Port;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _backend = builder.Build();
        _backend.MapGet("/wait", async () =>
        {
            _waiting.SetResult();
            await _release.Task;
            return "waited";
        });
        _backend.MapGet("/{**path}", (HttpRequest request) => $"{request.Host} {request.Path}");
        await _backend.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _backend.DisposeAsync();

    [Fact]
    public async Task A_static_bootstrap_serves()
    {
        await using var proxy = Start(StaticBootstrap(), out var running);
        using var http = new HttpClient { BaseAddress = await AddressAsync(proxy, "l") };
        Assert.EndsWith(" /a", await http.GetStringAsync("/a", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.Counter("http.test.downstream_rq_total").Value);
        using var admin = new HttpClient { BaseAddress = new Uri($"http://{proxy.AdminAddress}") };
        await UntilAsync(async () => (await admin.GetAsync("/ready")).StatusCode == HttpStatusCode.OK);
        proxy.Lifecycle.RequestShutdown(TimeSpan.Zero);
        await running;
    }

    [Fact]
    public async Task Ending_waits_for_requests_under_way()
    {
        await using var proxy = Start(StaticBootstrap(), out var running);
        using var http = new HttpClient { BaseAddress = await AddressAsync(proxy, "l") };
        var slow = http.GetAsync("/wait", TestContext.Current.CancellationToken);
        await _waiting.Task;
        proxy.Lifecycle.RequestShutdown(TimeSpan.FromSeconds(30));
        await UntilAsync(() => Task.FromResult(proxy.Lifecycle.State == ServerState.Draining && proxy.Listeners.Count == 0));
        Assert.False(running.IsCompleted);
        using var other = new HttpClient { BaseAddress = http.BaseAddress };
        await Assert.ThrowsAsync<HttpRequestException>(() => other.GetAsync("/a", TestContext.Current.CancellationToken));
        _release.SetResult();
        using var response = await slow;
        Assert.Equal("waited", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(response.Headers.ConnectionClose);
        await running.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Configuration_changes_under_load_fail_no_request()
    {
        await using var plane = await ControlPlane.StartAsync();
        await using var proxy = Start(DynamicBootstrap(plane.SocketPath), out var running);
        await plane.PushAsync(TypeUrls.Cluster, "1", BackendCluster("a"));
        await plane.PushAsync(TypeUrls.Listener, "1", DynamicListener("r"));
        await plane.PushAsync(TypeUrls.Route, "1", Routes("r", "a"));
        var address = await AddressAsync(proxy, "l");
        await UntilAsync(() => Task.FromResult(proxy.Lifecycle.State == ServerState.Live));

        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(() => LoadAsync(address, stop.Token))).ToArray();
        for (var version = 2; version < 12; version++)
        {
            var cluster = version % 2 == 0 ? "b" : "a";
            await plane.PushAsync(TypeUrls.Cluster, $"{version}", BackendCluster("a"), BackendCluster("b"));
            await plane.PushAsync(TypeUrls.Route, $"{version}", Routes("r", cluster));
            var listener = DynamicListener("r");
            listener.PerConnectionBufferLimitBytes = 32768 + (uint)version;
            await plane.PushAsync(TypeUrls.Listener, $"{version}", listener);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), served => Assert.True(served > 0));
        proxy.Lifecycle.RequestShutdown(TimeSpan.Zero);
        await running;
    }

    [Theory]
    [InlineData("listeners: [{ name: l, address: { socket_address: { address: 203.0.113.1, port_value: 1 } }, filter_chains: [{ filters: [] }] }]", "static_resources.listeners[0]")]
    [InlineData("clusters: [{ name: c, connect_timeout: 1s, lb_policy: CLUSTER_PROVIDED }]", "static_resources.clusters[0]")]
    public async Task What_cannot_be_honoured_is_named(string resources, string expected)
    {
        var bootstrap = Bootstrap($"static_resources: {{ {resources} }}");
        await using var proxy = Start(bootstrap, out var running);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => running);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static BootstrapProto Bootstrap(string yaml) => BootstrapReader.Read(new BootstrapOptions { ConfigYaml = yaml });

    private static ProxyServer Start(BootstrapProto bootstrap, out Task running)
    {
        var proxy = new ProxyServer(
            bootstrap, new BootstrapOptions { Concurrency = 2 }, NullLoggerFactory.Instance, new LogLevels(LogLevel.None), TimeProvider.System);
        running = proxy.RunAsync(TestContext.Current.CancellationToken);
        return proxy;
    }

    private static async Task<Uri> AddressAsync(ProxyServer proxy, string listener)
    {
        await UntilAsync(() => Task.FromResult(proxy.Listeners.Any(l => l.Name == listener)));
        return new Uri($"http://{proxy.Listeners.Single(l => l.Name == listener).Addresses[0]}");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await condition())
            await Task.Delay(5, limit.Token);
    }

    private static async Task<int> LoadAsync(Uri address, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = address };
        var served = 0;
        while (!stop.IsCancellationRequested)
        {
            using var response = await http.GetAsync("/load", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            served++;
        }

        return served;
    }

    private BootstrapProto StaticBootstrap() => Bootstrap(
        $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          clusters:
          - name: a
            connect_timeout: 1s
            load_assignment:
              cluster_name: a
              endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{BackendPort}} } } } }] }]
          listeners:
          - {{ListenerYaml("route_config: { name: s, virtual_hosts: [{ name: v, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: a } }] }] }")}}
        """);

    private static BootstrapProto DynamicBootstrap(string socket) => Bootstrap(
        $$"""
        node: { id: n, cluster: c }
        dynamic_resources:
          cds_config: { ads: {} }
          lds_config: { ads: {} }
          ads_config: { api_type: GRPC, grpc_services: [{ envoy_grpc: { cluster_name: xds } }] }
        static_resources:
          clusters:
          - name: xds
            connect_timeout: 1s
            load_assignment:
              cluster_name: xds
              endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: {{socket}} } } } }] }]
        """);

    private static Listener DynamicListener(string routes) => ConfigurationDocument.Read<Listener>("test", ListenerYaml(
        $"rds: {{ route_config_name: {routes}, config_source: {{ ads: {{}} }} }}"));

    private static string ListenerYaml(string routes) =>
        "{ name: l, address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, filter_chains: [{ filters: [{ name: hcm, typed_config: { "
        + "'@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: test, "
        + "http_filters: [{ name: router, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }], "
        + routes + " } }] }] }";

    private static RouteConfiguration Routes(string name, string cluster) => ConfigurationDocument.Read<RouteConfiguration>("test",
        $"{{ name: {name}, virtual_hosts: [{{ name: v, domains: ['*'], routes: [{{ match: {{ prefix: / }}, route: {{ cluster: {cluster} }} }}] }}] }}");

    private Cluster BackendCluster(string name) => ConfigurationDocument.Read<Cluster>("test",
        $$"""
        name: {{name}}
        connect_timeout: 1s
        load_assignment:
          cluster_name: {{name}}
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{BackendPort}} } } } }] }]
        """);
}
