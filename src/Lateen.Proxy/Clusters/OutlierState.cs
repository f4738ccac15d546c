using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Clusters;

/// <summary>Why a host is ejected.</summary>
internal enum Ejection
{
    Consecutive5xx,
    ConsecutiveGatewayFailure,
    ConsecutiveLocalOriginFailure,
    SuccessRate,
    LocalOriginSuccessRate,
    FailurePercentage,
    LocalOriginFailurePercentage,
}

/// <summary>What outlier detection remembers of one host. Counters are interlocked; the rest belongs to the detector's lock.</summary>
internal sealed class OutlierState
{
    public int Consecutive5xx;
    public int ConsecutiveGatewayFailure;
    public int ConsecutiveLocalOriginFailure;
    public long Successes;
    public long Requests;
    public long LocalSuccesses;
    public long LocalRequests;

    /// <summary>How many base times an ejection lasts; grows with each ejection and shrinks with each sweep while healthy.</summary>
    public int Multiplier { get; set; }

    /// <summary>Time stamp of the last ejection.</summary>
    public long EjectedAt { get; set; }

    /// <summary>Chance added to the length of the last ejection.</summary>
    public TimeSpan Jitter { get; set; }

    public bool IsEjected { get; set; }

    /// <summary>How often it was ejected.</summary>
    public int Ejections { get; set; }

    public void ResetExternal()
    {
        if (Volatile.Read(ref Consecutive5xx) != 0)
            Volatile.Write(ref Consecutive5xx, 0);
        if (Volatile.Read(ref ConsecutiveGatewayFailure) != 0)
            Volatile.Write(ref ConsecutiveGatewayFailure, 0);
    }

    public void Reset(Ejection kind)
    {
        if (kind == Ejection.Consecutive5xx)
            Volatile.Write(ref Consecutive5xx, 0);
        else if (kind == Ejection.ConsecutiveGatewayFailure)
            Volatile.Write(ref ConsecutiveGatewayFailure, 0);
        else if (kind == Ejection.ConsecutiveLocalOriginFailure)
            Volatile.Write(ref ConsecutiveLocalOriginFailure, 0);
    }

    public void ResetConsecutive()
    {
        ResetExternal();
        Volatile.Write(ref ConsecutiveLocalOriginFailure, 0);
    }
}

/// <summary>The counts of one interval, by host.</summary>
internal sealed class OutlierWindow
{
    private readonly Dictionary<Host, (long Successes, long Requests)> _counts = [];

    /// <summary>Takes the counts since the last call and begins anew.</summary>
    public static OutlierWindow Take(IReadOnlyList<Host> hosts, bool local)
    {
        var window = new OutlierWindow();
        foreach (var host in hosts)
        {
            var state = host.Outlier;
            var requests = Interlocked.Exchange(ref local ? ref state.LocalRequests : ref state.Requests, 0);
            var successes = Interlocked.Exchange(ref local ? ref state.LocalSuccesses : ref state.Successes, 0);
            window._counts[host] = (Math.Min(successes, requests), requests);
        }

        return window;
    }

    /// <summary>Hosts whose success rate is below mean − factor × standard deviation of those with enough requests.</summary>
    public IReadOnlyList<Host> BelowSuccessRate(IReadOnlyList<Host> hosts, OutlierOptions options)
    {
        var rates = Rates(hosts, options.SuccessRateRequestVolume);
        if (rates.Count == 0 || rates.Count < options.SuccessRateMinimumHosts)
            return [];
        var mean = rates.Average(r => r.Rate);
        var deviation = Math.Sqrt(rates.Average(r => (r.Rate - mean) * (r.Rate - mean)));
        var threshold = mean - deviation * options.SuccessRateStdevFactor / 1000;
        return [.. rates.Where(r => r.Rate < threshold).Select(r => r.Host)];
    }

    /// <summary>Hosts whose failures reach the threshold, of those with enough requests.</summary>
    public IReadOnlyList<Host> AboveFailurePercentage(IReadOnlyList<Host> hosts, OutlierOptions options)
    {
        var rates = Rates(hosts, options.FailurePercentageRequestVolume);
        return rates.Count < options.FailurePercentageMinimumHosts
            ? [] : [.. rates.Where(r => 100 - r.Rate >= options.FailurePercentageThreshold).Select(r => r.Host)];
    }

    private List<(Host Host, double Rate)> Rates(IReadOnlyList<Host> hosts, uint volume) =>
        [.. hosts.Where(h => !h.Outlier.IsEjected && _counts[h].Requests >= Math.Max(1, volume))
            .Select(h => (h, 100.0 * _counts[h].Successes / _counts[h].Requests))];
}

/// <summary>The metrics below <c>cluster.NAME.outlier_detection.</c>, made on first use.</summary>
internal sealed class OutlierStats(StatsStore store, string prefix)
{
    private static readonly string[] Names =
    [
        "consecutive_5xx", "consecutive_gateway_failure", "consecutive_local_origin_failure", "success_rate",
        "local_origin_success_rate", "failure_percentage", "local_origin_failure_percentage",
    ];

    public Gauge Active => field ??= store.Gauge(prefix + "ejections_active");

    public Counter EnforcedTotal => field ??= store.Counter(prefix + "ejections_enforced_total");

    public Counter Overflow => field ??= store.Counter(prefix + "ejections_overflow");

    public Counter Detected(Ejection kind) => store.Counter($"{prefix}ejections_detected_{Names[(int)kind]}");

    public Counter Enforced(Ejection kind) => store.Counter($"{prefix}ejections_enforced_{Names[(int)kind]}");
}
