using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Http.Filters.Alpn;
using Lateen.Proxy.Http.Filters.Cors;
using Lateen.Proxy.Http.Filters.Fault;
using Lateen.Proxy.Http.Filters.GrpcStats;
using Lateen.Proxy.Http.Filters.IstioStats;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Http.Router;
using Lateen.Proxy.Network.MetadataExchange;
using Lateen.Proxy.Network.SniCluster;
using Lateen.Proxy.Network.TcpProxy;

namespace Lateen.Proxy.Http.Filters;

/// <summary>All HTTP and network filters. A new filter means one entry here.</summary>
public static class BuiltInFilters
{
    /// <summary>HTTP filters.</summary>
    public static IReadOnlyList<IHttpFilterFactory> Http() =>
    [
        new PeerMetadataFilterFactory(),
        new GrpcStatsFilterFactory(),
        new AlpnFilterFactory(),
        new FaultFilterFactory(),
        new CorsFilterFactory(),
        new IstioStatsFactory(),
        new RouterFilterFactory(),
    ];

    /// <summary>Network filters.</summary>
    public static IReadOnlyList<INetworkFilterFactory> Network() =>
    [
        new ConnectionManagerFactory(),
        new IstioStatsFactory(),
        new TcpProxyFactory(),
        new MetadataExchangeFactory(),
        new SniClusterFactory(),
    ];
}
