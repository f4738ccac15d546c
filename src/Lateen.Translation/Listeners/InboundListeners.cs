using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Registry;
using Lateen.Resources.Security;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Listeners;

/// <summary>
/// Where a sidecar takes traffic for its workload: one listener behind the capture rules, or without capture a real one per port.
/// </summary>
internal sealed class InboundListeners(ProxyView view, ListenerSettings settings, ConnectionManagers managers)
{
    private const string Virtual = "virtualInbound";
    private const string CatchAllHttp = "virtualInbound-catchall-http";
    private const string Blackhole = "virtualInbound-blackhole";

    private readonly InboundChains chains = new(view, settings, managers);

    public IEnumerable<Listener> Build() => view.Node.CapturesTraffic ? [VirtualInbound()] : view.Instances.Select(Bound);

    private Listener VirtualInbound()
    {
        var listener = Inbound(Virtual, view.Node.WildcardAddress, view.Mesh.ProxyInboundListenPort);
        listener.FilterChains.Add(BlackholeChain());
        listener.FilterChains.Add(PassthroughChains(WorkloadMode(), 0));
        foreach (var (port, mode) in OwnPortModes()) listener.FilterChains.Add(PassthroughChains(mode, port));
        foreach (var instance in view.Instances) listener.FilterChains.Add(ServiceChains(instance, matchPort: true));
        listener.ListenerFilters.Add(ListenerFilters.OriginalDestination());
        listener.ListenerFilters.Add(Inspectors(listener.FilterChains));
        listener.MaxConnectionsToAcceptPerSocketEvent = 1;
        if (view.Node.Interception == InterceptionMode.Tproxy) listener.Transparent = true;
        return listener;
    }

    /// <summary>A listener of one port on the proxy's own address, for workloads whose traffic is not captured.</summary>
    private Listener Bound(ServiceInstance instance)
    {
        var address = view.Node.Addresses[0];
        var port = (int)instance.Endpoint.Port;
        var listener = Inbound($"{address}_{port}", address, port);
        listener.BindToPort = true;
        listener.FilterChains.Add(ServiceChains(instance, matchPort: false));
        listener.ListenerFilters.Add(Inspectors(listener.FilterChains));
        return listener;
    }

    private Listener Inbound(string name, string address, int port) => new()
    {
        Name = name,
        Address = Messages.Socket(address, port),
        TrafficDirection = TrafficDirection.Inbound,
        ListenerFiltersTimeout = view.Mesh.ProtocolDetectionTimeout.Value.ToProto(),
        ContinueOnListenerFiltersTimeout = true,
        AccessLog = { settings.AccessLogs.ForListener },
    };

    /// <summary>Connections to the capture port itself would loop.</summary>
    private FilterChain BlackholeChain() => new()
    {
        Name = Blackhole,
        FilterChainMatch = new FilterChainMatch { DestinationPort = (uint)view.Mesh.ProxyInboundListenPort },
        Filters = { NetworkFilters.MetadataExchange(), chains.TcpFilters(ClusterName.BlackHole) },
    };

    private IEnumerable<FilterChain> PassthroughChains(MutualTlsMode mode, uint port)
    {
        var cluster = ClusterName.InboundPassthrough;
        var target = new InboundTarget(cluster, ClusterName.Statistics(cluster), "inbound|http|0", ":0/*", Protocol.Unsupported);
        return chains.Build(target, mode, (int)port, CatchAllHttp, Virtual);
    }

    private IEnumerable<FilterChain> ServiceChains(ServiceInstance instance, bool matchPort)
    {
        var port = (int)instance.Endpoint.Port;
        var name = $"{view.Node.WildcardAddress}_{port}";
        var target = new InboundTarget(
            ClusterName.Inbound(port),
            ClusterName.Statistics($"inbound_{name}"),
            $"inbound|http|{instance.Port.Number}",
            $"{instance.Service.Hostname}:{instance.Port.Number}/*",
            instance.Port.Protocol);
        var mode = view.PeerAuthentication.ForPort(view.Node.Namespace, Labels(), instance.Endpoint.Port);
        return chains.Build(target, mode, matchPort ? port : 0, name, name);
    }

    private MutualTlsMode WorkloadMode() => view.PeerAuthentication.ForWorkload(view.Node.Namespace, Labels());

    /// <summary>Ports that a policy names and no service does.</summary>
    private IEnumerable<KeyValuePair<uint, MutualTlsMode>> OwnPortModes() =>
        view.PeerAuthentication.PortModes(view.Node.Namespace, Labels())
            .Where(port => view.Instances.All(instance => instance.Endpoint.Port != port.Key));

    private Lateen.Resources.EquatableMap<string> Labels() => view.Workload?.Labels ?? view.Node.Labels;

    /// <summary>The inspectors the chains need, switched off on ports that do not need them.</summary>
    private static IEnumerable<ListenerFilter> Inspectors(IReadOnlyCollection<FilterChain> all)
    {
        var looked = all.Where(chain => chain.Name != Blackhole).ToList();
        var tls = PortsNeeding(looked, chain => chain.FilterChainMatch.TransportProtocol == Transport.Tls);
        var http = PortsNeeding(looked, chain => chain.FilterChainMatch.ApplicationProtocols.Any(Alpn.PlaintextHttp.Contains));
        if (tls.Needed.Count > 0)
        {
            yield return tls.Needed.Contains(0)
                ? ListenerFilters.Tls().DisabledOn(tls.NotNeeded)
                : ListenerFilters.Tls().EnabledOnlyOn(tls.Needed);
        }
        if (http.Needed.Count > 0)
        {
            yield return http.Needed.Contains(0)
                ? ListenerFilters.Http().DisabledOn(http.NotNeeded)
                : ListenerFilters.Http().EnabledOnlyOn(http.Needed);
        }
    }

    /// <summary>Ports by whether some chain of theirs meets a condition; 0 stands for all others.</summary>
    private static (IReadOnlyCollection<int> Needed, IReadOnlyCollection<int> NotNeeded) PortsNeeding(
        IEnumerable<FilterChain> chains, Func<FilterChain, bool> condition)
    {
        var ports = chains.GroupBy(chain => (int)(chain.FilterChainMatch.DestinationPort ?? 0))
            .ToLookup(port => port.Any(condition), port => port.Key);
        return ([.. ports[true]], [.. ports[false]]);
    }
}
