namespace Lateen.Proxy.Server;

/// <summary>Where the process is in its life (Envoy: server state).</summary>
public enum ServerState
{
    /// <summary>Serving.</summary>
    Live = 0,

    /// <summary>Letting connections end.</summary>
    Draining = 1,

    /// <summary>Reading its bootstrap, clusters not ready.</summary>
    PreInitializing = 2,

    /// <summary>Waiting for its first dynamic configuration.</summary>
    Initializing = 3,
}

/// <summary>The state of the process, and the wish to end it.</summary>
public sealed class Lifecycle(TimeProvider time)
{
    private readonly TaskCompletionSource<TimeSpan> _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ServerState _state = ServerState.PreInitializing;

    /// <summary>When the process began.</summary>
    public DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <summary>The state now.</summary>
    public ServerState State
    {
        get => _state;
        internal set => _state = value;
    }

    /// <summary>True between <c>/healthcheck/fail</c> and <c>/healthcheck/ok</c>.</summary>
    public bool HealthCheckFailed { get; set; }

    /// <summary>Completes when the process is asked to end, with how long connections may take to end first.</summary>
    public Task<TimeSpan> Shutdown => _shutdown.Task;

    /// <summary>True once the process was asked to end more than once: it waits no longer.</summary>
    public bool Hurry { get; private set; }

    /// <summary>How long the process has run.</summary>
    public TimeSpan Uptime => time.GetUtcNow() - Started;

    /// <summary>Envoy's name of the state.</summary>
    public string StateName => State switch
    {
        ServerState.Live => "LIVE",
        ServerState.Draining => "DRAINING",
        ServerState.PreInitializing => "PRE_INITIALIZING",
        _ => "INITIALIZING",
    };

    /// <summary>Asks the process to end; asking again ends the waiting for connections.</summary>
    /// <param name="drainTime">How long connections may take to end; zero ends them at once.</param>
    public void RequestShutdown(TimeSpan drainTime)
    {
        if (!_shutdown.TrySetResult(drainTime))
            Hurry = true;
    }
}
