using Envoy.Config.Route.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Routes;

/// <summary>The HTTP routes of one VirtualService, for one port and gateway.</summary>
internal static class VirtualServiceRoutes
{
    private static readonly HttpMatchRequest?[] Always = [null];

    /// <summary>Routes in the order of the rules; empty when none applies: then the VirtualService does not exist for the port.</summary>
    public static List<Route> Build(VirtualService rules, RouteScope scope)
    {
        var routes = new List<Route>();
        foreach (var rule in rules.Spec.Http)
        {
            if (rule.Delegate is not null) continue;
            foreach (var match in rule.Match.Count == 0 ? Always : rule.Match.AsEnumerable<HttpMatchRequest?>())
            {
                if (match is not null && !scope.Admits(match.Port, match.Gateways, match.SourceLabels, match.SourceNamespace)) continue;
                var route = Translate(rules, rule, match, scope);
                routes.Add(route);
                if (RouteMatches.IsCatchAll(route.Match)) return routes;
            }
        }
        return routes;
    }

    private static Route Translate(VirtualService rules, HttpRoute rule, HttpMatchRequest? match, RouteScope scope)
    {
        var route = new Route
        {
            Name = string.IsNullOrEmpty(match?.Name) ? rule.Name ?? "" : $"{rule.Name}.{match.Name}",
            Match = RouteMatches.Translate(match),
            Metadata = Messages.ConfigMetadata("virtual-service", rules.Name, rules.Namespace),
            StatPrefix = match?.StatPrefix ?? "",
        };
        RouteActions.Apply(route, rule, scope);
        RouteFilters.Apply(route, rule.Fault, rule.CorsPolicy);
        route.Decorator = new Decorator { Operation = Operation(route, rules.Name, scope.Port) };
        return route;
    }

    /// <summary>The name a trace gives to what the route does.</summary>
    private static string Operation(Route route, string virtualService, int port)
    {
        var path = route.Match.PathSpecifierCase switch
        {
            RouteMatch.PathSpecifierOneofCase.Path => route.Match.Path,
            RouteMatch.PathSpecifierOneofCase.SafeRegex => route.Match.SafeRegex.Regex,
            _ => route.Match.Prefix + "*",
        };
        var cluster = route.Route_?.Cluster ?? "";
        return ClusterName.TryParseOutbound(cluster, out var clusterPort, out _, out var host)
            ? $"{host}:{clusterPort}{path}"
            : $"{virtualService}:{port}{path}";
    }
}
