namespace Lateen.Xds.Server;

/// <summary>The push that waits for a connection: further ones are united with it.</summary>
internal sealed class PendingPush
{
    private readonly Lock _gate = new();
    private PushScope _scope = PushScope.Nothing;
    private long _since;
    private TaskCompletionSource _ready = NewSignal();

    /// <summary>Completes when a push waits.</summary>
    public Task Ready
    {
        get
        {
            lock (_gate)
                return _ready.Task;
        }
    }

    public void Add(PushScope scope, long timestamp)
    {
        if (scope.IsNothing)
            return;
        lock (_gate)
        {
            if (_scope.IsNothing)
                _since = timestamp;
            _scope = _scope.Union(scope);
            _ready.TrySetResult();
        }
    }

    /// <summary>Takes what waits, and since when.</summary>
    public (PushScope Scope, long Since) Take()
    {
        lock (_gate)
        {
            var taken = (_scope, _since);
            _scope = PushScope.Nothing;
            if (_ready.Task.IsCompleted)
                _ready = NewSignal();
            return taken;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
