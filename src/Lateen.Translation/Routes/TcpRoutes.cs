using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using HashPolicy = Envoy.Type.V3.HashPolicy;
using WeightedCluster = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy.Types.WeightedCluster;

namespace Lateen.Translation.Routes;

/// <summary>A TCP proxy with what must match for a connection to come to it.</summary>
/// <param name="Proxy">The proxy.</param>
/// <param name="ServerNames">Server names of TLS; empty for any.</param>
/// <param name="Subnets">Destination subnets; empty for any.</param>
/// <param name="Metadata">The rule it comes from; null for none.</param>
internal sealed record TcpRouteTarget(TcpProxy Proxy, IReadOnlyList<string> ServerNames, IReadOnlyList<string> Subnets, Metadata? Metadata);

/// <summary>TCP and TLS routes of VirtualServices.</summary>
internal sealed class TcpRoutes(RouteScope scope, IReadOnlyList<AccessLog> accessLogs)
{
    /// <summary>What opaque TLS to the given hosts goes to, by server name; identical matches count once, the first one.</summary>
    public List<TcpRouteTarget> Tls(Func<VirtualService, bool> relevant, Func<string, bool> servesHost)
    {
        var targets = new List<TcpRouteTarget>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rules in scope.View.VirtualServices(scope.Gateway).Where(relevant))
        {
            foreach (var (rule, match) in rules.Spec.Tls.SelectMany(rule => rule.Match.Select(match => (rule, match))))
            {
                if (!scope.Admits(match.Port, match.Gateways, match.SourceLabels, match.SourceNamespace)) continue;
                var names = match.SniHosts.Where(servesHost).ToArray();
                if (names.Length == 0 || !seen.Add($"{string.Join(',', names)} {match.DestinationSubnets}")) continue;
                targets.Add(Target(rules, rule.Route, names, match.DestinationSubnets));
            }
        }
        return targets;
    }

    /// <summary>What plain TCP goes to: rules with destination subnets in order, up to the first one that takes everything.</summary>
    public List<TcpRouteTarget> Tcp(Func<VirtualService, bool> relevant)
    {
        var targets = new List<TcpRouteTarget>();
        foreach (var rules in scope.View.VirtualServices(scope.Gateway).Where(relevant))
        {
            foreach (var rule in rules.Spec.Tcp)
            {
                if (rule.Match.Count == 0) return [.. targets, Target(rules, rule.Route, [], [])];
                var matches = rule.Match
                    .Where(match => scope.Admits(match.Port, match.Gateways, match.SourceLabels, match.SourceNamespace)).ToList();
                if (matches.Count == 0) continue;
                if (matches.Any(match => match.DestinationSubnets.IsEmpty)) return [.. targets, Target(rules, rule.Route, [], [])];
                targets.Add(Target(rules, rule.Route, [], [.. matches.SelectMany(match => match.DestinationSubnets)]));
            }
        }
        return targets;
    }

    /// <summary>A service's own cluster.</summary>
    public TcpProxy ToService(Service service) => ToCluster(ClusterName.Outbound(scope.Port, "", service.Hostname));

    private TcpProxy ToCluster(string cluster) => Configure(new TcpProxy { StatPrefix = cluster, Cluster = cluster }, cluster);

    private TcpRouteTarget Target(
        VirtualService rules, EquatableArray<RouteDestination> destinations, IReadOnlyList<string> names, IReadOnlyList<string> subnets) =>
        new(Proxy(rules, destinations), names, subnets, Messages.ConfigMetadata("virtual-service", rules.Name, rules.Namespace));

    private TcpProxy Proxy(VirtualService rules, EquatableArray<RouteDestination> destinations)
    {
        var used = destinations.Count == 1 ? [.. destinations] : destinations.Where(destination => destination.Weight > 0).ToList();
        if (used.Count == 0) return new TcpProxy { StatPrefix = ClusterName.UnknownService, Cluster = ClusterName.UnknownService };
        if (used.Count == 1) return ToCluster(scope.ClusterOf(used[0].Destination));
        var weighted = new WeightedCluster();
        weighted.Clusters.Add(used.Select(destination => new WeightedCluster.Types.ClusterWeight
        {
            Name = scope.ClusterOf(destination.Destination),
            Weight = (uint)destination.Weight,
        }));
        var proxy = new TcpProxy { StatPrefix = $"{rules.Name}.{rules.Namespace}", WeightedClusters = weighted };
        return Configure(proxy, weighted.Clusters[0].Name);
    }

    /// <summary>Timeouts and the hash of the (first) destination's policy.</summary>
    private TcpProxy Configure(TcpProxy proxy, string cluster)
    {
        proxy.AccessLog.Add(accessLogs);
        var policy = scope.View.Policy(cluster);
        var pool = policy?.ConnectionPool?.Tcp;
        if ((pool?.IdleTimeout?.Value ?? scope.Node.IdleTimeout) is { } idle) proxy.IdleTimeout = idle.ToProto();
        if (pool?.MaxConnectionDuration is { } longest) proxy.MaxDownstreamConnectionDuration = longest.Value.ToProto();
        if (policy?.LoadBalancer?.ConsistentHash?.UseSourceIp == true)
            proxy.HashPolicy.Add(new HashPolicy { SourceIp = new HashPolicy.Types.SourceIp() });
        return proxy;
    }
}
