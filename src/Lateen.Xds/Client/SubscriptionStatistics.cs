namespace Lateen.Xds.Client;

/// <summary>What happened to one subscription (Envoy: subscription statistics). Read from any thread.</summary>
public sealed class SubscriptionStatistics
{
    private long _attempts;
    private long _successes;
    private long _rejections;
    private long _failures;
    private volatile string _versionText = "";
    private volatile string? _lastError;
    private long _updatedAt;

    /// <summary><c>update_attempt</c>: the subscription's start and each outcome since.</summary>
    public long Attempts => Interlocked.Read(ref _attempts);

    /// <summary><c>update_success</c>: responses accepted.</summary>
    public long Successes => Interlocked.Read(ref _successes);

    /// <summary><c>update_rejected</c>: responses rejected.</summary>
    public long Rejections => Interlocked.Read(ref _rejections);

    /// <summary><c>update_failure</c>: streams lost.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary><c>version_text</c>: the version accepted last, empty before the first.</summary>
    public string VersionText => _versionText;

    /// <summary>Why the last response was rejected; null when it was accepted.</summary>
    public string? LastError => _lastError;

    /// <summary><c>update_time</c>: when a response was accepted last; null before the first.</summary>
    public DateTimeOffset? UpdatedAt => Interlocked.Read(ref _updatedAt) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;

    internal void Started() => Interlocked.Increment(ref _attempts);

    internal void Accepted(string version, DateTimeOffset now)
    {
        _versionText = version;
        _lastError = null;
        Interlocked.Exchange(ref _updatedAt, now.UtcTicks);
        Interlocked.Increment(ref _successes);
        Interlocked.Increment(ref _attempts);
    }

    internal void Rejected(string error)
    {
        _lastError = error;
        Interlocked.Increment(ref _rejections);
        Interlocked.Increment(ref _attempts);
    }

    internal void Failed()
    {
        Interlocked.Increment(ref _failures);
        Interlocked.Increment(ref _attempts);
    }
}
