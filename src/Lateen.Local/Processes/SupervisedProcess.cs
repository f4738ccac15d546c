using System.Globalization;
using Lateen.Local.Output;

namespace Lateen.Local.Processes;

/// <summary>What a process of the mesh is doing.</summary>
public enum ProcessState
{
    /// <summary>Not started, or ended and to be started after a pause.</summary>
    Waiting,

    /// <summary>Running.</summary>
    Running,

    /// <summary>Ended for good.</summary>
    Stopped,
}

/// <summary>Keeps one process running: starts it again, after a pause, whenever it ends.</summary>
public sealed class SupervisedProcess : IAsyncDisposable
{
    private readonly Guardian _guardian;
    private readonly LogStream _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RestartBackoff _backoff = new();
    private readonly Lock _gate = new();
    private ChildProcess? _child;
    private Task _running = Task.CompletedTask;

    internal SupervisedProcess(ProcessSpec spec, Guardian guardian, LogScreen screen, TimeProvider time)
    {
        Spec = spec;
        _guardian = guardian;
        _log = screen.Open(spec.Name);
        _time = time;
    }

    /// <summary>Raised after each end, before the pause.</summary>
    public event Action<SupervisedProcess>? Ended;

    /// <summary>What is run.</summary>
    public ProcessSpec Spec { get; }

    /// <summary>What it is doing.</summary>
    public ProcessState State { get; private set; }

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>The id of the process while it runs.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_gate)
                return _child?.Id;
        }
    }

    /// <summary>Starts the process for the first time. Throws <see cref="ProcessStartException"/> when that cannot be.</summary>
    internal void Start()
    {
        var child = StartChild();
        _running = Task.Run(() => KeepAsync(child));
    }

    /// <summary>Asks the process to end, gives it some time, then kills it; returns when it and its descendants are gone.</summary>
    internal async Task StopAsync(TimeSpan patience)
    {
        ChildProcess? child;
        lock (_gate)
        {
            _stopping.Cancel();
            child = _child;
        }

        if (child is not null)
        {
            child.Signal(PosixSignals.Terminate);
            var ended = await Task.WhenAny(_running, Task.Delay(patience, _time)).ConfigureAwait(false);
            if (ended != _running)
                child.Signal(PosixSignals.Kill);
        }

        await _running.ConfigureAwait(false);
        State = ProcessState.Stopped;
    }

    /// <summary>Ends the process at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private ChildProcess StartChild()
    {
        lock (_gate)
        {
            _child = ChildProcess.Start(Spec, _guardian, _log);
            State = ProcessState.Running;
            return _child;
        }
    }

    private async Task KeepAsync(ChildProcess first)
    {
        for (ChildProcess? child = first; ; child = TryStartChild())
        {
            var pause = child is null ? _backoff.After(TimeSpan.Zero) : await LiveAsync(child).ConfigureAwait(false);
            await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
                return;
        }
    }

    // Null when it cannot be started now, or is not to be started any more.
    private ChildProcess? TryStartChild()
    {
        try
        {
            lock (_gate)
            {
                if (_stopping.IsCancellationRequested)
                    return null;
                Restarts++;
                return StartChild();
            }
        }
        catch (ProcessStartException cannot)
        {
            _log.WriteLine(cannot.Message);
            return null;
        }
    }

    // Waits for the end of the process; the pause before the next start.
    private async Task<TimeSpan> LiveAsync(ChildProcess child)
    {
        var started = _time.GetTimestamp();
        var code = await child.WaitAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _child = null;
            State = ProcessState.Waiting;
        }

        await child.DisposeAsync().ConfigureAwait(false);
        if (_stopping.IsCancellationRequested)
            return TimeSpan.Zero;
        var pause = _backoff.After(_time.GetElapsedTime(started));
        _log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended {Reason(code)}; starts again in {pause.TotalSeconds:0} s"));
        Ended?.Invoke(this);
        return pause;
    }

    private static string Reason(int code) => code switch
    {
        128 + 6 => "by SIGABRT",
        128 + 7 => "by SIGBUS",
        128 + PosixSignals.Kill => "by SIGKILL",
        128 + 11 => "by SIGSEGV",
        128 + PosixSignals.Terminate => "by SIGTERM",
        _ => string.Create(CultureInfo.InvariantCulture, $"with exit code {code}"),
    };
}
