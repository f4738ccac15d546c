using Lateen.Local.Processes;
using Lateen.Local.Workloads;
using Lateen.Registry;

namespace Lateen.Local.Running;

/// <summary>A replica with the processes it is made of: an application, a sidecar, or both.</summary>
internal sealed class LocalReplica : IDisposable
{
    private readonly ReadinessProbe _probe;
    private readonly CancellationTokenSource _stopping = new();
    private Task _probing = Task.CompletedTask;
    private int _ended;
    private volatile bool _ready;

    internal LocalReplica(ReplicaPlan plan, SupervisedProcess? application, SupervisedProcess? sidecar, ReadinessProbe probe)
    {
        Plan = plan;
        Application = application;
        Sidecar = sidecar;
        _probe = probe;
    }

    /// <summary>Raised when it became ready or stopped being so.</summary>
    internal event Action? Changed;

    /// <summary>What it was made from.</summary>
    internal ReplicaPlan Plan { get; }

    /// <summary>The application, or null when only the mesh runs or there is none.</summary>
    internal SupervisedProcess? Application { get; }

    /// <summary>The sidecar (or the gateway's proxy), or null.</summary>
    internal SupervisedProcess? Sidecar { get; }

    /// <summary>Whether it takes traffic.</summary>
    internal bool Ready => _ready;

    /// <summary>The workload as it is now.</summary>
    internal Workload Workload => Plan.Workload with { Ready = _ready };

    private IEnumerable<SupervisedProcess> Processes => new[] { Application, Sidecar }.OfType<SupervisedProcess>();

    /// <summary>Starts its application.</summary>
    internal void StartApplication() => Start(Application);

    /// <summary>Starts its sidecar, and begins to ask whether both are ready.</summary>
    internal void StartSidecar()
    {
        Start(Sidecar);
        _probing = Task.Run(() => _probe.RunAsync(Set, () => Interlocked.Exchange(ref _ended, 0) == 1, _stopping.Token));
    }

    /// <summary>Tells the mesh to send it nothing more; its processes go on.</summary>
    internal async Task RetireAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _probing.ConfigureAwait(false);
        Set(false);
    }

    /// <summary>Ends its processes and waits for their end.</summary>
    internal async Task StopAsync(TimeSpan patience)
    {
        await RetireAsync().ConfigureAwait(false);
        await Task.WhenAll(Processes.Select(process => process.StopAsync(patience))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private void Start(SupervisedProcess? process)
    {
        if (process is null)
            return;
        process.Ended += OnEnded;
        process.Start();
    }

    private void OnEnded(SupervisedProcess process)
    {
        Interlocked.Exchange(ref _ended, 1);
        Set(false);
    }

    private void Set(bool ready)
    {
        if (_ready == ready)
            return;
        _ready = ready;
        Changed?.Invoke();
    }
}
