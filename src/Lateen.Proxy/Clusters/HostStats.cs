namespace Lateen.Proxy.Clusters;

/// <summary>The counts of one host that balancing reads and admin <c>/clusters</c> shows. Safe from any thread.</summary>
public sealed class HostStats
{
    private long _connectionsActive;
    private long _connectionsTotal;
    private long _connectFailures;
    private long _requestsActive;
    private long _requestsTotal;
    private long _requestsSucceeded;
    private long _requestsFailed;
    private long _requestTimeouts;

    /// <summary>Open connections (<c>cx_active</c>).</summary>
    public long ConnectionsActive => Volatile.Read(ref _connectionsActive);

    /// <summary>Connections made (<c>cx_total</c>).</summary>
    public long ConnectionsTotal => Volatile.Read(ref _connectionsTotal);

    /// <summary>Connections that could not be made (<c>cx_connect_fail</c>).</summary>
    public long ConnectFailures => Volatile.Read(ref _connectFailures);

    /// <summary>Requests, or TCP streams, under way (<c>rq_active</c>).</summary>
    public long RequestsActive => Volatile.Read(ref _requestsActive);

    /// <summary>Requests sent (<c>rq_total</c>).</summary>
    public long RequestsTotal => Volatile.Read(ref _requestsTotal);

    /// <summary>Responses other than 5xx (<c>rq_success</c>).</summary>
    public long RequestsSucceeded => Volatile.Read(ref _requestsSucceeded);

    /// <summary>Responses with 5xx, and resets (<c>rq_error</c>).</summary>
    public long RequestsFailed => Volatile.Read(ref _requestsFailed);

    /// <summary>Requests that ran out of time (<c>rq_timeout</c>).</summary>
    public long RequestTimeouts => Volatile.Read(ref _requestTimeouts);

    /// <summary>A connection attempt begins.</summary>
    public void ConnectionStarted()
    {
        Interlocked.Increment(ref _connectionsActive);
        Interlocked.Increment(ref _connectionsTotal);
    }

    /// <summary>A connection ended; <paramref name="connected"/> is false when it was never made.</summary>
    public void ConnectionEnded(bool connected)
    {
        Interlocked.Decrement(ref _connectionsActive);
        if (!connected)
        {
            Interlocked.Increment(ref _connectFailures);
        }
    }

    /// <summary>A request was given to the host.</summary>
    public void RequestStarted()
    {
        Interlocked.Increment(ref _requestsActive);
        Interlocked.Increment(ref _requestsTotal);
    }

    /// <summary>A request ended.</summary>
    public void RequestEnded() => Interlocked.Decrement(ref _requestsActive);

    /// <summary>Counts how a request went.</summary>
    public void RequestCompleted(bool success) => Interlocked.Increment(ref success ? ref _requestsSucceeded : ref _requestsFailed);

    /// <summary>Counts a request that ran out of time.</summary>
    public void RequestTimedOut() => Interlocked.Increment(ref _requestTimeouts);
}
