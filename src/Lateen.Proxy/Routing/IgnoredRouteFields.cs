using Envoy.Config.Route.V3;

namespace Lateen.Proxy.Routing;

/// <summary>Fields of a route configuration that are accepted without effect: none decides where a request goes or whether it gets through.</summary>
internal static class IgnoredRouteFields
{
    public static IEnumerable<string> Of(RouteConfiguration configuration) =>
        configuration.VirtualHosts.SelectMany(Of)
            .Concat(configuration.RequestMirrorPolicies.Count > 0 ? ["envoy.config.route.v3.RouteConfiguration.request_mirror_policies"] : [])
            .Distinct();

    private static IEnumerable<string> Of(Envoy.Config.Route.V3.VirtualHost host)
    {
        if (host.RateLimits.Count > 0)
            yield return "envoy.config.route.v3.VirtualHost.rate_limits";
        if (host.VirtualClusters.Count > 0)
            yield return "envoy.config.route.v3.VirtualHost.virtual_clusters";
        if (host.RequestMirrorPolicies.Count > 0)
            yield return "envoy.config.route.v3.VirtualHost.request_mirror_policies";
        if (host.HedgePolicy is not null)
            yield return "envoy.config.route.v3.VirtualHost.hedge_policy";
        foreach (var route in host.Routes)
        {
            if (route.Route_?.RateLimits.Count > 0)
                yield return "envoy.config.route.v3.RouteAction.rate_limits";
            if (route.Route_?.RequestMirrorPolicies.Count > 0)
                yield return "envoy.config.route.v3.RouteAction.request_mirror_policies";
            if (route.Route_?.HedgePolicy is not null)
                yield return "envoy.config.route.v3.RouteAction.hedge_policy";
            if (route.Route_?.EarlyDataPolicy is not null)
                yield return "envoy.config.route.v3.RouteAction.early_data_policy";
        }
    }
}
