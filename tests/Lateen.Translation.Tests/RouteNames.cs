using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;

namespace Lateen.Translation.Tests;

/// <summary>What listeners refer to.</summary>
internal static class RouteNames
{
    public static IReadOnlyList<string> Of(IEnumerable<Listener> listeners) =>
        [.. listeners.SelectMany(Managers).Where(manager => manager.Rds is not null).Select(manager => manager.Rds.RouteConfigName)
            .Distinct()];

    public static IEnumerable<FilterChain> Chains(this Listener listener) =>
        listener.DefaultFilterChain is { } last ? listener.FilterChains.Append(last) : listener.FilterChains;

    public static IEnumerable<HttpConnectionManager> Managers(this Listener listener) => listener.Chains()
        .SelectMany(chain => chain.Filters)
        .Where(filter => filter.Name == "envoy.filters.network.http_connection_manager")
        .Select(filter => filter.TypedConfig.Unpack<HttpConnectionManager>());

    public static HttpConnectionManager Manager(this FilterChain chain) => chain.Filters[^1].TypedConfig.Unpack<HttpConnectionManager>();

    public static TcpProxy TcpProxy(this FilterChain chain) => chain.Filters[^1].TypedConfig.Unpack<TcpProxy>();

    public static IEnumerable<TcpProxy> TcpProxies(this Listener listener) => listener.Chains().SelectMany(chain => chain.Filters)
        .Where(filter => filter.Name == "envoy.filters.network.tcp_proxy").Select(filter => filter.TypedConfig.Unpack<TcpProxy>());
}
