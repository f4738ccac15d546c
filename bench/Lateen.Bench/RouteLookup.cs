using BenchmarkDotNet.Attributes;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Routing;
using VirtualHostMessage = Envoy.Config.Route.V3.VirtualHost;

namespace Lateen.Bench;

/// <summary>Finding the virtual host among many, as a sidecar's http_proxy routes have them, and the last of its routes.</summary>
[MemoryDiagnoser]
public class RouteLookup
{
    private RouteTable _table = null!;
    private RequestHead _head = null!;

    /// <summary>How many virtual hosts there are.</summary>
    [Params(10, 200, 10_000)]
    public int VirtualHosts { get; set; }

    /// <summary>How many routes the virtual host has; the last one matches.</summary>
    [Params(2, 1_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Compile()
    {
        var configuration = new RouteConfiguration { Name = "http_proxy" };
        for (var i = 0; i < VirtualHosts; i++)
            configuration.VirtualHosts.Add(Host($"service-{i}", i == VirtualHosts - 1 ? Routes : 2));
        _table = RouteTable.Compile(configuration, new ExtensionCatalog([], []));
        _head = new RequestHead();
        _head.Headers.Add(HeaderNames.Method, "GET");
        _head.Headers.Add(HeaderNames.Path, $"/prefix-{Routes - 1}/a/b?c=d");
        _head.Headers.Add(HeaderNames.Authority, $"service-{VirtualHosts - 1}.default.svc.cluster.local:9080");
        _head.Headers.Add(HeaderNames.Scheme, "http");
        if (_table.Select(_head, default).Route is null)
            throw new InvalidOperationException("the route is not found");
    }

    [Benchmark]
    public RouteSelection Select() => _table.Select(_head, new RouteInput(42));

    private static VirtualHostMessage Host(string name, int routes)
    {
        var host = new VirtualHostMessage { Name = name, Domains = { $"{name}.default.svc.cluster.local:9080", $"{name}:9080", name } };
        for (var i = 0; i < routes; i++)
            host.Routes.Add(new Route { Match = new RouteMatch { Prefix = $"/prefix-{i}/" }, Route_ = new RouteAction { Cluster = "a" } });
        return host;
    }
}
