using Lateen.Registry;

namespace Lateen.Translation;

/// <summary>The services that proxies of one namespace may see, one per host, oldest first.</summary>
internal sealed class VisibleServices
{
    private readonly Dictionary<string, Service> byHost;
    private readonly Dictionary<string, List<string>> aliases = new(StringComparer.Ordinal);

    public VisibleServices(MeshSnapshot snapshot, string clientNamespace)
    {
        var visible = snapshot.Services.Select(service => service.Hostname).Distinct(StringComparer.Ordinal)
            .Select(host => snapshot.ServiceFor(host, clientNamespace)).OfType<Service>().ToList();
        All = [.. visible.Where(service => service.Resolution != Resolution.Alias).OrderBy(service => service.CreationOrder)];
        byHost = All.ToDictionary(service => service.Hostname, StringComparer.Ordinal);
        foreach (var alias in visible.Where(service => service.Resolution == Resolution.Alias)) AddAlias(alias);
    }

    public IReadOnlyList<Service> All { get; }

    /// <summary>The service of a host; of an alias's host the service it stands for. Null when there is none.</summary>
    public Service? Find(string host) => byHost.GetValueOrDefault(host);

    /// <summary>Hosts of ExternalName services that stand for a service.</summary>
    public IReadOnlyList<string> AliasesOf(Service service) => aliases.GetValueOrDefault(service.Hostname) ?? [];

    private void AddAlias(Service alias)
    {
        if (alias.ExternalName is not { } target || !byHost.TryGetValue(target, out var concrete)) return;
        byHost.TryAdd(alias.Hostname, concrete);
        if (!aliases.TryGetValue(target, out var hosts)) aliases[target] = hosts = [];
        hosts.Add(alias.Hostname);
    }
}
