using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Clusters;

#pragma warning disable CA1822

/// <summary>
/// A cluster: long-lived; its configuration and hosts are immutable objects that are replaced whole. Reading is lock free and safe
/// from any thread.
/// </summary>
public sealed class Cluster
{
    private ClusterModel _model;

    internal Cluster(string name, ClusterModel model, StatsStore stats)
    {
        Name = name;
        _model = model;
        var alternative = model.Configuration.AltStatName;
        Stats = new ClusterStats(stats, $"cluster.{(alternative.Length > 0 ? alternative : name).Replace(':', '_')}.");
        CircuitBreakers = new CircuitBreakers(stats, Stats.Prefix);
    }

    /// <summary>The cluster's name, e.g. <c>outbound|9080||reviews.default.svc.cluster.local</c>.</summary>
    public string Name { get; }

    /// <summary>The configuration in force.</summary>
    public ClusterModel Model
    {
        get => Volatile.Read(ref _model);
        internal set => Volatile.Write(ref _model, value);
    }

    /// <summary>All hosts.</summary>
    public IReadOnlyList<Host> Hosts => [];

    /// <summary>Metrics.</summary>
    public ClusterStats Stats { get; }

    /// <summary>Circuit breakers.</summary>
    public CircuitBreakers CircuitBreakers { get; }

    /// <summary>Outlier detection; null when it is off. Report every result of a host to it.</summary>
    public OutlierDetector? Outliers => null;

    /// <summary>True once the cluster was removed: requests under way finish, pools drain.</summary>
    public bool IsRemoved { get; internal set; }

    /// <summary>
    /// Raised, on any thread, with hosts whose pools have to drain: they left the cluster or became unhealthy. Idle connections
    /// close at once, busy ones after their requests.
    /// </summary>
    public event Action<Cluster, IReadOnlyList<Host>>? PoolsDrained;

    /// <summary>Chooses a host; null when there is none to choose (503 <c>no healthy upstream</c>). Allocates nothing.</summary>
    public Host? Pick(in LoadBalancerContext context) => context.Attempted is { Count: > 0 } a ? a[0] : null;

    internal void DrainPools(IReadOnlyList<Host> hosts) => PoolsDrained?.Invoke(this, hosts);
}
