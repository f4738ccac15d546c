using System.Collections.Immutable;
using k8s.Models;
using Lateen.Resources;

namespace Lateen.Registry.Building;

/// <summary>What two snapshots have in common, and what not.</summary>
internal static class SnapshotDifference
{
    /// <summary>The newer content with every part that equals one of the older's replaced by that very one.</summary>
    public static SnapshotContent Share(SnapshotContent newer, SnapshotContent older) => newer with
    {
        Settings = newer.Settings == older.Settings ? older.Settings : newer.Settings,
        Services = Share(newer.Services, older.Services, service => service.Key, EqualityComparer<Service>.Default.Equals),
        Workloads = Share(newer.Workloads, older.Workloads, Key, EqualityComparer<Workload>.Default.Equals),
        Endpoints = newer.Endpoints.ToImmutableDictionary(entry => entry.Key, entry =>
            older.Endpoints.TryGetValue(entry.Key, out ImmutableArray<Endpoint> before) && before.AsSpan().SequenceEqual(entry.Value.AsSpan())
                ? before : entry.Value),
        Gateways = ShareResources(newer.Gateways, older.Gateways),
        VirtualServices = ShareResources(newer.VirtualServices, older.VirtualServices),
        DestinationRules = ShareResources(newer.DestinationRules, older.DestinationRules),
        ServiceEntries = ShareResources(newer.ServiceEntries, older.ServiceEntries),
        PeerAuthentications = ShareResources(newer.PeerAuthentications, older.PeerAuthentications),
        Credentials = Share(newer.Credentials, older.Credentials, credential => (credential.Namespace, credential.Name), (a, b) => a == b),
    };

    /// <summary>What was added, changed or removed. Both contents must be in creation order.</summary>
    public static MeshChange Between(SnapshotContent older, SnapshotContent newer)
    {
        if (older.Settings != newer.Settings || OrderChanged(older, newer)) return MeshChange.Everything;
        var keys = ImmutableHashSet.CreateBuilder<ConfigKey>();
        keys.UnionWith(Differing(ConfigKind.Service, older.Services, newer.Services, service => (service.Namespace, service.Hostname), SameService));
        keys.UnionWith(DifferingEndpoints(older, newer));
        keys.UnionWith(Differing(ConfigKind.Workload, older.Workloads, newer.Workloads, Key, (a, b) => a == b));
        keys.UnionWith(DifferingResources(ConfigKind.VirtualService, older.VirtualServices, newer.VirtualServices));
        keys.UnionWith(DifferingResources(ConfigKind.DestinationRule, older.DestinationRules, newer.DestinationRules));
        keys.UnionWith(DifferingResources(ConfigKind.Gateway, older.Gateways, newer.Gateways));
        keys.UnionWith(DifferingResources(ConfigKind.PeerAuthentication, older.PeerAuthentications, newer.PeerAuthentications));
        keys.UnionWith(Differing(ConfigKind.Secret, older.Credentials, newer.Credentials, secret => (secret.Namespace, secret.Name), (a, b) => a == b));
        keys.UnionWith(Differing(ConfigKind.Namespace, older.Namespaces, newer.Namespaces, space => ("", space.Metadata.Name), SameNamespace));
        return new(false, keys.ToImmutable());
    }

    private static IEnumerable<ConfigKey> DifferingEndpoints(SnapshotContent older, SnapshotContent newer) =>
        from key in older.Endpoints.Keys.Union(newer.Endpoints.Keys)
        where !older.Endpoints.GetValueOrDefault(key, []).AsSpan().SequenceEqual(newer.Endpoints.GetValueOrDefault(key, []).AsSpan())
        select new ConfigKey(ConfigKind.Endpoints, key.Namespace, key.Hostname);

    private static IEnumerable<ConfigKey> DifferingResources<T>(ConfigKind kind, ImmutableArray<T> older, ImmutableArray<T> newer)
        where T : IstioResource => Differing(kind, older, newer, resource => (resource.Namespace, resource.Name), (a, b) => a.Equals(b));

    private static IEnumerable<ConfigKey> Differing<T>(
        ConfigKind kind, ImmutableArray<T> older, ImmutableArray<T> newer, Func<T, (string Namespace, string Name)> key, Func<T, T, bool> same)
        where T : class
    {
        Dictionary<(string, string), T> before = older.ToDictionary(key);
        foreach (T item in newer)
        {
            (string @namespace, string name) = key(item);
            bool unchanged = before.Remove((@namespace, name), out T? old) && (ReferenceEquals(old, item) || same(old, item));
            if (!unchanged) yield return new(kind, @namespace, name);
        }
        foreach ((string @namespace, string name) in before.Keys) yield return new(kind, @namespace, name);
    }

    // "The oldest wins" makes order part of the meaning; an edit that turns it round touches what it does not name.
    private static bool OrderChanged(SnapshotContent older, SnapshotContent newer) =>
        OrderChanged(older.Services, newer.Services, service => service.Key)
        || OrderChanged(older.VirtualServices, newer.VirtualServices, Key)
        || OrderChanged(older.DestinationRules, newer.DestinationRules, Key)
        || OrderChanged(older.Gateways, newer.Gateways, Key)
        || OrderChanged(older.PeerAuthentications, newer.PeerAuthentications, Key);

    private static bool OrderChanged<T, TKey>(ImmutableArray<T> older, ImmutableArray<T> newer, Func<T, TKey> key)
        where TKey : notnull
    {
        HashSet<TKey> before = [.. older.Select(key)];
        HashSet<TKey> after = [.. newer.Select(key)];
        return !older.Select(key).Where(after.Contains).SequenceEqual(newer.Select(key).Where(before.Contains));
    }

    // Lines that move within a file change nothing as long as the order stays.
    private static bool SameService(Service older, Service newer) => older with { CreationOrder = newer.CreationOrder } == newer;

    private static bool SameNamespace(V1Namespace older, V1Namespace newer) =>
        Map(older.Metadata.Labels) == Map(newer.Metadata.Labels) && Map(older.Metadata.Annotations) == Map(newer.Metadata.Annotations);

    private static EquatableMap<string> Map(IDictionary<string, string>? entries) => entries is null ? default : new(entries);

    private static ImmutableArray<T> ShareResources<T>(ImmutableArray<T> newer, ImmutableArray<T> older)
        where T : IstioResource => Share(newer, older, Key, (a, b) => a.Equals(b) && ReferenceEquals(a.Origin, b.Origin));

    private static ImmutableArray<T> Share<T, TKey>(ImmutableArray<T> newer, ImmutableArray<T> older, Func<T, TKey> key, Func<T, T, bool> same)
        where T : class
        where TKey : notnull
    {
        Dictionary<TKey, T> before = older.ToDictionary(key);
        return [.. newer.Select(item => before.TryGetValue(key(item), out T? old) && same(old, item) ? old : item)];
    }

    private static (string, string) Key(Workload workload) => (workload.Namespace, workload.Name);

    private static (string, string) Key(IstioResource resource) => (resource.Namespace, resource.Name);
}
