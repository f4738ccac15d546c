namespace Lateen.Proxy.Loops;

/// <summary>
/// One thread that owns a set of connections. Everything between accept and close of a connection runs on its loop, so code
/// there needs no locks; it must never block.
/// </summary>
public interface IEventLoop
{
    /// <summary>The loop's number, 0 to count − 1; the index into per-loop state.</summary>
    int Index { get; }

    /// <summary>Monotonic time in milliseconds, read once per wake-up of the loop.</summary>
    long NowMilliseconds { get; }

    /// <summary>Wall clock and time stamps with full resolution.</summary>
    TimeProvider Time { get; }

    /// <summary>The loop's own source of chance; not for secrets.</summary>
    Random Random { get; }

    /// <summary>The loop's receive buffers.</summary>
    BufferPool Buffers { get; }

    /// <summary>True when the caller runs on this loop.</summary>
    bool IsCurrent { get; }

    /// <summary>Runs <paramref name="action"/> on the loop; callable from any thread. Actions of one thread run in their order.</summary>
    void Post(Action<object?> action, object? state);

    /// <summary>A stopped timer of this loop; its callback runs on the loop.</summary>
    LoopTimer CreateTimer(Action<object?> callback, object? state);
}
