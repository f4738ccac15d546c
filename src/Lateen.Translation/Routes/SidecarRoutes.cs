using System.Globalization;
using Envoy.Config.Route.V3;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Routes;

/// <summary>The route configurations of a sidecar's outbound listeners.</summary>
internal sealed class SidecarRoutes
{
    /// <summary>The route configuration of the HTTP forward proxy.</summary>
    public const string HttpProxy = "http_proxy";

    /// <summary>The port on which also hosts live that are no service of the registry.</summary>
    private const int HttpPort = 80;

    private readonly ProxyView view;
    private readonly IReadOnlyList<VirtualService> virtualServices;

    /// <summary>A service belongs to the VirtualService with the most specific host for it; of equal hosts the first wins wholly.</summary>
    private readonly HostIndex<VirtualService> owners;

    public SidecarRoutes(ProxyView view)
    {
        this.view = view;
        virtualServices = view.VirtualServices(RouteScope.Mesh);
        owners = new HostIndex<VirtualService>(virtualServices.SelectMany(rules => rules.Spec.Hosts.Select(host => (host, rules))));
    }

    /// <param name="name"><c>http_proxy</c>, a port, or <c>host:port</c> for a port whose protocol is detected.</param>
    /// <returns>Null for a name that is none of these.</returns>
    public RouteConfiguration? Build(string name)
    {
        if (name == HttpProxy) return ForwardProxy();
        var colon = name.LastIndexOf(':');
        if (!int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return null;
        var services = HttpServices(port);
        return colon < 0
            ? VirtualHosts.Configuration(name, WithCatchAll(Hosts(port, services)), ignorePort: true)
            : VirtualHosts.Configuration(name, Hosts(port, services.FindAll(own => own.Hostname == name[..colon])), ignorePort: true);
    }

    /// <summary>
    /// All ports in one: without a port a host means port 80, so virtual hosts of other ports keep only the domains that name it.
    /// Ports are looked at in matching here.
    /// </summary>
    private RouteConfiguration ForwardProxy()
    {
        var hosts = new List<VirtualHost>();
        foreach (var port in HttpPorts())
        {
            foreach (var host in Hosts(port, HttpServices(port), withPorts: true))
            {
                if (port != HttpPort) KeepDomainsOf(host, port);
                if (host.Domains.Count > 0) hosts.Add(host);
            }
        }
        return VirtualHosts.Configuration(HttpProxy, WithCatchAll(hosts), ignorePort: false);
    }

    private static void KeepDomainsOf(VirtualHost host, int port)
    {
        var kept = host.Domains.Where(domain => domain.EndsWith($":{port}", StringComparison.Ordinal)).ToArray();
        host.Domains.Clear();
        host.Domains.Add(kept);
    }

    private IEnumerable<VirtualHost> WithCatchAll(IEnumerable<VirtualHost> hosts) =>
        hosts.OrderBy(host => host.Name, StringComparer.Ordinal).Append(VirtualHosts.CatchAll(view.Mesh.OutboundTrafficPolicy));

    private IEnumerable<int> HttpPorts() => view.Services.SelectMany(service => service.Ports)
        .Where(IsHttp).Select(port => (int)port.Number).Append(HttpPort).Distinct().Order();

    private List<Service> HttpServices(int port) =>
        [.. view.Services.Where(service => service.Port((uint)port) is { } found && IsHttp(found))];

    private static bool IsHttp(ServicePort port) => port.Protocol.IsHttp() || port.Protocol.IsDetected();

    /// <summary>One virtual host per service and per other host of a VirtualService; what comes first keeps its name and domains.</summary>
    private List<VirtualHost> Hosts(int port, List<Service> services, bool withPorts = false)
    {
        var scope = new RouteScope(view, port, RouteScope.Mesh, Tls: false);
        var set = new VirtualHostSet(view, port, withPorts, services);
        var owned = services.ToLookup(service => owners.Find(service.Hostname), ReferenceEqualityComparer.Instance);
        foreach (var rules in virtualServices)
        {
            var own = owned[rules].ToList();
            var foreign = ForeignHosts(rules, services, withPorts).ToList();
            var relevant = own.Count > 0 || (port == HttpPort && foreign.Count > 0);
            if (!relevant || VirtualServiceRoutes.Build(rules, scope) is not { Count: > 0 } routes) continue;
            foreach (var service in own) set.Add(service, routes);
            foreach (var host in foreign) set.Add(host, routes);
        }
        foreach (var service in services) set.Add(service, [VirtualHosts.Default(service, scope)]);
        return set.Hosts;
    }

    /// <summary>Hosts of a VirtualService that are no service on this port; for the forward proxy, no service on any port.</summary>
    private IEnumerable<string> ForeignHosts(VirtualService rules, List<Service> services, bool anyPort) =>
        rules.Spec.Hosts.Where(host => HostName.IsWildcard(host)
            ? !services.Any(service => HostName.Matches(service.Hostname, host))
            : !services.Any(service => service.Hostname == host) && !(anyPort && view.Service(host) is not null));
}
