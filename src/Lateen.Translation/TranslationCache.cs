using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Translation.Naming;
using Lateen.Xds;

namespace Lateen.Translation;

/// <summary>
/// Serialized configuration, made once for all proxies that see the mesh alike. Entries live as long as their snapshot. Safe for use
/// by many threads.
/// </summary>
public sealed class TranslationCache
{
    private static readonly Struct NoMetadata = new();

    private readonly ConditionalWeakTable<MeshSnapshot, SnapshotEntries> snapshots = [];

    /// <summary>The resources of a type that a proxy is to have.</summary>
    /// <param name="snapshot">The state of the mesh.</param>
    /// <param name="node">The proxy.</param>
    /// <param name="typeUrl">CDS, EDS, LDS or RDS, as <see cref="TypeUrls"/> has them.</param>
    /// <param name="names">The names asked for; for CDS and LDS null means all.</param>
    /// <exception cref="ArgumentException">A type that Translation does not make.</exception>
    public IReadOnlyList<Any> Resources(MeshSnapshot snapshot, ProxyNode node, string typeUrl, IReadOnlyCollection<string>? names)
    {
        var entries = snapshots.GetValue(snapshot, static key => new SnapshotEntries(key));
        return typeUrl switch
        {
            TypeUrls.Cluster => Select(entries.Clusters(node), names),
            TypeUrls.Listener => Select(entries.Listeners(node), names),
            TypeUrls.Endpoint => Each(names, name => entries.Endpoints(node, name)),
            TypeUrls.Route => Each(names, name => entries.Route(node, name)),
            _ => throw new ArgumentException($"no resources of type {typeUrl} are translated", nameof(typeUrl)),
        };
    }

    private static Any[] Select(IEnumerable<Entry> entries, IReadOnlyCollection<string>? names) =>
    [
        .. entries.Where(entry => names is null || names.Count == 0 || names.Contains("*") || names.Contains(entry.Name))
            .Select(entry => entry.Resource),
    ];

    private static Any[] Each(IReadOnlyCollection<string>? names, Func<string, Any?> make) =>
        [.. (names ?? []).Distinct(StringComparer.Ordinal).Select(make).OfType<Any>()];

    private sealed record Entry(string Name, Any Resource);

    /// <summary>What one snapshot gave.</summary>
    private sealed class SnapshotEntries(MeshSnapshot snapshot)
    {
        private readonly HashSet<string> sourceLabels = SourceLabels(snapshot).ToHashSet(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, Lazy<VisibleServices>> services = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<ProxyNode, Lazy<ProxyConfiguration>> configurations = new();
        private readonly ConcurrentDictionary<ProxyNode, Lazy<Entry[]>> outboundClusters = new();
        private readonly ConcurrentDictionary<(ProxyNode View, string Name), Lazy<Any?>> endpoints = new();
        private readonly ConcurrentDictionary<(ProxyNode View, string Name), Lazy<Any?>> routes = new();

        public IEnumerable<Entry> Clusters(ProxyNode node)
        {
            var view = SharedView(node);
            var shared = outboundClusters.GetOrAdd(view, key => new(() =>
                [.. Shared(key).OutboundClusters().Select(cluster => new Entry(cluster.Name, cluster.Packed()))])).Value;
            var local = Configuration(node).LocalClusters().Select(cluster => new Entry(cluster.Name, cluster.Packed()));
            return shared.Concat(local).DistinctBy(entry => entry.Name, StringComparer.Ordinal);
        }

        /// <summary>Listeners carry the proxy's own addresses: nothing is shared.</summary>
        public IEnumerable<Entry> Listeners(ProxyNode node) =>
            Configuration(node).Listeners().Select(listener => new Entry(listener.Name, listener.Packed()));

        public Any? Endpoints(ProxyNode node, string name) => endpoints.GetOrAdd((SharedView(node), name), key => new(() =>
            Shared(key.View).Endpoints([key.Name]) is [var found] ? found.Packed() : null)).Value;

        public Any? Route(ProxyNode node, string name) => routes.GetOrAdd((SharedView(node), name), key => new(() =>
            Shared(key.View).Routes([key.Name]) is [var found] ? found.Packed() : null)).Value;

        private ProxyConfiguration Shared(ProxyNode view) => configurations.GetOrAdd(view, key => new(() => Configuration(key))).Value;

        private ProxyConfiguration Configuration(ProxyNode node) => new(snapshot, node, ServicesFor(node.Namespace));

        private VisibleServices ServicesFor(string @namespace) =>
            services.GetOrAdd(@namespace, key => new(() => new VisibleServices(snapshot, key))).Value;

        /// <summary>
        /// The proxy without what only names it, or only its listeners depend on: sidecars with the same key get the same clusters of
        /// services, endpoints and routes. Of labels only those count that some rule asks clients for. Gateways stand for themselves:
        /// their routes depend on the ports they bind.
        /// </summary>
        private ProxyNode SharedView(ProxyNode node) => node.Type == ProxyType.Router ? node : node with
        {
            NodeId = "",
            Id = "",
            Addresses = [node.WildcardAddress],
            Labels = new EquatableMap<string>(node.Labels.Where(label => sourceLabels.Contains(label.Key))),
            HttpProxyPort = 0,
            ServiceAccount = "",
            WorkloadName = "",
            NodeName = "",
            Version = "",
            IdleTimeout = null,
            Http10 = false,
            Unprivileged = false,
            Metadata = NoMetadata,
        };

        private static IEnumerable<string> SourceLabels(MeshSnapshot snapshot) =>
            snapshot.Content.VirtualServices.SelectMany(rules => rules.Spec.Http).SelectMany(route => route.Match)
                .SelectMany(match => match.SourceLabels.Keys)
                .Concat(snapshot.Content.DestinationRules.SelectMany(rule => rule.Spec.WorkloadSelector?.MatchLabels.Keys ?? []));
    }
}
