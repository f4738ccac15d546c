using Envoy.Config.Core.V3;

namespace Lateen.Proxy.Clusters;

/// <summary>
/// The hosts of a cluster at one moment with all that picking needs; immutable, replaced whole when members, weights or health change.
/// </summary>
internal sealed class HostSet
{
    private readonly PriorityPickers[] _priorities;
    private readonly PriorityLoad _load;
    private readonly bool _hashed;

    private HostSet(IReadOnlyList<Host> hosts, PriorityPickers[] priorities, PriorityLoad load, bool hashed)
    {
        (Hosts, _priorities, _load, _hashed) = (hosts, priorities, load, hashed);
        HealthyCount = hosts.Count(h => h.Health == HostHealth.Healthy);
        DegradedCount = hosts.Count(h => h.Health == HostHealth.Degraded);
    }

    public IReadOnlyList<Host> Hosts { get; }

    public int HealthyCount { get; }

    public int DegradedCount { get; }

    public static HostSet Build(IReadOnlyList<Host> hosts, HostSetOptions options)
    {
        var count = hosts.Count == 0 ? 0 : hosts.Max(h => h.Priority) + 1;
        var groups = new List<Host>[count];
        for (var i = 0; i < count; i++)
            groups[i] = [];
        foreach (var host in hosts)
            groups[host.Priority].Add(host);
        var counts = Array.ConvertAll(groups, g => new PriorityLoad.Counts(
            g.Count, g.Count(h => h.Health == HostHealth.Healthy), g.Count(h => h.Health == HostHealth.Degraded)));
        var load = PriorityLoad.Compute(counts, options.OverprovisioningFactor, options.Balancing.PanicThreshold);
        return new HostSet(
            hosts,
            [.. groups.Select((g, i) => new PriorityPickers(g, load.Panic[i], options))],
            load,
            options.Balancing.Policy is LoadBalancingPolicy.RingHash or LoadBalancingPolicy.Maglev);
    }

    /// <summary>One choice; null when the chosen priority has no host to offer. <paramref name="panic"/>: health was ignored.</summary>
    public Host? Pick(in LoadBalancerContext context, int attempt, out bool panic)
    {
        panic = false;
        if (_priorities.Length == 0)
            return null;
        var hash = _hashed && context.Hash is { } given ? given : (ulong)context.Random.NextInt64();
        var (priority, degraded) = _load.Choose(hash);
        panic = _load.Panic[priority];
        return _priorities[priority].Pick(context, attempt, degraded);
    }

    /// <summary>The pickers of one priority.</summary>
    private sealed class PriorityPickers
    {
        private readonly HostPicker _healthy;
        private readonly HostPicker _degraded;

        public PriorityPickers(List<Host> hosts, bool panic, HostSetOptions options)
        {
            if (panic)
            {
                _healthy = _degraded = options.Picker(hosts, hosts);
                return;
            }

            _healthy = options.Picker(hosts, hosts.FindAll(h => h.Health == HostHealth.Healthy));
            _degraded = options.Picker(hosts, hosts.FindAll(h => h.Health == HostHealth.Degraded));
        }

        public Host? Pick(in LoadBalancerContext context, int attempt, bool degraded) => (degraded ? _degraded : _healthy).Pick(context, attempt);
    }
}

/// <summary>What besides the hosts decides how they are picked.</summary>
/// <param name="Balancing">The cluster's options.</param>
/// <param name="OverprovisioningFactor">In percent.</param>
/// <param name="LocalityWeight">A locality's weight at a priority; 0 for none.</param>
/// <param name="EffectiveWeight">A host's weight now (slow start).</param>
/// <param name="Random">Where round robin begins.</param>
internal sealed record HostSetOptions(
    BalancingOptions Balancing,
    uint OverprovisioningFactor,
    Func<Locality, int, uint> LocalityWeight,
    Func<Host, double> EffectiveWeight,
    Random Random)
{
    /// <summary>The picker for some hosts of a priority; <paramref name="all"/> are all of it.</summary>
    public HostPicker Picker(List<Host> all, List<Host> hosts)
    {
        if (!Balancing.LocalityWeighted || hosts.Count == 0)
            return HostPicker.Create(Weighted(hosts), Balancing, Random);
        var localities = hosts.GroupBy(h => h.Locality)
            .Select(g => (Hosts: g.ToList(), Weight: LocalityShare(g.Key, g.Count(), all.Count(h => h.Locality.Equals(g.Key)), g.First().Priority)))
            .Where(l => l.Weight > 0).ToList();
        if (localities.Count == 0)
            return HostPicker.Create([], Balancing, Random);
        return Balancing.Policy is LoadBalancingPolicy.RingHash or LoadBalancingPolicy.Maglev
            ? HostPicker.Create([.. localities.SelectMany(l => Scaled(l.Hosts, l.Weight))], Balancing, Random)
            : new LocalityPicker(
                [.. localities.Select(l => HostPicker.Create(Weighted(l.Hosts), Balancing, Random))],
                [.. localities.Select(l => l.Weight)],
                (uint)Random.Next());
    }

    private List<WeightedHost> Weighted(List<Host> hosts) => hosts.ConvertAll(h => new WeightedHost(h, EffectiveWeight(h)));

    // One ring for all localities: a host's share is its share of its locality's.
    private IEnumerable<WeightedHost> Scaled(List<Host> hosts, double localityWeight)
    {
        var sum = hosts.Sum(EffectiveWeight);
        return hosts.Select(h => new WeightedHost(h, localityWeight * EffectiveWeight(h) / sum));
    }

    private double LocalityShare(Locality locality, int available, int total, int priority) =>
        LocalityWeight(locality, priority) * Math.Min(1, OverprovisioningFactor / 100.0 * available / total);
}

/// <summary>Chooses a locality by weight, then a host of it (Envoy: locality weighted load balancing).</summary>
internal sealed class LocalityPicker(HostPicker[] localities, double[] weights, uint start) : HostPicker
{
    private readonly StrideSchedule _schedule = new(weights, start);

    public override Host? Pick(in LoadBalancerContext context, int attempt) => localities[_schedule.Next()].Pick(context, attempt);
}
