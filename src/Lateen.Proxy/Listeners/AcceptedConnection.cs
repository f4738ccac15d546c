using System.Net;
using Lateen.Proxy.Http;
using Lateen.Proxy.Listeners.Inspection;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;

namespace Lateen.Proxy.Listeners;

/// <summary>
/// One accepted connection from accept to close: listener filters, choice of the filter chain, TLS, network filters. Owned by its loop.
/// It keeps the configuration it began with.
/// </summary>
internal sealed class AcceptedConnection
{
    private readonly ListenerSet _set;
    private readonly SocketTransport _socket;
    private readonly ConnectionFacts _facts;
    private readonly long _begin;
    private ListenerModel _listener;
    private Transport _transport;
    private NetworkConnection? _connection;
    private bool _inspectionTimedOut;

    public AcceptedConnection(ListenerSet set, ListenerModel listener, SocketTransport socket)
    {
        _set = set;
        _listener = listener;
        _socket = socket;
        _transport = socket;
        _facts = new ConnectionFacts(socket.Info);
        _begin = socket.Loop.Time.GetTimestamp();
    }

    /// <summary>The listener that serves it.</summary>
    public ListenerModel Listener => _listener;

    /// <summary>Its filter chain; null before one is chosen.</summary>
    public FilterChain? Chain { get; private set; }

    /// <summary>The change of configuration that retired it; null while it was not.</summary>
    public object? Retirement { get; private set; }

    /// <summary>Its configuration is gone: it drains, and is closed when the drain time is over.</summary>
    public void Retire(object retirement)
    {
        Retirement ??= retirement;
        Drain();
    }

    /// <summary>The terminal filter is to finish what runs and take nothing new.</summary>
    public void Drain()
    {
        if (_connection is { Draining: false } connection)
        {
            connection.Draining = true;
            connection.DrainCallback?.Invoke();
        }
    }

    /// <summary>Closes it at once.</summary>
    public void Close() => _transport.Close();

    /// <summary>Serves the connection to its end. Does not throw.</summary>
    public async Task RunAsync()
    {
        var stats = _listener.Stats;
        stats.Connections.Increment();
        stats.Active.Increment();
        try
        {
            if (await InspectAsync() && await HandOverAsync() && ChooseChain() is { } chain)
            {
                Chain = chain;
                await ServeAsync(chain);
            }
        }
        catch (TransportException e)
        {
            _socket.Info.TerminationDetails ??= e.IsTimeout ? "transport_socket_timeout" : e.Message;
            LogUnserved(ResponseFlags.None);
        }
        finally
        {
            _transport.Close();
            Chain?.Release();
            stats.Active.Decrement();
            stats.Destroyed.Increment();
            stats.Length.Record(_socket.Loop.Time.GetElapsedTime(_begin).TotalMilliseconds);
        }
    }

    // False when the connection ended or has to be closed.
    private async ValueTask<bool> InspectAsync()
    {
        if (_listener.Filters.Count == 0)
        {
            return true;
        }

        var buffer = _socket.Loop.Buffers.Rent();
        var timer = _socket.Loop.CreateTimer(static self => ((AcceptedConnection)self!).OnInspectionTimeout(), this);
        if (_listener.FiltersTimeout is { } timeout)
        {
            timer.Start(timeout);
        }

        _listener.Stats.Inspecting.Increment();
        try
        {
            foreach (var filter in _listener.Filters)
            {
                var skipped = filter.Disabled?.Matches(_socket.Info) ?? false;
                if (!skipped && !_inspectionTimedOut && !await InspectAsync(filter, buffer))
                {
                    return false;
                }
            }

            return !_inspectionTimedOut || _listener.Configuration.ContinueOnListenerFiltersTimeout;
        }
        catch (TransportException)
        {
            _listener.Stats.FilterError.Increment();
            throw;
        }
        finally
        {
            timer.Stop();
            _socket.Loop.Buffers.Return(buffer);
            _listener.Stats.Inspecting.Decrement();
        }
    }

    private async ValueTask<bool> InspectAsync(ListenerFilter filter, byte[] buffer)
    {
        var known = 0;
        var status = filter.Inspect(_facts, _socket, default);
        while (status == InspectStatus.NeedMore)
        {
            var count = await _socket.PeekAsync(buffer, known);
            if (_inspectionTimedOut)
            {
                return true;
            }

            if (count <= known)
            {
                _listener.Stats.FilterRemoteClose.Increment();
                return false;
            }

            known = count;
            status = filter.Inspect(_facts, _socket, buffer.AsSpan(0, known));
        }

        return status == InspectStatus.Done;
    }

    private void OnInspectionTimeout()
    {
        _inspectionTimedOut = true;
        _listener.Stats.InspectTimeout.Increment();
        _socket.EndPeek();
    }

    // A restored destination may belong to another listener, whose filters look at the connection then; once only.
    private async ValueTask<bool> HandOverAsync()
    {
        if (!(_listener.Configuration.UseOriginalDst ?? false)
            || !_socket.Info.LocalAddressRestored
            || _set.FindByDestination((IPEndPoint)_socket.Info.LocalAddress) is not { } other
            || other == _listener)
        {
            return true;
        }

        _listener = other;
        other.Stats.Connections.Increment();
        other.Stats.Destroyed.Increment();
        return await InspectAsync();
    }

    private FilterChain? ChooseChain()
    {
        if (_facts.TransportProtocol.Length == 0)
        {
            _facts.TransportProtocol = "raw_buffer";
        }

        while (true)
        {
            // The configuration may have changed while the connection was looked at.
            while (_listener.Successor is { } next)
            {
                _listener = next;
            }

            var chain = _listener.Matcher.Find(_facts) ?? _listener.DefaultChain;
            if (chain is null)
            {
                _listener.Stats.NoFilterChain.Increment();
                LogUnserved(ResponseFlags.NoRouteFound, "filter_chain_not_found");
                return null;
            }

            if (chain.TryUse())
            {
                return chain;
            }

            if (_listener.Successor is null)
            {
                return null;
            }
        }
    }

    private async ValueTask ServeAsync(FilterChain chain)
    {
        if (chain.Terminal is null)
        {
            return;
        }

        if (chain.Tls is { } tls)
        {
            await HandshakeAsync(chain, tls);
        }

        _connection = new NetworkConnection
        {
            Transport = _transport,
            Info = new TcpStreamInfo(_socket.Loop, _socket.Info),
            Draining = Retirement is not null,
        };
        var begun = 0;
        try
        {
            while (begun < chain.Filters.Count)
            {
                if (!await chain.Filters[begun++].OnConnectionAsync(_connection))
                {
                    return;
                }
            }

            await chain.Terminal.ServeAsync(_connection);
        }
        finally
        {
            for (var i = 0; i < begun; i++)
            {
                chain.Filters[i].OnClose(_connection);
            }
        }
    }

    private async ValueTask HandshakeAsync(FilterChain chain, Tls.DownstreamTlsContext tls)
    {
        if (!tls.IsReady)
        {
            _listener.Stats.SecretsNotReady.Increment();
        }

        try
        {
            _transport = await tls.AcceptAsync(_socket, _facts.ApplicationProtocols, chain.HandshakeTimeout);
        }
        catch (TransportException e) when (e.IsTimeout)
        {
            _listener.Stats.HandshakeTimeout.Increment();
            throw;
        }
    }

    private void LogUnserved(ResponseFlags flags, string? details = null)
    {
        if (_listener.AccessLog is { } log && _connection is null)
        {
            var info = new TcpStreamInfo(_socket.Loop, _socket.Info) { Flags = flags, ResponseCodeDetails = details };
            info.StartTime = _socket.Info.StartTime;
            info.Times.Start = _begin;
            info.Times.End = _socket.Loop.Time.GetTimestamp();
            log.Log(info);
        }
    }
}
