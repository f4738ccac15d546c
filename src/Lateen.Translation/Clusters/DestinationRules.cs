using System.Collections.Concurrent;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Clusters;

/// <summary>
/// The DestinationRules that hold for one client: those of its namespace, else of the service's, else of the root namespace; of each the
/// most specific host (Istio: destination rule lookup).
/// </summary>
internal sealed class DestinationRules(MeshSnapshot snapshot, ProxyNode node)
{
    private readonly ConcurrentDictionary<string, HostIndex<DestinationPolicy>> exported = new(StringComparer.Ordinal);
    private readonly Lazy<HostIndex<DestinationPolicy>> own = new(() => Index(snapshot, node, node.Namespace, rule =>
        node.Namespace != snapshot.Settings.RootNamespace || snapshot.VisibilityOf(rule).IsPrivateTo(node.Namespace)));

    public DestinationPolicy For(Service service) =>
        own.Value.Find(service.Hostname)
        ?? ExportedBy(service.Namespace).Find(service.Hostname)
        ?? ExportedBy(snapshot.Settings.RootNamespace).Find(service.Hostname)
        ?? DestinationPolicy.None;

    private HostIndex<DestinationPolicy> ExportedBy(string @namespace) =>
        exported.GetOrAdd(@namespace, key => Index(snapshot, node, key, rule => snapshot.VisibilityOf(rule).Includes(node.Namespace)));

    private static HostIndex<DestinationPolicy> Index(
        MeshSnapshot snapshot, ProxyNode node, string @namespace, Func<DestinationRule, bool> visible) =>
        new(from rules in snapshot.DestinationRulesIn(@namespace)
            let mine = rules.Value.Where(rule => visible(rule) && Selects(rule, node)).ToList()
            where mine.Count > 0
            select (rules.Key, Merge(snapshot, mine)));

    private static bool Selects(DestinationRule rule, ProxyNode node) =>
        rule.Spec.WorkloadSelector is not { } selector
        || (rule.Namespace == node.Namespace && selector.MatchLabels.Selects(node.Labels));

    /// <summary>Rules with a workload selector win over those without; then the oldest policy holds and subsets add up.</summary>
    private static DestinationPolicy Merge(MeshSnapshot snapshot, List<DestinationRule> rules)
    {
        var first = rules.FirstOrDefault(rule => rule.Spec.WorkloadSelector is not null) ?? rules[0];
        var merged = rules.Where(rule => rule == first
            || (rule.Spec.WorkloadSelector == first.Spec.WorkloadSelector
                && snapshot.VisibilityOf(rule) == snapshot.VisibilityOf(first))).ToList();
        return new DestinationPolicy(
            first,
            merged.Select(rule => rule.Spec.TrafficPolicy).FirstOrDefault(policy => policy is not null),
            [.. merged.SelectMany(rule => rule.Spec.Subsets).DistinctBy(subset => subset.Name)]);
    }
}
