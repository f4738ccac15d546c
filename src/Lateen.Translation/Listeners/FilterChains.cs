using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf.WellKnownTypes;

namespace Lateen.Translation.Listeners;

/// <summary>The transports a chain may ask for, as the inspectors report them.</summary>
internal static class Transport
{
    public const string Tls = "tls";
    public const string Plaintext = "raw_buffer";
}

/// <summary>Filter chains of outbound and gateway listeners.</summary>
internal sealed class FilterChains(ListenerKind kind, ListenerSettings settings, ConnectionManagers managers)
{
    private static readonly Duration HandshakeTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(15));

    public FilterChain Http(ConnectionManagerSpec spec) => Chain([managers.Filter(spec)]);

    /// <summary>A TCP chain: the metrics' filter, when the mesh has metrics, then the proxy.</summary>
    public FilterChain Tcp(TcpProxy proxy) => Chain([.. TcpFilters(proxy)]);

    public FilterChain Tcp(string cluster) => Tcp(NetworkFilters.ToCluster(cluster, settings.AccessLogs.ForTraffic));

    public IEnumerable<Filter> TcpFilters(TcpProxy proxy)
    {
        if (settings.Metrics) yield return NetworkFilters.Stats(kind);
        yield return NetworkFilters.Proxy(proxy);
    }

    private static FilterChain Chain(IEnumerable<Filter> filters) =>
        new() { Filters = { filters }, TransportSocketConnectTimeout = HandshakeTimeout };
}

internal static class FilterChainExtensions
{
    public static FilterChain Named(this FilterChain chain, string name)
    {
        chain.Name = name;
        return chain;
    }

    public static FilterChain Matching(this FilterChain chain, FilterChainMatch? match)
    {
        if (match is not null && !match.Equals(new FilterChainMatch())) chain.FilterChainMatch = match;
        return chain;
    }

    public static FilterChain Over(this FilterChain chain, TransportSocket? socket)
    {
        if (socket is not null) chain.TransportSocket = socket;
        return chain;
    }

    public static FilterChain From(this FilterChain chain, Metadata metadata)
    {
        chain.Metadata = metadata;
        return chain;
    }
}
