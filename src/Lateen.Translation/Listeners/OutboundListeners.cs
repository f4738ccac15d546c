using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Registry;
using Lateen.Translation.Naming;
using Lateen.Translation.Routes;

namespace Lateen.Translation.Listeners;

/// <summary>The listeners that take a workload's own requests.</summary>
internal sealed class OutboundListeners(ProxyView view, ListenerSettings settings, ConnectionManagers managers)
{
    private const string Virtual = "virtualOutbound";

    private readonly FilterChains chains = new(ListenerKind.SidecarOutbound, settings, managers);

    public IEnumerable<Listener> Build()
    {
        if (view.Node.CapturesTraffic)
            foreach (var entry in new OutboundPorts(view, settings, chains).Build()) yield return PerPort(entry);
        if (HttpProxyPort() is > 0 and var port) yield return HttpProxy(port);
        if (view.Node.CapturesTraffic) yield return VirtualOutbound();
    }

    private int HttpProxyPort() => view.Node.HttpProxyPort > 0 ? view.Node.HttpProxyPort : view.Mesh.ProxyHttpPort;

    /// <summary>
    /// The HTTP forward proxy. Istio binds it to the loopback address; without capture several sidecars may share one machine, so
    /// there it is bound to the proxy's own address.
    /// </summary>
    private Listener HttpProxy(int port)
    {
        var address = view.Node.Interception == InterceptionMode.None ? view.Node.Addresses[0] : view.Node.LoopbackAddress;
        var listener = Outbound($"{address}_{port}", address, port);
        listener.BindToPort = true;
        var statistics = ClusterName.Statistics($"outbound_{listener.Name}");
        listener.FilterChains.Add(chains.Http(new ConnectionManagerSpec(ListenerKind.SidecarOutbound, statistics)
        {
            RouteName = SidecarRoutes.HttpProxy,
            AllowAbsoluteUrl = true,
        }));
        return listener;
    }

    /// <summary>What captured connections come to that no other listener has the address of.</summary>
    private Listener VirtualOutbound()
    {
        var listener = Outbound(Virtual, view.Node.WildcardAddress, view.Mesh.ProxyListenPort);
        listener.UseOriginalDst = true;
        listener.MaxConnectionsToAcceptPerSocketEvent = 1;
        if (view.Node.Interception == InterceptionMode.Tproxy) listener.Transparent = true;
        listener.FilterChains.Add(new FilterChain
        {
            Name = Virtual + "-blackhole",
            FilterChainMatch = new FilterChainMatch { DestinationPort = (uint)view.Mesh.ProxyListenPort },
            Filters = { TcpFilters(ClusterName.BlackHole) },
        });
        listener.FilterChains.Add(new FilterChain { Name = Virtual + "-catchall-tcp", Filters = { TcpFilters(CatchAllCluster()) } });
        return listener;
    }

    private Listener PerPort(OutboundListenerEntry entry)
    {
        var listener = Outbound($"{entry.Bind}_{entry.Port}", entry.Bind, entry.Port);
        listener.BindToPort = false;
        listener.ContinueOnListenerFiltersTimeout = true;
        var matched = entry.Chains.Where(chain => chain.FilterChainMatch is not null).ToList();
        var unmatched = entry.Chains.FirstOrDefault(chain => chain.FilterChainMatch is null);
        listener.FilterChains.Add(matched.Count > 0 || unmatched is null ? matched : [unmatched]);
        if (matched.Count > 0) listener.DefaultFilterChain = unmatched ?? Passthrough();
        AddInspectors(listener);
        return listener;
    }

    /// <summary>What no service on this port takes still gets where captured traffic goes.</summary>
    private FilterChain Passthrough() => new() { Name = "PassthroughFilterChain", Filters = { TcpFilters(CatchAllCluster()) } };

    private void AddInspectors(Listener listener)
    {
        var http = listener.FilterChains.Any(chain => chain.FilterChainMatch?.ApplicationProtocols.Count > 0);
        var tls = listener.FilterChains.Any(chain => chain.FilterChainMatch?.ServerNames.Count > 0);
        if (tls) listener.ListenerFilters.Add(ListenerFilters.Tls());
        if (http) listener.ListenerFilters.Add(ListenerFilters.Http());
        listener.ListenerFiltersTimeout = http ? view.Mesh.ProtocolDetectionTimeout.Value.ToProto() : Messages.Zero;
    }

    private Listener Outbound(string name, string address, int port) => new()
    {
        Name = name,
        Address = Messages.Socket(address, port),
        TrafficDirection = TrafficDirection.Outbound,
        AccessLog = { settings.AccessLogs.ForListener },
    };

    private IEnumerable<Filter> TcpFilters(string cluster) =>
        chains.TcpFilters(NetworkFilters.ToCluster(cluster, settings.AccessLogs.ForTraffic));

    private string CatchAllCluster() =>
        view.Mesh.OutboundTrafficPolicy == OutboundTrafficPolicyMode.RegistryOnly ? ClusterName.BlackHole : ClusterName.Passthrough;
}
