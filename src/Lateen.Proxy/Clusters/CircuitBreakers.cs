using Envoy.Config.Core.V3;
using Lateen.Proxy.Stats;
using Proto = Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds;

namespace Lateen.Proxy.Clusters;

/// <summary>The circuit breakers of a cluster, one set per routing priority. They outlive configuration updates.</summary>
public sealed class CircuitBreakers
{
    private readonly PriorityLimits _default;
    private readonly PriorityLimits _high;

    internal CircuitBreakers(StatsStore stats, string prefix)
    {
        _default = new PriorityLimits(stats, prefix + "circuit_breakers.default.");
        _high = new PriorityLimits(stats, prefix + "circuit_breakers.high.");
    }

    /// <summary>The limits of a priority.</summary>
    public PriorityLimits For(RoutingPriority priority) => priority == RoutingPriority.High ? _high : _default;

    internal void Configure(Envoy.Config.Cluster.V3.CircuitBreakers? configuration)
    {
        _default.Configure(configuration?.Thresholds.FirstOrDefault(t => t.Priority == RoutingPriority.Default));
        _high.Configure(configuration?.Thresholds.FirstOrDefault(t => t.Priority == RoutingPriority.High));
    }
}

/// <summary>The limits of one routing priority (Envoy: defaults 1024, 1024, 1024 and 3 retries). Process wide, over all loops.</summary>
public sealed class PriorityLimits
{
    private const uint DefaultLimit = 1024;
    private const uint DefaultRetries = 3;
    private RetryBudget? _budget;

    internal PriorityLimits(StatsStore stats, string prefix)
    {
        Connections = new ResourceLimit(stats, prefix, "cx_open", "remaining_cx", DefaultLimit);
        PendingRequests = new ResourceLimit(stats, prefix, "rq_pending_open", "remaining_pending", DefaultLimit);
        Requests = new ResourceLimit(stats, prefix, "rq_open", "remaining_rq", DefaultLimit);
        Retries = new ResourceLimit(stats, prefix, "rq_retry_open", "remaining_retries", DefaultRetries);
    }

    /// <summary>Open connections. A host without any connection always gets one: <see cref="ResourceLimit.Acquire"/>.</summary>
    public ResourceLimit Connections { get; }

    /// <summary>Requests that wait for a connection.</summary>
    public ResourceLimit PendingRequests { get; }

    /// <summary>Requests under way.</summary>
    public ResourceLimit Requests { get; }

    /// <summary>Retries under way or in back-off; take one by <see cref="TryAcquireRetry"/>.</summary>
    public ResourceLimit Retries { get; }

    /// <summary>
    /// Takes a retry from the fixed limit, or from the budget when there is one (Envoy: max(percent × (active + pending), minimum)).
    /// </summary>
    public bool TryAcquireRetry()
    {
        if (Volatile.Read(ref _budget) is { } budget)
        {
            var share = budget.Fraction * (Requests.Current + PendingRequests.Current);
            Retries.Configure(Math.Max((uint)Math.Min(share, uint.MaxValue), budget.MinimumConcurrency), Retries.TracksRemaining);
        }

        return Retries.TryAcquire();
    }

    internal void Configure(Proto? thresholds)
    {
        var track = thresholds?.TrackRemaining ?? false;
        Connections.Configure(thresholds?.MaxConnections ?? DefaultLimit, track);
        PendingRequests.Configure(thresholds?.MaxPendingRequests ?? DefaultLimit, track);
        Requests.Configure(thresholds?.MaxRequests ?? DefaultLimit, track);
        Retries.Configure(thresholds?.MaxRetries ?? DefaultRetries, track);
        Volatile.Write(
            ref _budget,
            thresholds?.RetryBudget is { } b ? new RetryBudget((b.BudgetPercent?.Value ?? 20) / 100, b.MinRetryConcurrency ?? 3) : null);
    }

    private sealed record RetryBudget(double Fraction, uint MinimumConcurrency);
}

/// <summary>A number of things that may exist at once, over all loops; never counted below zero.</summary>
public sealed class ResourceLimit
{
    private readonly StatsStore _stats;
    private readonly string _prefix;
    private readonly string _remainingName;
    private readonly Gauge _open;
    private Gauge? _remaining;
    private long _current;
    private long _max;

    internal ResourceLimit(StatsStore stats, string prefix, string openName, string remainingName, uint max)
    {
        (_stats, _prefix, _remainingName, _max) = (stats, prefix, remainingName, max);
        _open = stats.Gauge(prefix + openName);
    }

    /// <summary>How many there are.</summary>
    public long Current => Volatile.Read(ref _current);

    /// <summary>How many there may be.</summary>
    public long Max => Volatile.Read(ref _max);

    internal bool TracksRemaining => Volatile.Read(ref _remaining) is not null;

    /// <summary>Takes one when the limit allows it.</summary>
    public bool TryAcquire()
    {
        var now = Interlocked.Increment(ref _current);
        if (now > Max)
        {
            Interlocked.Decrement(ref _current);
            return false;
        }

        Show(now);
        return true;
    }

    /// <summary>Takes one whatever the limit is.</summary>
    public void Acquire() => Show(Interlocked.Increment(ref _current));

    /// <summary>Gives back one that was taken.</summary>
    public void Release()
    {
        var now = Interlocked.Decrement(ref _current);
        if (now < 0)
        {
            Interlocked.Increment(ref _current);
            throw new InvalidOperationException("released more than was acquired");
        }

        Show(now);
    }

    internal void Configure(uint max, bool trackRemaining)
    {
        Volatile.Write(ref _max, max);
        Volatile.Write(ref _remaining, trackRemaining ? _stats.Gauge(_prefix + _remainingName) : null);
        Show(Current);
    }

    private void Show(long current)
    {
        var open = current >= Max ? 1 : 0;
        if (_open.Value != open)
        {
            _open.Set(open);
        }

        Volatile.Read(ref _remaining)?.Set(Math.Max(0, Max - current));
    }
}
