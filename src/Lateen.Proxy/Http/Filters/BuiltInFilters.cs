using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Http.Filters.Alpn;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Http.Router;

namespace Lateen.Proxy.Http.Filters;

/// <summary>All HTTP filters, and the network filters that speak HTTP. A new filter means one entry here.</summary>
public static class BuiltInFilters
{
    /// <summary>HTTP filters.</summary>
    public static IReadOnlyList<IHttpFilterFactory> Http() =>
    [
        new PeerMetadataFilterFactory(),
        new AlpnFilterFactory(),
        new RouterFilterFactory(),
    ];

    /// <summary>Network filters of this part.</summary>
    public static IReadOnlyList<INetworkFilterFactory> Network() => [new ConnectionManagerFactory()];
}
