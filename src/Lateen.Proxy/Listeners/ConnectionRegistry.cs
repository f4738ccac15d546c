using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Listeners;

/// <summary>All open connections, by the loop that owns them.</summary>
internal sealed class ConnectionRegistry(IReadOnlyList<EpollLoop> loops)
{
    private readonly HashSet<AcceptedConnection>[] _byLoop = [.. loops.Select(_ => new HashSet<AcceptedConnection>())];
    private readonly long[] _counts = new long[loops.Count];
    private long _count;

    /// <summary>Connections open now.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The loop with the fewest connections; <paramref name="current"/> when none has fewer than it.</summary>
    public EpollLoop LeastLoaded(EpollLoop current)
    {
        var best = current.Index;
        for (var i = 0; i < _counts.Length; i++)
        {
            best = Volatile.Read(ref _counts[i]) < Volatile.Read(ref _counts[best]) ? i : best;
        }

        return loops[best];
    }

    /// <summary>Counts a connection to a loop before it gets there, so that the next choice knows of it.</summary>
    public void Reserve(EpollLoop loop)
    {
        Interlocked.Increment(ref _counts[loop.Index]);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Enters a reserved connection; on its loop.</summary>
    public void Add(EpollLoop loop, AcceptedConnection connection) => _byLoop[loop.Index].Add(connection);

    /// <summary>Takes a connection out, if it was entered, and its reservation back; on its loop.</summary>
    public void Remove(EpollLoop loop, AcceptedConnection? connection)
    {
        if (connection is not null)
        {
            _byLoop[loop.Index].Remove(connection);
        }

        Interlocked.Decrement(ref _counts[loop.Index]);
        Interlocked.Decrement(ref _count);
    }

    /// <summary>Runs an action for every connection, on its loop, soon.</summary>
    public void ForEach(Action<AcceptedConnection> action)
    {
        foreach (var loop in loops)
        {
            loop.Post(
                _ =>
                {
                    foreach (var connection in _byLoop[loop.Index].ToArray())
                    {
                        action(connection);
                    }
                },
                null);
        }
    }
}
