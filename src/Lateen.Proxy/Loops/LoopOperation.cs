using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Lateen.Proxy.Loops;

/// <summary>
/// A wait that is reused for each operation of one kind on one connection. Its continuation runs where <see cref="Complete"/> is called,
/// which is always the loop.
/// </summary>
internal sealed class LoopOperation : IValueTaskSource<int>, IValueTaskSource
{
    private Action<object?>? _continuation;
    private object? _state;
    private Exception? _error;
    private int _result;
    private short _version;
    private bool _completed;

    /// <summary>True between <see cref="Begin"/> and completion.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Begins a wait with a result.</summary>
    public ValueTask<int> Begin() => new(this, Start());

    /// <summary>Begins a wait without a result.</summary>
    public ValueTask BeginVoid() => new((IValueTaskSource)this, Start());

    /// <summary>Ends the wait; the continuation runs before this returns.</summary>
    public void Complete(int result)
    {
        IsPending = false;
        _result = result;
        _completed = true;
        var continuation = _continuation;
        _continuation = null;
        continuation?.Invoke(_state);
    }

    /// <summary>Ends the wait with an error.</summary>
    public void Fail(Exception error)
    {
        _error = error;
        Complete(-1);
    }

    int IValueTaskSource<int>.GetResult(short token) => Result(token);

    void IValueTaskSource.GetResult(short token) => Result(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => Status(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => Status(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        OnCompleted(continuation, state, token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        OnCompleted(continuation, state, token);

    private short Start()
    {
        if (IsPending)
        {
            throw new InvalidOperationException("An operation of this kind is already pending on the connection.");
        }

        IsPending = true;
        _completed = false;
        _error = null;
        return ++_version;
    }

    private int Result(short token)
    {
        Check(token);
        Debug.Assert(_completed, "The result of a pending operation was asked for.");
        _state = null;
        return _error is null ? _result : throw _error;
    }

    private ValueTaskSourceStatus Status(short token)
    {
        Check(token);
        return !_completed ? ValueTaskSourceStatus.Pending
            : _error is null ? ValueTaskSourceStatus.Succeeded
            : ValueTaskSourceStatus.Faulted;
    }

    private void OnCompleted(Action<object?> continuation, object? state, short token)
    {
        Check(token);
        if (_completed)
        {
            continuation(state);
            return;
        }

        _state = state;
        _continuation = continuation;
    }

    private void Check(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("The operation was awaited twice.");
        }
    }
}
