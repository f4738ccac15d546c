using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Http.Filters.Alpn;
using Lateen.Proxy.Http.Filters.Cors;
using Lateen.Proxy.Http.Filters.Fault;
using Lateen.Proxy.Http.Filters.GrpcStats;
using Lateen.Proxy.Http.Filters.IstioStats;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Http.Router;

namespace Lateen.Proxy.Http.Filters;

/// <summary>All HTTP filters, and the network filters that come with them. A new filter means one entry here.</summary>
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

    /// <summary>Network filters of this part.</summary>
    public static IReadOnlyList<INetworkFilterFactory> Network() => [new ConnectionManagerFactory(), new IstioStatsFactory()];
}
