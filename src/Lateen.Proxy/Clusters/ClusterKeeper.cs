namespace Lateen.Proxy.Clusters;

/// <summary>Keeps one cluster up to date: its DNS names, outlier sweeps, slow start and unused original destinations.</summary>
internal sealed class ClusterKeeper(Cluster cluster, ClusterServices services) : IDisposable
{
    private static readonly TimeSpan SlowStartStep = TimeSpan.FromSeconds(1);
    private DnsTracker? _dns;
    private ITimer? _sweep;
    private ITimer? _upkeep;

    public Cluster Cluster { get; } = cluster;

    /// <summary>Begins with a new configuration; no assignment means that EDS has not answered yet.</summary>
    public void Start(Assignment? assignment)
    {
        Stop();
        var model = Cluster.Model;
        if (model.Outliers is { } outliers)
            _sweep = Every(outliers.Interval, static c => c.Detector.Tick());
        else
            Cluster.Detector.Tick();
        if (model.Type == DiscoveryType.OriginalDst)
            _upkeep = Every(model.OriginalDestination.CleanupInterval, static c => c.ForgetUnused());
        else if (model.Balancing.SlowStart is not null)
            _upkeep = Every(SlowStartStep, static c => c.RefreshWarming());
        if (assignment is not null)
            Apply(assignment);
        else
            Cluster.Refresh();
    }

    /// <summary>Puts an assignment in force; names in it are resolved and kept so.</summary>
    public void Apply(Assignment assignment)
    {
        _dns?.Dispose();
        _dns = null;
        if (Cluster.Model.Type is DiscoveryType.StrictDns or DiscoveryType.LogicalDns)
            (_dns = new DnsTracker(Cluster, assignment, services)).Start();
        else
            Cluster.Apply(assignment, assignment.Endpoints);
    }

    public void Dispose() => Stop();

    private void Stop()
    {
        _dns?.Dispose();
        _sweep?.Dispose();
        _upkeep?.Dispose();
        (_dns, _sweep, _upkeep) = (null, null, null);
    }

    private ITimer Every(TimeSpan interval, Action<Cluster> action) =>
        services.Time.CreateTimer(_ => action(Cluster), null, interval, interval);
}
