using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Clusters;

/// <summary>What DestinationRules say about a service to one client. Rules of one host in one namespace are merged; others never.</summary>
/// <param name="Rule">The rule that gave the policy its name; null when none matches.</param>
/// <param name="Policy">The policy of the whole service; null for none.</param>
/// <param name="Subsets">Subsets, names unique.</param>
internal sealed record DestinationPolicy(DestinationRule? Rule, TrafficPolicy? Policy, IReadOnlyList<Subset> Subsets)
{
    private static readonly DestinationPolicy None = new(null, null, []);
    private static readonly TrafficPolicy Empty = new();

    /// <summary>
    /// The rules of the client's namespace, else of the service's, else of the root namespace; of each the most specific host
    /// (Istio: destination rule lookup).
    /// </summary>
    public static DestinationPolicy Resolve(MeshSnapshot snapshot, ProxyNode node, Service service)
    {
        var client = node.Namespace;
        var root = snapshot.Settings.RootNamespace;
        return In(client, rule => client != root || snapshot.VisibilityOf(rule).IsPrivateTo(root))
            ?? In(service.Namespace, rule => snapshot.VisibilityOf(rule).Includes(client))
            ?? In(root, rule => snapshot.VisibilityOf(rule).Includes(client))
            ?? None;

        DestinationPolicy? In(string @namespace, Func<DestinationRule, bool> visible)
        {
            var byHost = snapshot.DestinationRulesIn(@namespace)
                .Select(rules => (Host: rules.Key, Rules: rules.Value.Where(rule => visible(rule) && Selects(rule, node)).ToList()))
                .Where(rules => rules.Rules.Count > 0)
                .ToDictionary(rules => rules.Host, rules => rules.Rules, StringComparer.Ordinal);
            return HostName.MostSpecific(service.Hostname, byHost.Keys) is { } host ? Merge(snapshot, byHost[host]) : null;
        }
    }

    /// <summary>The policy that holds for a port, of a subset when one is named.</summary>
    public TrafficPolicy For(int port, string subset = "")
    {
        var policy = PortLevel(Policy, port) is { } own ? Of(own) : Policy ?? Empty;
        return Subsets.FirstOrDefault(candidate => candidate.Name == subset)?.TrafficPolicy is { } overriding
            ? Override(policy, overriding, port)
            : policy;
    }

    private static TrafficPolicy Override(TrafficPolicy policy, TrafficPolicy subset, int port)
    {
        var merged = policy with
        {
            LoadBalancer = subset.LoadBalancer ?? policy.LoadBalancer,
            ConnectionPool = subset.ConnectionPool ?? policy.ConnectionPool,
            OutlierDetection = subset.OutlierDetection ?? policy.OutlierDetection,
            Tls = subset.Tls ?? policy.Tls,
            Tunnel = subset.Tunnel ?? policy.Tunnel,
            ProxyProtocol = subset.ProxyProtocol ?? policy.ProxyProtocol,
            RetryBudget = subset.RetryBudget ?? policy.RetryBudget,
        };
        return PortLevel(subset, port) is { } own
            ? merged with { LoadBalancer = own.LoadBalancer, ConnectionPool = own.ConnectionPool, OutlierDetection = own.OutlierDetection, Tls = own.Tls }
            : merged;
    }

    /// <summary>A port's settings stand alone: nothing is inherited from the whole service.</summary>
    private static TrafficPolicy Of(PortTrafficPolicy port) => new()
    {
        LoadBalancer = port.LoadBalancer,
        ConnectionPool = port.ConnectionPool,
        OutlierDetection = port.OutlierDetection,
        Tls = port.Tls,
    };

    private static PortTrafficPolicy? PortLevel(TrafficPolicy? policy, int port) =>
        policy?.PortLevelSettings.FirstOrDefault(settings => settings.Port?.Number == port);

    private static bool Selects(DestinationRule rule, ProxyNode node) =>
        rule.Spec.WorkloadSelector is not { } selector
        || (rule.Namespace == node.Namespace && selector.MatchLabels.Selects(node.Labels));

    /// <summary>Rules with a workload selector win over those without; then the oldest policy holds and subsets add up.</summary>
    private static DestinationPolicy Merge(MeshSnapshot snapshot, List<DestinationRule> rules)
    {
        var first = rules.FirstOrDefault(rule => rule.Spec.WorkloadSelector is not null) ?? rules[0];
        var merged = rules.Where(rule => rule == first
            || (rule.Spec.WorkloadSelector == first.Spec.WorkloadSelector && snapshot.VisibilityOf(rule) == snapshot.VisibilityOf(first))).ToList();
        return new DestinationPolicy(
            first,
            merged.Select(rule => rule.Spec.TrafficPolicy).FirstOrDefault(policy => policy is not null),
            [.. merged.SelectMany(rule => rule.Spec.Subsets).DistinctBy(subset => subset.Name)]);
    }
}
