using Lateen.Proxy.Loops;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Proxy.Tests.Support;

/// <summary>
/// An event loop without a thread: posted work runs when the test says so, and time moves only by <see cref="Advance"/>.
/// </summary>
public sealed class ManualLoop : IEventLoop
{
    private readonly Queue<(Action<object?> Action, object? State)> _posted = new();
    private readonly List<ManualTimer> _active = [];
    private readonly DateTimeOffset _start;
    private long _order;

    public ManualLoop(int seed = 1)
    {
        Random = new Random(seed);
        _start = Clock.GetUtcNow();
    }

    /// <summary>The loop's clock, for code under test that wants a <see cref="TimeProvider"/>.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public int Index => 0;

    public long NowMilliseconds => (long)(Clock.GetUtcNow() - _start).TotalMilliseconds;

    public TimeProvider Time => Clock;

    public Random Random { get; set; }

    public BufferPool Buffers { get; } = new();

    public bool IsCurrent => true;

    /// <summary>Timers that are started and have not fired.</summary>
    public int ActiveTimers => _active.Count;

    public void Post(Action<object?> action, object? state)
    {
        lock (_posted)
        {
            _posted.Enqueue((action, state));
        }
    }

    public LoopTimer CreateTimer(Action<object?> callback, object? state) => new ManualTimer(this, callback, state);

    /// <summary>Runs posted work until there is none.</summary>
    public void RunUntilIdle()
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (TryTake(out var work))
            {
                work.Action(work.State);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Moves time on; timers fire in order at their due times, posted work runs before, between and after.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Clock.GetUtcNow() + time;
        RunUntilIdle();
        while (_active.Where(t => t.Due <= end).OrderBy(t => t.Due).ThenBy(t => t.Order).FirstOrDefault() is { } next)
        {
            if (next.Due > Clock.GetUtcNow())
            {
                Clock.SetUtcNow(next.Due);
            }

            _active.Remove(next);
            next.Fire();
            RunUntilIdle();
        }

        Clock.SetUtcNow(end);
        RunUntilIdle();
    }

    /// <summary>Runs the loop until <paramref name="operation"/> completed; fails when it never will without time passing.</summary>
    public T Run<T>(ValueTask<T> operation)
    {
        RunUntilIdle();
        Assert.True(operation.IsCompleted, "The loop is idle and the operation still waits.");
        return operation.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}(ValueTask{T})"/>
    public void Run(ValueTask operation)
    {
        RunUntilIdle();
        Assert.True(operation.IsCompleted, "The loop is idle and the operation still waits.");
        operation.GetAwaiter().GetResult();
    }

    private bool TryTake(out (Action<object?> Action, object? State) work)
    {
        lock (_posted)
        {
            return _posted.TryDequeue(out work);
        }
    }

    private sealed class ManualTimer(ManualLoop loop, Action<object?> callback, object? state) : LoopTimer
    {
        public DateTimeOffset Due { get; private set; }

        public long Order { get; private set; }

        public override bool IsActive => loop._active.Contains(this);

        public override void Start(TimeSpan delay)
        {
            loop._active.Remove(this);
            Due = loop.Clock.GetUtcNow() + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
            Order = loop._order++;
            loop._active.Add(this);
        }

        public override void Stop() => loop._active.Remove(this);

        public void Fire() => callback(state);
    }
}
