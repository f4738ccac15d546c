using System.Threading.Tasks.Sources;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Upstream;

/// <summary>A request that waits for a connection. Reused by its owner; its continuation runs on the loop.</summary>
internal sealed class PendingStream : IValueTaskSource<ClientStream>
{
    private ManualResetValueTaskSourceCore<ClientStream> _core;

    /// <summary>The pool it waits in; null while it does not wait.</summary>
    public ConnectionPool? Pool { get; private set; }

    internal PendingStream? Previous { get; set; }

    internal PendingStream? Next { get; set; }

    /// <summary>Ends the wait with <see cref="StreamResetReason.LocalReset"/>; nothing when it does not wait.</summary>
    public void Cancel() => Pool?.Cancel(this);

    internal ValueTask<ClientStream> Begin(ConnectionPool pool)
    {
        _core.Reset();
        Pool = pool;
        return new ValueTask<ClientStream>(this, _core.Version);
    }

    internal void Complete(ClientStream stream)
    {
        Pool = null;
        _core.SetResult(stream);
    }

    internal void Fail(StreamResetException error)
    {
        Pool = null;
        _core.SetException(error);
    }

    ClientStream IValueTaskSource<ClientStream>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ClientStream>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ClientStream>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

/// <summary>Waiting requests in their order; a request leaves from anywhere at no cost.</summary>
internal sealed class PendingQueue
{
    private PendingStream? _first;
    private PendingStream? _last;

    public int Count { get; private set; }

    public void Enqueue(PendingStream pending)
    {
        pending.Previous = _last;
        pending.Next = null;
        if (_last is null)
        {
            _first = pending;
        }
        else
        {
            _last.Next = pending;
        }

        _last = pending;
        Count++;
    }

    public PendingStream? Dequeue()
    {
        var first = _first;
        if (first is not null)
        {
            Remove(first);
        }

        return first;
    }

    public void Remove(PendingStream pending)
    {
        if (pending.Previous is null)
        {
            _first = pending.Next;
        }
        else
        {
            pending.Previous.Next = pending.Next;
        }

        if (pending.Next is null)
        {
            _last = pending.Previous;
        }
        else
        {
            pending.Next.Previous = pending.Previous;
        }

        pending.Previous = pending.Next = null;
        Count--;
    }
}
