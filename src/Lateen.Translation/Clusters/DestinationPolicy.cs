using Lateen.Resources.Networking;

namespace Lateen.Translation.Clusters;

/// <summary>What DestinationRules say about a service to one client. Rules of one host in one namespace are merged; others never.</summary>
/// <param name="Rule">The rule that gave the policy its name; null when none matches.</param>
/// <param name="Policy">The policy of the whole service; null for none.</param>
/// <param name="Subsets">Subsets, names unique.</param>
internal sealed record DestinationPolicy(DestinationRule? Rule, TrafficPolicy? Policy, IReadOnlyList<Subset> Subsets)
{
    public static readonly DestinationPolicy None = new(null, null, []);
    private static readonly TrafficPolicy Empty = new();

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
        return PortLevel(subset, port) is not { } own ? merged : merged with
        {
            LoadBalancer = own.LoadBalancer,
            ConnectionPool = own.ConnectionPool,
            OutlierDetection = own.OutlierDetection,
            Tls = own.Tls,
        };
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
}
