using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Lateen.Proxy.Loops;

/// <summary>Something with a file descriptor that a loop watches.</summary>
internal interface IEpollTarget
{
    /// <summary>The descriptor is ready; <paramref name="events"/> are epoll's bits. May unregister any target.</summary>
    void OnReady(uint events);
}

/// <summary>An event loop over epoll on a thread of its own.</summary>
internal sealed unsafe partial class EpollLoop : IEventLoop, IDisposable
{
    private const uint WakeSlot = uint.MaxValue;
    private const int MostEvents = 256;

    // The kernel packs struct epoll_event on x86-64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int EventData = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly int _epoll;
    private readonly int _wake;

    // Closed with the last reference to the loop: work may still be posted to one that has stopped.
    private readonly SafeFileHandle _wakeOwner;
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _posted = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly TimerWheel _timers;
    private readonly long _started;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private IEpollTarget?[] _targets = new IEpollTarget?[64];
    private uint[] _generations = new uint[64];
    private int _usedSlots;
    private int _wakePending;
    private bool _stopping;

    public EpollLoop(int index, TimeProvider time, ILogger log)
    {
        Index = index;
        Time = time;
        _log = log;
        _started = time.GetTimestamp();

        // A millisecond that has begun counts as over when a timer starts, so that none fires early.
        _timers = new TimerWheel(() => ReadClock() + 1);
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        _wake = Libc.eventfd(0, Libc.EFD_NONBLOCK_CLOEXEC);
        if (_epoll < 0 || _wake < 0)
        {
            throw new Win32Exception(Libc.Errno);
        }

        _wakeOwner = new SafeFileHandle(_wake, ownsHandle: true);
        Control(Libc.EPOLL_CTL_ADD, _wake, Libc.EPOLLIN | Libc.EPOLLET, WakeSlot, 0);
        _thread = new Thread(Run) { IsBackground = true, Name = $"loop-{index}" };
        _thread.Start();
    }

    public int Index { get; }

    public long NowMilliseconds { get; private set; }

    public TimeProvider Time { get; }

    public Random Random { get; } = new();

    public BufferPool Buffers { get; } = new();

    public bool IsCurrent => Thread.CurrentThread == _thread;

    public void Post(Action<object?> action, object? state)
    {
        _posted.Enqueue((action, state));
        if (!IsCurrent && Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            var one = 1UL;
            _ = Libc.write(_wake, &one, sizeof(ulong));
            GC.KeepAlive(_wakeOwner);
        }
    }

    public LoopTimer CreateTimer(Action<object?> callback, object? state) => _timers.CreateTimer(callback, state);

    /// <summary>Watches a descriptor; gives the slot for <see cref="Unregister"/>. On the loop only.</summary>
    /// <exception cref="TransportException">The kernel refused (out of memory, or over its limit of watches).</exception>
    public int Register(int fd, IEpollTarget target, uint events)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _usedSlots++;
            if (slot == _targets.Length)
            {
                Array.Resize(ref _targets, slot * 2);
                Array.Resize(ref _generations, slot * 2);
            }
        }

        _targets[slot] = target;
        if (Control(Libc.EPOLL_CTL_ADD, fd, events, (uint)slot, _generations[slot]) < 0)
        {
            var errno = Libc.Errno;
            Release(slot);
            throw new TransportException($"epoll_ctl: {Libc.Describe(errno)}");
        }

        return slot;
    }

    /// <summary>Ends the watch; events already fetched for it are dropped. On the loop only, before the descriptor is closed.</summary>
    public void Unregister(int slot, int fd)
    {
        Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, fd, null);
        Release(slot);
    }

    /// <summary>Ends the watch of a descriptor that the caller closes next, which takes it out of epoll by itself.</summary>
    public void Forget(int slot) => Release(slot);

    /// <summary>Stops the thread and waits for it, unless called on it. Connections still open stay so until the process ends.</summary>
    public void Dispose()
    {
        Post(static self => ((EpollLoop)self!)._stopping = true, this);
        if (!IsCurrent)
        {
            _thread.Join();
            Libc.close(_epoll);
        }
    }

    private void Release(int slot)
    {
        _targets[slot] = null;
        _generations[slot]++;
        _freeSlots.Push(slot);
    }

    private int Control(int operation, int fd, uint events, uint slot, uint generation)
    {
        var entry = stackalloc byte[16];
        Unsafe.WriteUnaligned(entry, events);
        Unsafe.WriteUnaligned(entry + EventData, ((ulong)generation << 32) | slot);
        return Libc.epoll_ctl(_epoll, operation, fd, entry);
    }

    private long ReadClock() => (long)Time.GetElapsedTime(_started).TotalMilliseconds;

    private void Run()
    {
        StatShard.Current = Index;
        var events = stackalloc byte[16 * MostEvents];
        while (!_stopping)
        {
            var delay = _posted.IsEmpty ? _timers.NextDelay(ReadClock()) : 0;
            var count = Libc.epoll_wait(_epoll, events, MostEvents, (int)Math.Min(delay, int.MaxValue));
            NowMilliseconds = ReadClock();
            for (var i = 0; i < count; i++)
            {
                var entry = events + (i * EventSize);
                Dispatch(Unsafe.ReadUnaligned<uint>(entry), Unsafe.ReadUnaligned<ulong>(entry + EventData));
            }

            RunPosted();
            AdvanceTimers();
        }
    }

    private void Dispatch(uint events, ulong data)
    {
        var slot = (uint)data;
        if (slot == WakeSlot)
        {
            ulong value;
            _ = Libc.read(_wake, &value, sizeof(ulong));
            return;
        }

        if (_generations[slot] != (uint)(data >> 32) || _targets[slot] is not { } target)
        {
            return;
        }

        try
        {
            target.OnReady(events);
        }
        catch (Exception e)
        {
            LogUnhandled(_log, e);
        }
    }

    // Only what is there now: work that posts itself again must not keep sockets waiting.
    private void RunPosted()
    {
        Volatile.Write(ref _wakePending, 0);
        Interlocked.MemoryBarrier();
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var work); left--)
        {
            try
            {
                work.Action(work.State);
            }
            catch (Exception e)
            {
                LogUnhandled(_log, e);
            }
        }
    }

    private void AdvanceTimers()
    {
        try
        {
            _timers.Advance(ReadClock());
        }
        catch (Exception e)
        {
            LogUnhandled(_log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Unhandled error on an event loop")]
    private static partial void LogUnhandled(ILogger logger, Exception error);
}
