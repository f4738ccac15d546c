using Envoy.Config.Route.V3;
using Lateen.Registry;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Routes;

/// <summary>
/// Virtual hosts of one port. Envoy refuses a route configuration with a name or domain twice, so the first one keeps it; a short
/// form that is another service's real host is left to that service.
/// </summary>
internal sealed class VirtualHostSet(ProxyView view, int port, bool withPorts, IEnumerable<Service> services)
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<string> domains = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> realHosts = services.Select(service => service.Hostname).ToHashSet(StringComparer.Ordinal);

    public List<VirtualHost> Hosts { get; } = [];

    private int? DomainPort => withPorts ? port : null;

    public void Add(Service service, IEnumerable<Route> routes) =>
        Add(service.Hostname, Domains.Of(service, view.Aliases(service), view.Node.DnsDomain, DomainPort), routes);

    public void Add(string host, IEnumerable<Route> routes) => Add(host, Domains.OfHost(host, DomainPort), routes);

    private void Add(string host, DomainSet candidates, IEnumerable<Route> routes)
    {
        if (!names.Add(host)) return;
        var own = candidates.All
            .Where(domain => !(candidates.Expanded.Contains(domain) && realHosts.Contains(domain)))
            .Where(domains.Add).ToList();
        if (own.Count > 0) Hosts.Add(VirtualHosts.Named(host, port, own, routes));
    }
}
