namespace Lateen.Proxy.Clusters;

/// <summary>An event on our side of a host, not one of its answers.</summary>
public enum LocalOriginEvent
{
    /// <summary>A connection was made and a protocol above it goes on (HTTP).</summary>
    ConnectSuccess,

    /// <summary>A connection was made and nothing more is to come (TCP).</summary>
    ConnectSuccessFinal,

    /// <summary>A connection could not be made or was reset.</summary>
    ConnectFailed,

    /// <summary>A connection or request timed out.</summary>
    Timeout,
}

/// <summary>
/// Passive health checking of a cluster's hosts (Envoy: outlier detection). Reports are safe from any thread; ejections and sweeps
/// take a lock.
/// </summary>
public sealed class OutlierDetector
{
    private readonly Cluster _cluster;
    private readonly ClusterServices _services;
    private readonly OutlierStats _stats;
    private readonly Lock _ejecting = new();
    private int _ejected;

    internal OutlierDetector(Cluster cluster, ClusterServices services)
    {
        (_cluster, _services) = (cluster, services);
        _stats = new OutlierStats(services.Stats, cluster.Stats.Prefix + "outlier_detection.");
    }

    /// <summary>How many hosts are ejected.</summary>
    public int EjectedCount => Volatile.Read(ref _ejected);

    /// <summary>An HTTP response, or a status that stands for one (gRPC: mapped from grpc-status).</summary>
    public void Report(Host host, int status)
    {
        if (_cluster.Model.Outliers is { } options)
            Count(host, status, options);
    }

    /// <summary>A connection or time-out event; without split local errors it stands for 200, 503 or 504.</summary>
    public void Report(Host host, LocalOriginEvent localEvent)
    {
        if (_cluster.Model.Outliers is not { } options)
            return;
        if (options.SplitExternalLocalOriginErrors)
            CountLocal(host, localEvent, options);
        else if (localEvent != LocalOriginEvent.ConnectSuccess)
            Count(host, StatusOf(localEvent), options);
    }

    /// <summary>
    /// The sweep of every interval: ends ejections that lasted long enough, then judges success rates and failure percentages of the
    /// interval.
    /// </summary>
    internal void Tick()
    {
        if (_cluster.Model.Outliers is not { } options)
        {
            UnejectAll();
            return;
        }

        var hosts = _cluster.Hosts;
        lock (_ejecting)
        {
            var changed = false;
            foreach (var host in hosts)
                changed |= TryUneject(host, options);
            if (changed)
                _cluster.Refresh();
        }

        Judge(hosts, OutlierWindow.Take(hosts, local: false), options, local: false);
        if (options.SplitExternalLocalOriginErrors)
            Judge(hosts, OutlierWindow.Take(hosts, local: true), options, local: true);
    }

    /// <summary>Hosts left the cluster: they no longer count as ejected.</summary>
    internal void Forget(IReadOnlyList<Host> hosts)
    {
        lock (_ejecting)
        {
            foreach (var host in hosts)
                Release(host);
        }
    }

    private static int StatusOf(LocalOriginEvent localEvent) => localEvent switch
    {
        LocalOriginEvent.ConnectFailed => 503,
        LocalOriginEvent.Timeout => 504,
        _ => 200,
    };

    private void Count(Host host, int status, OutlierOptions options)
    {
        var state = host.Outlier;
        Interlocked.Increment(ref state.Requests);
        if (status < 500)
        {
            Interlocked.Increment(ref state.Successes);
            state.ResetExternal();
            return;
        }

        if (status is 502 or 503 or 504)
        {
            if (Interlocked.Increment(ref state.ConsecutiveGatewayFailure) == options.ConsecutiveGatewayFailure)
                Trigger(host, Ejection.ConsecutiveGatewayFailure, options);
        }
        else
        {
            Volatile.Write(ref state.ConsecutiveGatewayFailure, 0);
        }

        if (Interlocked.Increment(ref state.Consecutive5xx) == options.Consecutive5xx)
            Trigger(host, Ejection.Consecutive5xx, options);
    }

    private void CountLocal(Host host, LocalOriginEvent localEvent, OutlierOptions options)
    {
        var state = host.Outlier;
        Interlocked.Increment(ref state.LocalRequests);
        if (localEvent is LocalOriginEvent.ConnectSuccess or LocalOriginEvent.ConnectSuccessFinal)
        {
            Interlocked.Increment(ref state.LocalSuccesses);
            Volatile.Write(ref state.ConsecutiveLocalOriginFailure, 0);
        }
        else if (Interlocked.Increment(ref state.ConsecutiveLocalOriginFailure) == options.ConsecutiveLocalOriginFailure)
        {
            Trigger(host, Ejection.ConsecutiveLocalOriginFailure, options);
        }
    }

    private void Trigger(Host host, Ejection kind, OutlierOptions options)
    {
        lock (_ejecting)
        {
            host.Outlier.Reset(kind);
            if (!host.Outlier.IsEjected && !host.IsRemoved)
                Eject(host, kind, options);
        }
    }

    // Envoy: ejectHost. The share counts all hosts of all priorities.
    private void Eject(Host host, Ejection kind, OutlierOptions options)
    {
        _stats.Detected(kind).Increment();
        var share = 100.0 * (_ejected + 1) / Math.Max(1, _cluster.Hosts.Count);
        if (share > options.MaxEjectionPercent && !(_ejected == 0 && options.AlwaysEjectOneHost))
        {
            _stats.Overflow.Increment();
            return;
        }

        if (_services.NextPercent() >= Enforcing(kind, options))
            return;
        var state = host.Outlier;
        state.IsEjected = true;
        state.Ejections++;
        if (options.BaseEjectionTime * state.Multiplier < options.MaxEjectionTime + options.BaseEjectionTime)
            state.Multiplier++;
        state.EjectedAt = _services.Time.GetTimestamp();
        state.Jitter = options.MaxEjectionTimeJitter * _services.NextDouble();
        _ejected++;
        _stats.Active.Set(_ejected);
        _stats.Enforced(kind).Increment();
        _stats.EnforcedTotal.Increment();
        host.SetFlags(HostHealthFlags.FailedOutlierCheck, HostHealthFlags.FailedOutlierCheck);
        _cluster.Refresh();
        _cluster.DrainPools([host]);
    }

    private bool TryUneject(Host host, OutlierOptions options)
    {
        var state = host.Outlier;
        if (!state.IsEjected)
        {
            state.Multiplier = Math.Max(0, state.Multiplier - 1);
            return false;
        }

        var length = Min(options.BaseEjectionTime * state.Multiplier, options.MaxEjectionTime) + state.Jitter;
        if (_services.Time.GetElapsedTime(state.EjectedAt) < length)
            return false;
        Release(host);
        return true;
    }

    private void UnejectAll()
    {
        lock (_ejecting)
        {
            if (_ejected == 0)
                return;
            foreach (var host in _cluster.Hosts)
                Release(host);
            _cluster.Refresh();
        }
    }

    private void Release(Host host)
    {
        if (!host.Outlier.IsEjected)
            return;
        host.Outlier.IsEjected = false;
        host.Outlier.ResetConsecutive();
        host.SetFlags(HostHealthFlags.FailedOutlierCheck, HostHealthFlags.None);
        _ejected--;
        _stats.Active.Set(_ejected);
    }

    private void Judge(IReadOnlyList<Host> hosts, OutlierWindow window, OutlierOptions options, bool local)
    {
        foreach (var host in window.BelowSuccessRate(hosts, options))
            Trigger(host, local ? Ejection.LocalOriginSuccessRate : Ejection.SuccessRate, options);
        foreach (var host in window.AboveFailurePercentage(hosts, options))
            Trigger(host, local ? Ejection.LocalOriginFailurePercentage : Ejection.FailurePercentage, options);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static uint Enforcing(Ejection kind, OutlierOptions options) => kind switch
    {
        Ejection.Consecutive5xx => options.EnforcingConsecutive5xx,
        Ejection.ConsecutiveGatewayFailure => options.EnforcingConsecutiveGatewayFailure,
        Ejection.ConsecutiveLocalOriginFailure => options.EnforcingConsecutiveLocalOriginFailure,
        Ejection.SuccessRate => options.EnforcingSuccessRate,
        Ejection.LocalOriginSuccessRate => options.EnforcingLocalOriginSuccessRate,
        Ejection.FailurePercentage => options.EnforcingFailurePercentage,
        _ => options.EnforcingFailurePercentageLocalOrigin,
    };
}
