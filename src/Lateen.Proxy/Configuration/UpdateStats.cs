using Lateen.Proxy.Matching;
using Lateen.Proxy.Stats;
using Lateen.Xds.Client;

namespace Lateen.Proxy.Configuration;

/// <summary>The statistics of one subscription under Envoy's names, e.g. <c>cluster_manager.cds.update_rejected</c>.</summary>
internal sealed class UpdateStats(StatsStore stats, string prefix, TimeProvider time)
{
    private readonly Counter _attempt = stats.Counter(prefix + "update_attempt");
    private readonly Counter _success = stats.Counter(prefix + "update_success");
    private readonly Counter _rejected = stats.Counter(prefix + "update_rejected");
    private readonly Counter _failure = stats.Counter(prefix + "update_failure");
    private readonly Counter _timeout = stats.Counter(prefix + "init_fetch_timeout");
    private readonly Gauge _time = stats.Gauge(prefix + "update_time");
    private readonly Gauge _version = stats.Gauge(prefix + "version");
    private readonly TextReadout _versionText = stats.Text(prefix + "version_text");
    private readonly Histogram _duration = stats.Histogram(prefix + "update_duration");

    /// <summary>A response was taken in.</summary>
    public void Applied(string version, string? error, TimeSpan duration)
    {
        _attempt.Increment();
        _duration.Record(duration.TotalMilliseconds);
        if (error is not null)
        {
            _rejected.Increment();
            return;
        }

        _success.Increment();
        _time.Set(time.GetUtcNow().ToUnixTimeMilliseconds());
        _version.Set((long)(XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(version)) & long.MaxValue));
        _versionText.Value = version;
    }

    /// <summary>The first answer did not come in time.</summary>
    public void TimedOut() => _timeout.Increment();

    /// <summary>Takes over what only the client counts: streams that were lost.</summary>
    public void Refresh(SubscriptionStatistics statistics)
    {
        var missing = statistics.Failures - _failure.Value;
        if (missing <= 0)
            return;
        _failure.Add(missing);
        _attempt.Add(missing);
    }
}
