using Lateen.Registry;

namespace Lateen.Translation.Naming;

/// <summary>The domains by which requests may name a service (Istio: the domains of a virtual host).</summary>
internal static class Domains
{
    /// <param name="service">The service.</param>
    /// <param name="aliases">Hosts of ExternalName services that stand for it.</param>
    /// <param name="dnsDomain">The proxy's DNS domain.</param>
    /// <param name="port">The port to add to each domain as a second form; null where ports are not looked at.</param>
    public static DomainSet Of(Service service, IEnumerable<string> aliases, string dnsDomain, int? port)
    {
        var all = new List<string>();
        var expanded = new HashSet<string>(StringComparer.Ordinal);
        foreach (var host in aliases.Prepend(service.Hostname))
        {
            Add(all, host, port);
            foreach (var alternative in Alternatives(host, dnsDomain))
            {
                Add(all, alternative, port);
                expanded.Add(alternative);
            }
        }
        if (service is { Resolution: Resolution.Passthrough, Provider: ServiceProvider.Kubernetes })
            all.AddRange([.. all.Select(domain => "*." + domain)]);
        foreach (var address in service.Addresses)
            if (IsReachable(address)) Add(all, HostName.Bracketed(address), port);
        return new DomainSet(all, expanded);
    }

    /// <summary>A host that is no service of the registry.</summary>
    public static DomainSet OfHost(string host, int? port)
    {
        var all = new List<string>();
        Add(all, HostName.Bracketed(host), port);
        return new DomainSet(all, new HashSet<string>());
    }

    /// <summary>
    /// The other ways to write a host: with a closing dot always; the short forms only of names in the proxy's own cluster domain.
    /// </summary>
    private static IEnumerable<string> Alternatives(string host, string dnsDomain)
    {
        yield return host + ".";
        var proxyService = dnsDomain.IndexOf(".svc.", StringComparison.Ordinal);
        var service = host.IndexOf(".svc.", StringComparison.Ordinal);
        if (proxyService < 0 || service < 0 || !host.EndsWith(dnsDomain[proxyService..], StringComparison.Ordinal)) yield break;
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        if (dot >= service) yield break;
        if (host[(dot + 1)..service] == dnsDomain[..proxyService])
        {
            yield return host[..dot];
            yield return host[..(service + 4)];
            yield return host[..service];
        }
        else
        {
            yield return host[..service];
            yield return host[..(service + 4)];
        }
    }

    private static void Add(List<string> domains, string host, int? port)
    {
        domains.Add(host);
        if (port is { } number) domains.Add($"{host}:{number}");
    }

    private static bool IsReachable(string address) =>
        address.Length > 0 && address is not ("0.0.0.0" or "::" or "None") && !address.Contains('/', StringComparison.Ordinal);
}

/// <summary>The domains of one virtual host.</summary>
/// <param name="All">In order; the first one is the host itself.</param>
/// <param name="Expanded">Those that were derived; one that is another service's real host belongs to that service.</param>
internal sealed record DomainSet(IReadOnlyList<string> All, IReadOnlySet<string> Expanded);
