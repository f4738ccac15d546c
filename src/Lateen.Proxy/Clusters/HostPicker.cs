namespace Lateen.Proxy.Clusters;

/// <summary>A host with the weight that balancing gives it at the moment.</summary>
internal readonly record struct WeightedHost(Host Host, double Weight);

/// <summary>Chooses among a fixed list of hosts; safe from any thread, lock free, without allocation.</summary>
internal abstract class HostPicker
{
    /// <summary>A host; null when the list is empty.</summary>
    /// <param name="context">What the choice may depend on.</param>
    /// <param name="attempt">How many earlier choices of this pick were refused: hashing goes on to the next host.</param>
    public abstract Host? Pick(in LoadBalancerContext context, int attempt);

    /// <summary>The picker for a policy.</summary>
    public static HostPicker Create(IReadOnlyList<WeightedHost> hosts, BalancingOptions options, Random random) => options.Policy switch
    {
        _ when hosts.Count == 0 => NoHosts.Instance,
        LoadBalancingPolicy.RoundRobin => new RoundRobinPicker(hosts, random),
        LoadBalancingPolicy.LeastRequest => new LeastRequestPicker(hosts, options),
        LoadBalancingPolicy.RingHash => new RingHashPicker(hosts, options),
        LoadBalancingPolicy.Maglev => new MaglevPicker(hosts, options),
        _ => new RandomPicker(hosts),
    };

    private sealed class NoHosts : HostPicker
    {
        public static readonly NoHosts Instance = new();

        public override Host? Pick(in LoadBalancerContext context, int attempt) => null;
    }
}

/// <summary>Any host; weights do not count (Envoy: RANDOM).</summary>
internal sealed class RandomPicker(IReadOnlyList<WeightedHost> hosts) : HostPicker
{
    private readonly Host[] _hosts = [.. hosts.Select(h => h.Host)];

    public override Host? Pick(in LoadBalancerContext context, int attempt) => _hosts[context.Random.Next(_hosts.Length)];
}

/// <summary>Hosts in turn, by weight (Envoy: ROUND_ROBIN); begins at a random one so that proxies do not act in step.</summary>
internal sealed class RoundRobinPicker(IReadOnlyList<WeightedHost> hosts, Random random) : HostPicker
{
    private readonly Host[] _hosts = [.. hosts.Select(h => h.Host)];
    private readonly StrideSchedule _schedule = new([.. hosts.Select(h => h.Weight)], (uint)random.Next());

    public override Host? Pick(in LoadBalancerContext context, int attempt) => _hosts[_schedule.Next()];
}

/// <summary>
/// The host with the fewest active requests of some drawn ones, the first on a tie (Envoy: LEAST_REQUEST, power of N choices). With
/// different weights hosts are drawn by weight and compared by active^bias / weight, so that idle hosts get their weight's share
/// without a schedule that loops would have to lock.
/// </summary>
internal sealed class LeastRequestPicker : HostPicker
{
    private readonly Host[] _hosts;
    private readonly double[]? _cumulated;
    private readonly double[] _weights;
    private readonly int _choices;
    private readonly double _bias;
    private readonly bool _fullScan;

    public LeastRequestPicker(IReadOnlyList<WeightedHost> hosts, BalancingOptions options)
    {
        _hosts = [.. hosts.Select(h => h.Host)];
        _weights = [.. hosts.Select(h => h.Weight)];
        (_choices, _bias, _fullScan) = (options.ChoiceCount, options.ActiveRequestBias, options.FullScan);
        if (Array.TrueForAll(_weights, w => w.Equals(_weights[0])))
            return;
        double sum = 0;
        _cumulated = [.. _weights.Select(w => sum += w)];
    }

    public override Host? Pick(in LoadBalancerContext context, int attempt)
    {
        if (_hosts.Length == 1)
            return _hosts[0];
        if (_fullScan)
            return FullScan(context.Random);
        var best = Draw(context.Random);
        for (var i = 1; i < _choices; i++)
        {
            var other = Draw(context.Random);
            if (Load(other) < Load(best))
                best = other;
        }

        return _hosts[best];
    }

    private int Draw(Random random)
    {
        if (_cumulated is null)
            return random.Next(_hosts.Length);
        var at = Array.BinarySearch(_cumulated, random.NextDouble() * _cumulated[^1]);
        return Math.Min(at >= 0 ? at + 1 : ~at, _hosts.Length - 1);
    }

    private double Load(int index)
    {
        double active = _hosts[index].Stats.RequestsActive;
        return _cumulated is null ? active : (_bias.Equals(1d) ? active : Math.Pow(active, _bias)) / _weights[index];
    }

    private Host FullScan(Random random)
    {
        var best = 0;
        var ties = 1;
        for (var i = 1; i < _hosts.Length; i++)
        {
            var (load, least) = (Load(i), Load(best));
            if (load < least)
                (best, ties) = (i, 1);
            else if (load.Equals(least) && random.Next(++ties) == 0)
                best = i;
        }

        return _hosts[best];
    }
}
