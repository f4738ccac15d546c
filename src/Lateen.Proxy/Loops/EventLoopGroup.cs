using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Loops;

/// <summary>The event loops of the process, each on a thread of its own.</summary>
public sealed class EventLoopGroup : IDisposable
{
    private readonly EpollLoop[] _loops;

    /// <summary>Starts <paramref name="count"/> loops (Envoy: concurrency; usually one per core).</summary>
    public EventLoopGroup(int count, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var log = loggers.CreateLogger("Lateen.Proxy.Loops");
        _loops = new EpollLoop[count];
        for (var i = 0; i < count; i++)
        {
            _loops[i] = new EpollLoop(i, time, log);
        }
    }

    /// <summary>The loops by index.</summary>
    public IReadOnlyList<IEventLoop> Loops => _loops;

    /// <summary>Stops the loops and waits for their threads.</summary>
    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }
}
