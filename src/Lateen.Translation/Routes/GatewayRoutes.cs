using Envoy.Config.Route.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Listeners;
using Lateen.Translation.Naming;
using TlsRequirement = Envoy.Config.Route.V3.VirtualHost.Types.TlsRequirementType;

namespace Lateen.Translation.Routes;

/// <summary>
/// The route configurations of a gateway. Unlike on sidecars, VirtualServices of one host add up: routes in their order, those that
/// take everything last.
/// </summary>
internal sealed class GatewayRoutes(ProxyView view, GatewayServers servers)
{
    /// <returns>For a name that no server has an answer without hosts.</returns>
    public RouteConfiguration Build(string name)
    {
        var own = servers.ByRoute(name).ToList();
        if (own.Count == 0) return VirtualHosts.Configuration(name, [], ignorePort: true);
        var hosts = new Dictionary<string, VirtualHost>(StringComparer.Ordinal);
        foreach (var server in own) AddServer(hosts, server, own[0].Number);
        foreach (var host in hosts.Values) CatchAllLast(host);
        var collapsed = Collapse(hosts.Values.OrderBy(host => host.Name, StringComparer.Ordinal));
        return VirtualHosts.Configuration(name, collapsed.Count > 0 ? collapsed : [Blackhole(own[0].Number)], ignorePort: true);
    }

    /// <summary>Hosts that a server and a VirtualService have in common, each in its more specific form.</summary>
    public static IEnumerable<string> CommonHosts(GatewayServer server, VirtualService rules) =>
        (from offered in server.Hosts
         where offered.Namespace is null || offered.Namespace == rules.Namespace
         from host in rules.Spec.Hosts
         where HostName.Matches(host, offered.Host)
         select HostName.IsSubsetOf(host, offered.Host) ? host : offered.Host)
        .Select(host => host.ToLowerInvariant()).Distinct(StringComparer.Ordinal);

    private void AddServer(Dictionary<string, VirtualHost> hosts, GatewayServer server, int port)
    {
        var scope = new RouteScope(view, server.Number, server.GatewayName, server.IsHttps);
        foreach (var rules in view.VirtualServices(server.GatewayName))
        {
            var common = CommonHosts(server, rules).ToList();
            if (common.Count == 0 || VirtualServiceRoutes.Build(rules, scope) is not { Count: > 0 } routes) continue;
            foreach (var host in common) Require(HostOf(host, routes), server);
        }
        if (!server.RedirectsToHttps) return;
        foreach (var offered in server.Hosts) Require(HostOf(offered.Host.ToLowerInvariant(), []), server);

        VirtualHost HostOf(string host, List<Route> routes)
        {
            if (hosts.TryGetValue(host, out var existing)) existing.Routes.Add(routes);
            else hosts[host] = existing = VirtualHosts.Named(host, port, [HostName.Bracketed(host)], routes);
            return existing;
        }
    }

    private static void Require(VirtualHost host, GatewayServer server)
    {
        if (server.RedirectsToHttps) host.RequireTls = TlsRequirement.All;
    }

    private static void CatchAllLast(VirtualHost host)
    {
        var ordered = host.Routes.OrderBy(route => RouteMatches.IsCatchAll(route.Match)).ToArray();
        host.Routes.Clear();
        host.Routes.Add(ordered);
    }

    /// <summary>Hosts with the same routes become one: the domains move to the alphabetically first.</summary>
    private static List<VirtualHost> Collapse(IEnumerable<VirtualHost> hosts)
    {
        var result = new List<VirtualHost>();
        foreach (var host in hosts)
        {
            var same = result.Find(other => other.RequireTls == host.RequireTls && other.Routes.Equals(host.Routes));
            if (same is null) result.Add(host);
            else same.Domains.Add(host.Domains);
        }
        return result;
    }

    /// <summary>Without routes every request finds nothing: 404.</summary>
    private static VirtualHost Blackhole(int port) => new() { Name = $"blackhole:{port}", Domains = { "*" } };
}
