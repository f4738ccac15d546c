using Envoy.Config.Core.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Upstream;

/// <summary>
/// HTTP/1.1 connections of one loop to one host: the most recently used idle one is taken first; without one a request waits for a
/// new connection, as the circuit breakers allow (Envoy: HTTP/1 connection pool).
/// </summary>
internal sealed class ConnectionPool(
    HostPools owner,
    Host host,
    IEventLoop loop,
    IUpstreamConnector connector,
    RoutingPriority priority,
    UpstreamTransport transport,
    UpstreamTlsOverride tls)
{
    private readonly List<PooledConnection> _idle = [];
    private readonly List<PooledConnection> _busy = [];
    private readonly PendingQueue _pending = new();
    private readonly PriorityLimits _limits = host.Cluster.CircuitBreakers.For(priority);
    private readonly ClusterStats _stats = host.Cluster.Stats;
    private LoopTimer? _idleTimer;
    private int _connecting;

    public RoutingPriority Priority => priority;

    public UpstreamTransport Transport => transport;

    public UpstreamTlsOverride Tls => tls;

    public Host Host => host;

    private int Connections => _idle.Count + _busy.Count + _connecting;

    /// <summary>A stream on an idle connection at once, or on the next one that is ready.</summary>
    /// <exception cref="StreamResetException">A limit is full, or no connection could be made.</exception>
    public ValueTask<ClientStream> AcquireAsync(PendingStream pending)
    {
        while (_idle.Count > 0)
        {
            var connection = _idle[^1];
            if (connection.PeerClosed)
            {
                connection.Close();
                continue;
            }

            if (!_limits.Requests.TryAcquire())
            {
                return Overflow();
            }

            _idle.RemoveAt(_idle.Count - 1);
            return new ValueTask<ClientStream>(Attach(connection));
        }

        return WaitAsync(pending);
    }

    /// <summary>Ends a wait.</summary>
    public void Cancel(PendingStream pending)
    {
        _pending.Remove(pending);
        Left();
        _stats.UpstreamRqCancelled.Increment();
        pending.Fail(new StreamResetException(StreamResetReason.LocalReset));
    }

    /// <summary>Idle connections close now, busy ones after their request.</summary>
    public void Drain()
    {
        while (_idle.Count > 0)
        {
            _idle[^1].Close();
        }

        foreach (var connection in _busy)
        {
            connection.CloseAfter = true;
        }

        ForgetIfEmpty();
    }

    /// <summary>A connection finished its exchange and can carry another.</summary>
    internal void OnIdle(PooledConnection connection)
    {
        EndExchange(connection);
        if (connection.CloseAfter || IsUsedUp(connection))
        {
            connection.Close();
        }
        else
        {
            Serve(connection);
        }
    }

    /// <summary>A connection is closed, after an exchange or while it was idle.</summary>
    internal void OnClosed(PooledConnection connection)
    {
        if (connection.BusyIndex >= 0)
        {
            _stats.UpstreamCxDestroyWithActiveRq.Increment();
            EndExchange(connection);
        }
        else
        {
            _idle.Remove(connection);
        }

        (connection.ClosedByUs ? _stats.UpstreamCxDestroyLocal : _stats.UpstreamCxDestroyRemote).Increment();
        _limits.Connections.Release();
        host.Stats.ConnectionEnded(connected: true);
        _stats.UpstreamCxActive.Decrement();
        _stats.UpstreamCxDestroy.Increment();
        _stats.UpstreamCxLengthMs.Record(loop.NowMilliseconds - connection.Since);
        Grow();
        ForgetIfEmpty();
    }

    private ValueTask<ClientStream> WaitAsync(PendingStream pending)
    {
        if (!_limits.PendingRequests.TryAcquire())
        {
            return Overflow();
        }

        _stats.UpstreamRqPendingTotal.Increment();
        _stats.UpstreamRqPendingActive.Increment();
        var waiting = pending.Begin(this);
        _pending.Enqueue(pending);
        Grow();
        return waiting;
    }

    private ValueTask<ClientStream> Overflow()
    {
        _stats.UpstreamRqPendingOverflow.Increment();
        return ValueTask.FromException<ClientStream>(new StreamResetException(StreamResetReason.Overflow));
    }

    // As many connections on their way as requests wait; a host without any connection always gets one.
    private void Grow()
    {
        while (_connecting < _pending.Count)
        {
            if (!_limits.Connections.TryAcquire())
            {
                _stats.UpstreamCxOverflow.Increment();
                if (Connections > 0)
                {
                    return;
                }

                _limits.Connections.Acquire();
            }

            _connecting++;
            _ = ConnectAsync();
        }
    }

    // Does not throw: a failure is the waiting requests' failure.
    private async Task ConnectAsync()
    {
        var begin = loop.Time.GetTimestamp();
        host.Stats.ConnectionStarted();
        _stats.UpstreamCxTotal.Increment();
        _stats.UpstreamCxHttp1Total.Increment();
        _stats.UpstreamCxActive.Increment();
        Transport made;
        try
        {
            made = await connector.ConnectAsync(loop, host, transport, tls);
        }
        catch (TransportException e)
        {
            ConnectFailed(e);
            return;
        }

        _stats.UpstreamCxConnectMs.Record(loop.Time.GetElapsedTime(begin).TotalMilliseconds);
        _connecting--;
        Serve(new PooledConnection(this, made, host.Cluster.Model) { CloseAfter = host.IsRemoved });
    }

    private void ConnectFailed(TransportException error)
    {
        _connecting--;
        _limits.Connections.Release();
        host.Stats.ConnectionEnded(connected: false);
        _stats.UpstreamCxActive.Decrement();
        _stats.UpstreamCxDestroy.Increment();
        _stats.UpstreamCxConnectFail.Increment();
        if (error.IsTimeout)
        {
            _stats.UpstreamCxConnectTimeout.Increment();
        }

        // All that wait fail with it; those that try again wait anew (Envoy: purgePendingStreams).
        var failure = new StreamResetException(
            error.IsTimeout ? StreamResetReason.ConnectTimeout : StreamResetReason.ConnectFailure, error.Message, error);
        for (var count = _pending.Count; count > 0 && _pending.Dequeue() is { } pending; count--)
        {
            Left();
            _stats.UpstreamRqPendingFailureEject.Increment();
            pending.Fail(failure);
        }

        ForgetIfEmpty();
    }

    // Gives the connection to the next waiting request, or keeps it.
    private void Serve(PooledConnection connection)
    {
        while (_pending.Dequeue() is { } pending)
        {
            Left();
            if (_limits.Requests.TryAcquire())
            {
                pending.Complete(Attach(connection));
                return;
            }

            _stats.UpstreamRqPendingOverflow.Increment();
            pending.Fail(new StreamResetException(StreamResetReason.Overflow));
        }

        PutBack(connection);
        if (connection.CloseAfter)
        {
            connection.Close();
        }
        else
        {
            connection.WatchIdle();
        }
    }

    private ClientStream Attach(PooledConnection connection)
    {
        connection.BusyIndex = _busy.Count;
        _busy.Add(connection);
        _stats.UpstreamRqTotal.Increment();
        _stats.UpstreamRqActive.Increment();
        host.Stats.RequestStarted();
        return connection.Begin();
    }

    private void EndExchange(PooledConnection connection)
    {
        var last = _busy[^1];
        _busy[connection.BusyIndex] = last;
        last.BusyIndex = connection.BusyIndex;
        _busy.RemoveAt(_busy.Count - 1);
        connection.BusyIndex = -1;
        _limits.Requests.Release();
        _stats.UpstreamRqActive.Decrement();
        host.Stats.RequestEnded();
    }

    private void PutBack(PooledConnection connection)
    {
        connection.IdleSince = loop.NowMilliseconds;
        _idle.Add(connection);
        if (host.Cluster.Model.Http.IdleTimeout is { } timeout && _idleTimer is not { IsActive: true })
        {
            _idleTimer ??= loop.CreateTimer(static self => ((ConnectionPool)self!).CloseIdle(), this);
            _idleTimer.Start(timeout);
        }
    }

    // One timer for all: it looks who has been idle for too long and sleeps until the next one may be.
    private void CloseIdle()
    {
        if (host.Cluster.Model.Http.IdleTimeout is not { } timeout)
        {
            return;
        }

        var limit = (long)timeout.TotalMilliseconds;
        for (var i = _idle.Count - 1; i >= 0; i--)
        {
            if (loop.NowMilliseconds - _idle[i].IdleSince >= limit)
            {
                _stats.UpstreamCxIdleTimeout.Increment();
                _idle[i].Close();
            }
        }

        if (_idle.Count > 0)
        {
            _idleTimer!.Start(TimeSpan.FromMilliseconds(limit - (loop.NowMilliseconds - _idle.Min(c => c.IdleSince))));
        }

        ForgetIfEmpty();
    }

    private bool IsUsedUp(PooledConnection connection)
    {
        var http = host.Cluster.Model.Http;
        if (http.MaxRequestsPerConnection > 0 && connection.Requests >= http.MaxRequestsPerConnection)
        {
            _stats.UpstreamCxMaxRequests.Increment();
            return true;
        }

        if (http.MaxConnectionDuration is { } longest && loop.NowMilliseconds - connection.Since >= longest.TotalMilliseconds)
        {
            _stats.UpstreamCxMaxDurationReached.Increment();
            return true;
        }

        return false;
    }

    private void Left()
    {
        _limits.PendingRequests.Release();
        _stats.UpstreamRqPendingActive.Decrement();
    }

    private void ForgetIfEmpty()
    {
        if (Connections == 0 && _pending.Count == 0)
        {
            _idleTimer?.Stop();
            owner.Forget(this);
        }
    }
}
