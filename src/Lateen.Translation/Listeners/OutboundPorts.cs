using System.Net;
using Envoy.Config.Listener.V3;
using Lateen.Registry;
using Lateen.Translation.Naming;
using Lateen.Translation.Routes;
using ServicePort = Lateen.Registry.ServicePort;
using VirtualService = Lateen.Resources.Networking.VirtualService;

namespace Lateen.Translation.Listeners;

/// <summary>The addresses and ports of all services with their chains, for a sidecar behind capture rules.</summary>
internal sealed class OutboundPorts(ProxyView view, ListenerSettings settings, FilterChains chains)
{
    private const int StatusPort = 15021;
    private const int PrometheusPort = 15090;

    private readonly Dictionary<(int Port, string Bind), OutboundListenerEntry> entries = [];

    public IReadOnlyList<OutboundListenerEntry> Build()
    {
        foreach (var service in view.Services)
            foreach (var port in service.Ports) Add(service, port);
        return [.. entries.Values.OrderBy(entry => entry.Port).ThenBy(entry => entry.Bind, StringComparer.Ordinal)];
    }

    private void Add(Service service, ServicePort port)
    {
        var number = (int)port.Number;
        if (port.Protocol is Protocol.Udp or Protocol.HttpProxy || IsReserved(number)) return;
        if (port.Protocol.IsHttp())
        {
            var wildcard = view.Node.WildcardAddress;
            Entry(wildcard, number).Add(PortClass.Http, [HttpChain(wildcard, number, $"{number}")]);
            return;
        }
        foreach (var bind in Binds(service, port))
        {
            var tcp = TcpChains(service, port, bind);
            if (port.Protocol.IsTcp()) Entry(bind, number).Add(PortClass.Tcp, tcp);
            else Entry(bind, number).Add(PortClass.Auto, [.. tcp, HttpChain(bind, number, DetectedRoute(service, number, bind))]);
        }
    }

    /// <summary>A detected port on the service's own address has routes of its own.</summary>
    private string DetectedRoute(Service service, int port, string bind) =>
        bind == view.Node.WildcardAddress ? $"{port}" : $"{service.Hostname}:{port}";

    private FilterChain HttpChain(string bind, int port, string routeName)
    {
        var statistics = ClusterName.Statistics($"outbound_{bind}_{port}");
        var spec = new ConnectionManagerSpec(ListenerKind.SidecarOutbound, statistics) { RouteName = routeName };
        return chains.Http(spec).Matching(new FilterChainMatch
        {
            TransportProtocol = Transport.Plaintext,
            ApplicationProtocols = { Alpn.PlaintextHttp },
        });
    }

    /// <summary>The service's addresses; of a headless service those of its endpoints, else every address.</summary>
    private IEnumerable<string> Binds(Service service, ServicePort port)
    {
        if (service is { Resolution: Resolution.Passthrough, Provider: ServiceProvider.Kubernetes })
        {
            return view.Snapshot.EndpointsOf(service, port.Number).Select(endpoint => endpoint.Address)
                .Where(address => IPAddress.TryParse(address, out _) && !view.Node.Addresses.Contains(address)).Distinct();
        }
        var addresses = service.Addresses.Where(address => IPAddress.TryParse(address, out var ip) && !ip.Equals(IPAddress.Any)).ToList();
        return addresses.Count > 0 ? addresses : [view.Node.WildcardAddress];
    }

    private List<FilterChain> TcpChains(Service service, ServicePort port, string bind)
    {
        var routes = new TcpRoutes(new RouteScope(view, (int)port.Number, RouteScope.Mesh, Tls: false), settings.AccessLogs.ForTraffic);
        bool Relevant(VirtualService rules) => rules.Spec.Hosts.Any(host => HostName.Matches(host, service.Hostname));
        var targets = port.Protocol.IsTls()
            ? routes.Tls(Relevant, sni => true)
            : routes.Tcp(Relevant);
        var open = targets.Count == 0 || (!port.Protocol.IsTls() && targets[^1].Subnets.Count > 0);
        if (open) targets.Add(Default(service, port, bind, routes));
        return [.. targets.Select(target => Chain(target, service))];
    }

    /// <summary>On its own address a service needs no server name to be told apart.</summary>
    private TcpRouteTarget Default(Service service, ServicePort port, string bind, TcpRoutes routes)
    {
        var shared = bind == view.Node.WildcardAddress;
        return new TcpRouteTarget(
            routes.ToService(service),
            port.Protocol.IsTls() && shared ? [service.Hostname, .. view.Aliases(service)] : [],
            [],
            null);
    }

    private FilterChain Chain(TcpRouteTarget target, Service service)
    {
        var subnets = target.Subnets.Count > 0
            ? target.Subnets
            : [.. service.Addresses.Where(address => address.Contains('/', StringComparison.Ordinal))];
        var match = new FilterChainMatch { ServerNames = { target.ServerNames.Where(name => name != "*") } };
        foreach (var subnet in subnets)
            if (Messages.Cidr(subnet) is { } range) match.PrefixRanges.Add(range);
        var chain = chains.Tcp(target.Proxy).Matching(match);
        return target.Metadata is { } metadata ? chain.From(metadata) : chain;
    }

    private OutboundListenerEntry Entry(string bind, int port)
    {
        if (!entries.TryGetValue((port, bind), out var entry)) entries[(port, bind)] = entry = new OutboundListenerEntry(bind, port);
        return entry;
    }

    /// <summary>Ports of the proxy itself.</summary>
    private bool IsReserved(int port) =>
        port == view.Mesh.ProxyListenPort || port == view.Mesh.ProxyInboundListenPort || port is StatusPort or PrometheusPort;
}
