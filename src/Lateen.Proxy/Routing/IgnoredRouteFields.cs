using Envoy.Config.Route.V3;

namespace Lateen.Proxy.Routing;

/// <summary>Fields of a route configuration that are accepted without effect: none decides where a request goes or whether it gets through.</summary>
internal static class IgnoredRouteFields
{
    public static IEnumerable<string> Of(RouteConfiguration configuration) =>
        configuration.VirtualHosts.SelectMany(Of).Distinct();

    private static IEnumerable<string> Of(Envoy.Config.Route.V3.VirtualHost host)
    {
        if (host.RateLimits.Count > 0)
            yield return "envoy.config.route.v3.VirtualHost.rate_limits";
        if (host.VirtualClusters.Count > 0)
            yield return "envoy.config.route.v3.VirtualHost.virtual_clusters";
        foreach (var route in host.Routes)
        {
            if (route.Route_?.RateLimits.Count > 0)
                yield return "envoy.config.route.v3.RouteAction.rate_limits";
            if (route.Route_?.EarlyDataPolicy is not null)
                yield return "envoy.config.route.v3.RouteAction.early_data_policy";
        }
    }
}
