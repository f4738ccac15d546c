using System.Numerics;

namespace Lateen.Proxy.Loops;

/// <summary>
/// Timers of one loop in a hierarchy of wheels: starting, stopping and firing cost a constant, whatever the number of timers. Each level
/// has 64 slots, each slot of a level spans a whole turn of the level below; a timer moves down as its time comes nearer.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>Resolution, milliseconds.</summary>
    public const int TickMilliseconds = 4;

    private const int SlotBits = 6;
    private const int SlotsPerLevel = 1 << SlotBits;
    private const int Levels = 7;
    private const long LongestDelay = 1L << 40;

    private readonly WheelTimer?[] _slots = new WheelTimer?[Levels * SlotsPerLevel];
    private readonly ulong[] _occupied = new ulong[Levels];
    private readonly Func<long> _clock;
    private long _tick;

    /// <summary>A wheel on a clock that gives milliseconds from 0 and never goes back.</summary>
    public TimerWheel(Func<long> clock)
    {
        _clock = clock;
        _tick = clock() / TickMilliseconds;
    }

    /// <summary>Timers that are active.</summary>
    public int Count { get; private set; }

    /// <summary>A stopped timer.</summary>
    public LoopTimer CreateTimer(Action<object?> callback, object? state) => new WheelTimer(this, callback, state);

    /// <summary>Milliseconds from <paramref name="now"/> until <see cref="Advance"/> has something to do; −1 when no timer is active.</summary>
    public long NextDelay(long now) =>
        Count == 0 ? -1 : Math.Max(0, (NextSlot(out _, out _) * TickMilliseconds) - now);

    /// <summary>Fires what is due. Callbacks may start and stop any timer.</summary>
    public void Advance(long now)
    {
        var target = now / TickMilliseconds;
        while (Count > 0)
        {
            var due = NextSlot(out var level, out var slot);
            if (due > target)
            {
                break;
            }

            _tick = Math.Max(_tick, due);
            EmptySlot(level, slot);
        }

        _tick = Math.Max(_tick, target);
    }

    private void EmptySlot(int level, int slot)
    {
        while (_slots[(level * SlotsPerLevel) + slot] is { } timer)
        {
            Remove(timer);
            if (timer.DueTick <= _tick)
            {
                timer.Fire();
            }
            else
            {
                Insert(timer);
            }
        }
    }

    // A timer's level is that of the highest bit in which its due tick differs from now, so all timers of a lower level are due
    // before those of a higher one, and within a level its slots from the current one on are in order.
    private long NextSlot(out int level, out int slot)
    {
        for (level = 0; level < Levels; level++)
        {
            var shift = level * SlotBits;
            var current = (int)(_tick >> shift) & (SlotsPerLevel - 1);
            var ahead = _occupied[level] & (ulong.MaxValue << current);
            if (ahead != 0)
            {
                slot = BitOperations.TrailingZeroCount(ahead);
                var turn = _tick >> (shift + SlotBits) << (shift + SlotBits);
                return turn + ((long)slot << shift);
            }
        }

        throw new InvalidOperationException("The wheel counts active timers but holds none.");
    }

    private void Start(WheelTimer timer, TimeSpan delay)
    {
        if (timer.Slot >= 0)
        {
            Remove(timer);
        }

        var milliseconds = Math.Clamp((long)Math.Ceiling(delay.TotalMilliseconds), 0, LongestDelay);
        var dueAt = _clock() + milliseconds;
        timer.DueTick = Math.Max(_tick + 1, (dueAt + TickMilliseconds - 1) / TickMilliseconds);
        Insert(timer);
    }

    private void Insert(WheelTimer timer)
    {
        var different = (ulong)(timer.DueTick ^ _tick) | (SlotsPerLevel - 1);
        var level = Math.Min(BitOperations.Log2(different) / SlotBits, Levels - 1);
        var slot = (int)(timer.DueTick >> (level * SlotBits)) & (SlotsPerLevel - 1);
        timer.Slot = (level * SlotsPerLevel) + slot;
        ref var head = ref _slots[timer.Slot];
        timer.Next = head;
        timer.Previous = null;
        if (head is not null)
        {
            head.Previous = timer;
        }

        head = timer;
        _occupied[level] |= 1UL << slot;
        Count++;
    }

    private void Remove(WheelTimer timer)
    {
        if (timer.Previous is { } previous)
        {
            previous.Next = timer.Next;
        }
        else
        {
            _slots[timer.Slot] = timer.Next;
        }

        if (timer.Next is { } next)
        {
            next.Previous = timer.Previous;
        }

        if (_slots[timer.Slot] is null)
        {
            _occupied[timer.Slot / SlotsPerLevel] &= ~(1UL << (timer.Slot % SlotsPerLevel));
        }

        timer.Next = timer.Previous = null;
        timer.Slot = -1;
        Count--;
    }

    private sealed class WheelTimer(TimerWheel wheel, Action<object?> callback, object? state) : LoopTimer
    {
        public long DueTick { get; set; }

        public int Slot { get; set; } = -1;

        public WheelTimer? Next { get; set; }

        public WheelTimer? Previous { get; set; }

        public override bool IsActive => Slot >= 0;

        public override void Start(TimeSpan delay) => wheel.Start(this, delay);

        public override void Stop()
        {
            if (Slot >= 0)
            {
                wheel.Remove(this);
            }
        }

        public void Fire() => callback(state);
    }
}
