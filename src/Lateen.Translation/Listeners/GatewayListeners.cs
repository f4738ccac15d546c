using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using Lateen.Translation.Routes;
using Lateen.Translation.Security;
using Listener = Envoy.Config.Listener.V3.Listener;

namespace Lateen.Translation.Listeners;

/// <summary>The listeners of a gateway: one per address, plaintext HTTP in one chain, TLS in a chain per server.</summary>
internal sealed class GatewayListeners(ProxyView view, ListenerSettings settings, ConnectionManagers managers)
{
    private readonly FilterChains chains = new(ListenerKind.Gateway, settings, managers);

    public IEnumerable<Listener> Build(GatewayServers servers) =>
        servers.ByAddress.Select(Build).Where(listener => listener.FilterChains.Count > 0);

    private Listener Build(IReadOnlyList<GatewayServer> servers)
    {
        var first = servers[0];
        var listener = new Listener
        {
            Name = $"{first.Bind}_{first.Port}",
            Address = Messages.Socket(first.Bind, first.Port),
            TrafficDirection = TrafficDirection.Outbound,
            AccessLog = { settings.AccessLogs.ForListener },
        };
        if (first.IsPlainHttp) listener.FilterChains.Add(HttpChain(first, listener.Name));
        else foreach (var server in servers) listener.FilterChains.Add(ServerChains(server, listener.Name));
        if (listener.FilterChains.Any(chain => chain.FilterChainMatch?.ServerNames.Count > 0 || chain.TransportSocket is not null))
            listener.ListenerFilters.Add(ListenerFilters.Tls());
        return listener;
    }

    private FilterChain HttpChain(GatewayServer server, string listener) =>
        chains.Http(new ConnectionManagerSpec(ListenerKind.Gateway, StatPrefix(server, listener)) { RouteName = server.RouteName });

    private IEnumerable<FilterChain> ServerChains(GatewayServer server, string listener)
    {
        if (server.IsHttps)
        {
            return [HttpChain(server, listener)
                .Matching(new FilterChainMatch { ServerNames = { server.ServerNames } })
                .Over(GatewayTls.Socket(server.Server.Tls!, view.Mesh, http: true))];
        }
        return server.Server.Tls?.Mode == ServerTlsMode.Passthrough ? PassthroughChains(server) : TcpChains(server);
    }

    /// <summary>TLS passed on as it is, by the server names of VirtualServices' TLS routes.</summary>
    private IEnumerable<FilterChain> PassthroughChains(GatewayServer server) =>
        Routes(server).Tls(rules => Binds(server, rules), sni => server.Hosts.Any(host => HostName.Matches(sni, host.Host)))
            .Select(target => chains.Tcp(target.Proxy)
                .Matching(new FilterChainMatch { ServerNames = { target.ServerNames.Where(name => name != "*") } })
                .From(target.Metadata!));

    /// <summary>TCP, in TLS that ends here or plain, to what the first TCP route says.</summary>
    private IEnumerable<FilterChain> TcpChains(GatewayServer server)
    {
        if (Routes(server).Tcp(rules => Binds(server, rules)).FirstOrDefault() is not { } target) yield break;
        var chain = chains.Tcp(target.Proxy).From(target.Metadata!);
        if (server.Server.Tls is { } tls)
        {
            if (tls.Mode == ServerTlsMode.IstioMutual) chain.Filters.Insert(0, NetworkFilters.MetadataExchange());
            chain.Matching(new FilterChainMatch { ServerNames = { server.ServerNames } })
                .Over(GatewayTls.Socket(tls, view.Mesh, http: false));
        }
        yield return chain;
    }

    private TcpRoutes Routes(GatewayServer server) =>
        new(new RouteScope(view, server.Number, server.GatewayName, Tls: false), settings.AccessLogs.ForTraffic);

    private static bool Binds(GatewayServer server, VirtualService rules) => GatewayRoutes.CommonHosts(server, rules).Any();

    private static string StatPrefix(GatewayServer server, string listener) => server.IsHttps && !string.IsNullOrEmpty(server.Server.Name)
        ? server.Server.Name
        : ClusterName.Statistics($"outbound_{listener}");
}
