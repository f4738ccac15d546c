using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

#pragma warning disable CA1822 // the compiler calls them on the instance

namespace Lateen.Proxy.Loops;

/// <summary>
/// Builds async methods of a loop that return <see cref="ValueTask"/>: a method that suspends takes its state machine from a list of
/// the thread and gives it back when it was awaited. The runtime's own pooling builder keeps only one or two per method, so that with
/// many requests under way nearly all would be allocated. The task must be awaited exactly once.
/// </summary>
public struct LoopAsyncMethodBuilder
{
    private LoopStateMachine<bool>? _box;
    private Exception? _error;

    /// <summary>Used by the compiler.</summary>
    public static LoopAsyncMethodBuilder Create() => default;

    /// <summary>What the method returns.</summary>
    public readonly ValueTask Task => _box is not null ? new ValueTask(_box, _box.Version)
        : _error is not null ? ValueTask.FromException(_error)
        : default;

    /// <summary>Used by the compiler.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>Used by the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>Used by the compiler.</summary>
    public readonly void SetResult() => _box?.SetResult(true);

    /// <summary>Used by the compiler.</summary>
    public void SetException(Exception exception)
    {
        if (_box is not null)
        {
            _box.SetException(exception);
        }
        else
        {
            _error = exception;
        }
    }

    /// <summary>Used by the compiler.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.OnCompleted(LoopStateMachine<bool, TStateMachine>.Keep(ref stateMachine, ref _box).MoveNext);

    /// <summary>Used by the compiler.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.UnsafeOnCompleted(LoopStateMachine<bool, TStateMachine>.Keep(ref stateMachine, ref _box).MoveNext);
}

/// <summary>The same for methods that return <see cref="ValueTask{TResult}"/>.</summary>
public struct LoopAsyncMethodBuilder<TResult>
{
    private LoopStateMachine<TResult>? _box;
    private Exception? _error;
    private TResult _result;

    /// <summary>What the method returns.</summary>
    public readonly ValueTask<TResult> Task => _box is not null ? new ValueTask<TResult>(_box, _box.Version)
        : _error is not null ? ValueTask.FromException<TResult>(_error)
        : new ValueTask<TResult>(_result);

#pragma warning disable CA1000 // the compiler asks for it
    /// <summary>Used by the compiler.</summary>
    public static LoopAsyncMethodBuilder<TResult> Create() => default;
#pragma warning restore CA1000

    /// <summary>Used by the compiler.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>Used by the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>Used by the compiler.</summary>
    public void SetResult(TResult result)
    {
        if (_box is not null)
        {
            _box.SetResult(result);
        }
        else
        {
            _result = result;
        }
    }

    /// <summary>Used by the compiler.</summary>
    public void SetException(Exception exception)
    {
        if (_box is not null)
        {
            _box.SetException(exception);
        }
        else
        {
            _error = exception;
        }
    }

    /// <summary>Used by the compiler.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.OnCompleted(LoopStateMachine<TResult, TStateMachine>.Keep(ref stateMachine, ref _box).MoveNext);

    /// <summary>Used by the compiler.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.UnsafeOnCompleted(LoopStateMachine<TResult, TStateMachine>.Keep(ref stateMachine, ref _box).MoveNext);
}

/// <summary>A suspended method and the wait for its end.</summary>
internal abstract class LoopStateMachine<TResult> : IValueTaskSource<TResult>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<TResult> _core;

    public short Version => _core.Version;

    public void SetResult(TResult result) => _core.SetResult(result);

    public void SetException(Exception exception) => _core.SetException(exception);

    public TResult GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            Return();
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected abstract void Return();
}

/// <summary>The same for one method's state machine; unused ones wait in a list of their thread.</summary>
internal sealed class LoopStateMachine<TResult, TStateMachine> : LoopStateMachine<TResult>
    where TStateMachine : IAsyncStateMachine
{
    private const int MostKept = 4096;

    [ThreadStatic]
    private static LoopStateMachine<TResult, TStateMachine>? s_free;

    [ThreadStatic]
    private static int s_kept;

    private TStateMachine? _stateMachine;
    private LoopStateMachine<TResult, TStateMachine>? _next;

    private LoopStateMachine() => MoveNext = () => _stateMachine!.MoveNext();

    public Action MoveNext { get; }

    /// <summary>Moves a state machine that suspends for the first time off the stack.</summary>
    public static LoopStateMachine<TResult, TStateMachine> Keep(ref TStateMachine stateMachine, ref LoopStateMachine<TResult>? box)
    {
        if (box is LoopStateMachine<TResult, TStateMachine> kept)
        {
            return kept;
        }

        var free = s_free;
        if (free is null)
        {
            free = new LoopStateMachine<TResult, TStateMachine>();
        }
        else
        {
            s_free = free._next;
            free._next = null;
            s_kept--;
        }

        // The builder lies inside the state machine: it has to know its box before the copy is made.
        box = free;
        free._stateMachine = stateMachine;
        return free;
    }

    protected override void Return()
    {
        _stateMachine = default;
        if (s_kept < MostKept)
        {
            _next = s_free;
            s_free = this;
            s_kept++;
        }
    }
}
