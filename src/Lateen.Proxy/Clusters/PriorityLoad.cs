namespace Lateen.Proxy.Clusters;

/// <summary>
/// How traffic is spread over priorities, in whole percent (Envoy: priority load). Healthy hosts of low numbers first, what they
/// cannot take spills over; then degraded hosts the same way.
/// </summary>
internal sealed class PriorityLoad
{
    private readonly int[] _healthy;
    private readonly int[] _degraded;

    private PriorityLoad(int[] healthy, int[] degraded, bool[] panic) => (_healthy, _degraded, Panic) = (healthy, degraded, panic);

    public IReadOnlyList<int> Healthy => _healthy;

    public IReadOnlyList<int> Degraded => _degraded;

    /// <summary>Priorities whose health is ignored because too few hosts are left.</summary>
    public IReadOnlyList<bool> Panic { get; }

    /// <summary>Host counts of one priority.</summary>
    public readonly record struct Counts(int Total, int Healthy, int Degraded);

    /// <param name="priorities">Counts by priority.</param>
    /// <param name="factor">Over-provisioning factor in percent, 140 unless given.</param>
    /// <param name="panicThreshold">Percentage below which a priority panics; 0 for never.</param>
    public static PriorityLoad Compute(IReadOnlyList<Counts> priorities, uint factor, double panicThreshold)
    {
        var healthy = new int[priorities.Count];
        var degraded = new int[priorities.Count];
        var panic = new bool[priorities.Count];
        var health = priorities.Select(p => Percent(p.Healthy, p.Total, factor)).ToArray();
        var spare = priorities.Select(p => Percent(p.Degraded, p.Total, factor)).ToArray();
        var normalized = Math.Min(100, health.Sum() + spare.Sum());
        for (var i = 0; i < panic.Length && normalized < 100; i++)
            panic[i] = 100.0 * (priorities[i].Healthy + priorities[i].Degraded) < panicThreshold * priorities[i].Total || priorities[i].Total == 0;
        if (panicThreshold <= 0)
            Array.Clear(panic);
        if (normalized == 0)
            return new PriorityLoad(NoHealth(priorities, panicThreshold), degraded, panic);
        if (Array.TrueForAll(panic, p => p))
            return new PriorityLoad(ByHostCount(priorities), degraded, panic);
        var remaining = Spread(health, healthy, normalized, 100);
        remaining = Spread(spare, degraded, normalized, remaining);
        var first = Array.FindIndex(health, h => h > 0);
        if (first >= 0)
            healthy[first] += remaining;
        else
            degraded[Array.FindIndex(spare, d => d > 0)] += remaining;
        return new PriorityLoad(healthy, degraded, panic);
    }

    /// <summary>The priority for a hash, and whether its degraded hosts are meant.</summary>
    public (int Priority, bool Degraded) Choose(ulong hash)
    {
        var at = (int)(hash % 100) + 1;
        var sum = 0;
        for (var i = 0; i < _healthy.Length; i++)
        {
            sum += _healthy[i];
            if (sum >= at)
                return (i, false);
        }

        for (var i = 0; i < _degraded.Length; i++)
        {
            sum += _degraded[i];
            if (sum >= at)
                return (i, true);
        }

        return (0, false);
    }

    private static int Percent(int part, int total, uint factor) =>
        total == 0 ? 0 : (int)Math.Min(100, (ulong)factor * (ulong)part / (ulong)total);

    private static int Spread(int[] health, int[] load, int normalized, int remaining)
    {
        for (var i = 0; i < load.Length; i++)
        {
            load[i] = Math.Min(remaining, health[i] * 100 / normalized);
            remaining -= load[i];
        }

        return remaining;
    }

    private static int[] NoHealth(IReadOnlyList<Counts> priorities, double panicThreshold)
    {
        if (panicThreshold > 0 && priorities.Any(p => p.Total > 0))
            return ByHostCount(priorities);
        var load = new int[priorities.Count];
        if (load.Length > 0)
            load[0] = 100;
        return load;
    }

    private static int[] ByHostCount(IReadOnlyList<Counts> priorities)
    {
        var total = priorities.Sum(p => p.Total);
        var load = priorities.Select(p => 100 * p.Total / total).ToArray();
        load[Array.FindIndex(load, l => l > 0) is >= 0 and var i ? i : 0] += 100 - load.Sum();
        return load;
    }
}
