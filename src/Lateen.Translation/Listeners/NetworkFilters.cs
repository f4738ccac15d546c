using Envoy.Config.Accesslog.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf;
using Lateen.Translation.Naming;
using Exchange = Lateen.Xds.Istio.MetadataExchange.MetadataExchange;

namespace Lateen.Translation.Listeners;

/// <summary>Network filters of filter chains.</summary>
internal static class NetworkFilters
{
    public static Filter Named(string name, IMessage config) => new() { Name = name, TypedConfig = config.Packed() };

    /// <summary>The server side of the exchange of peer metadata over TCP. The client side is a filter of the cluster.</summary>
    public static Filter MetadataExchange() =>
        Named(FilterNames.MetadataExchange, new Exchange { Protocol = Alpn.PeerExchange, EnableDiscovery = true });

    public static Filter Stats(ListenerKind kind) => Named(FilterNames.IstioStats, HttpFilters.Stats(kind));

    public static Filter Proxy(TcpProxy proxy) => Named(FilterNames.TcpProxy, proxy);

    /// <summary>A proxy to one cluster; its statistics carry the cluster's name.</summary>
    public static TcpProxy ToCluster(string cluster, IEnumerable<AccessLog> accessLogs) =>
        new() { StatPrefix = cluster, Cluster = cluster, AccessLog = { accessLogs } };
}
