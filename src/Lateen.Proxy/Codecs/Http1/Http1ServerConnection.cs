using System.Runtime.CompilerServices;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>How a server connection came to its end.</summary>
public enum Http1ConnectionEnd
{
    /// <summary>It still runs.</summary>
    None,

    /// <summary>The client closed it, or it broke.</summary>
    Remote,

    /// <summary>We closed it after a response, or reset it.</summary>
    Local,

    /// <summary>No request came in time.</summary>
    IdleTimeout,

    /// <summary>The client broke the protocol or exceeded a limit.</summary>
    ProtocolError,

    /// <summary>A request's head did not arrive in time.</summary>
    HeadTimeout,
}

/// <summary>
/// The server side of an HTTP/1 connection: reads one request after another and hands each to the handler. Pipelined requests wait
/// until the response before them is written.
/// </summary>
public sealed class Http1ServerConnection
{
    private static readonly LocalReply HeadTimeoutReply = new(408, "request header timeout", "request_header_timeout");

    private static readonly TimeSpan DrainedIdleTime = TimeSpan.FromSeconds(1);

    private readonly Transport _transport;
    private readonly Http1ServerOptions _options;
    private readonly IServerStreamHandler _handler;
    private readonly Http1Input _input;
    private readonly RequestParser _parser;
    private readonly Http1ServerStream _stream;
    private LoopTimer? _idleTimer;
    private readonly LoopTimer? _headTimer;
    private bool _waiting;

    /// <summary>Makes the connection; <see cref="RunAsync"/> begins to read.</summary>
    public Http1ServerConnection(Transport transport, Http1ServerOptions options, IServerStreamHandler handler)
    {
        _transport = transport;
        _options = options;
        _handler = handler;
        _input = new Http1Input(transport);
        _parser = new RequestParser(options, secure: transport.Info.Tls is not null);
        _stream = new Http1ServerStream(transport, options, _input, _parser);
        _idleTimer = options.IdleTimeout is null ? null : CreateIdleTimer();
        _headTimer = options.HeadTimeout is null
            ? null
            : transport.Loop.CreateTimer(static self => ((Http1ServerConnection)self!).OnHeadTimeout(), this);
    }

    /// <summary>How the connection ended; final when <see cref="RunAsync"/> completed.</summary>
    public Http1ConnectionEnd End { get; private set; }

    /// <summary>True while a request is being served.</summary>
    public bool IsServing { get; private set; }

    /// <summary>
    /// From now on every response carries <c>connection: close</c> and is the last (Envoy: drain). A connection without a request is
    /// closed when none comes within a second.
    /// </summary>
    public void Drain()
    {
        _stream.Draining = true;
        if (_waiting && _parser.AtStart)
        {
            _idleTimer ??= CreateIdleTimer();
            _idleTimer.Start(DrainedIdleTime);
        }
    }

    /// <summary>Serves the connection to its end, our half of the close included. Does not throw; the caller closes the transport.</summary>
    public async ValueTask RunAsync()
    {
        _transport.PeerClosedState = this;
        _transport.PeerClosedCallback = static self => ((Http1ServerConnection)self!).OnPeerClosed();
        try
        {
            while (await ReadHeadAsync() is var status && status != ParseStatus.Incomplete)
            {
                if (!await ServeAsync(status))
                {
                    SetEnd(Http1ConnectionEnd.Local);
                    await CloseAsync();
                    break;
                }
            }

            SetEnd(Http1ConnectionEnd.Remote);
        }
        catch (TransportException)
        {
            SetEnd(Http1ConnectionEnd.Remote);
        }
        finally
        {
            _idleTimer?.Stop();
            _headTimer?.Stop();
            _input.Release();
        }
    }

    // Incomplete means that the client is gone.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<ParseStatus> ReadHeadAsync()
    {
        _parser.Begin(_stream.Request);
        var begun = _input.Length > 0;
        if (begun)
        {
            _headTimer?.Start(_options.HeadTimeout!.Value);
        }
        else if (_stream.Draining || _options.IdleTimeout is not null)
        {
            _idleTimer ??= CreateIdleTimer();
            _idleTimer.Start(_stream.Draining ? DrainedIdleTime : _options.IdleTimeout!.Value);
        }

        while (true)
        {
            var status = _input.Length > 0 ? _parser.Parse(_input) : ParseStatus.Incomplete;
            if (status != ParseStatus.Incomplete)
            {
                _headTimer?.Stop();
                return status;
            }

            _waiting = true;
            if (_input.Length == 0)
            {
                _input.ReleaseIfEmpty();
                await _transport.ReceiveAsync(Memory<byte>.Empty);
            }

            var count = await _input.FillAsync();
            _waiting = false;
            if (count == 0)
            {
                return ParseStatus.Incomplete;
            }

            if (!begun)
            {
                begun = true;
                _idleTimer?.Stop();
                _headTimer?.Start(_options.HeadTimeout!.Value);
            }
        }
    }

    // True when the connection can take another request.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<bool> ServeAsync(ParseStatus status)
    {
        IsServing = true;
        _stream.Begin(status == ParseStatus.Complete);
        if (status == ParseStatus.Complete)
        {
            await _handler.HandleAsync(_stream);
        }
        else
        {
            SetEnd(Http1ConnectionEnd.ProtocolError);
            var error = _parser.Error!;
            await _handler.RejectAsync(_stream, new LocalReply(error.Status, error.Body, error.Details) { Flags = ResponseFlags.DownstreamProtocolError });
        }

        IsServing = false;
        if (_stream.BodyBroken)
        {
            SetEnd(Http1ConnectionEnd.ProtocolError);
        }

        return _stream.Finish();
    }

    // Sends our end and waits for the client's, so that unread bytes do not turn the close into a reset that eats the response.
    private async ValueTask CloseAsync()
    {
        if (!_stream.ResponseDone || _options.DelayedCloseTimeout <= TimeSpan.Zero)
        {
            return;
        }

        var timer = _transport.Loop.CreateTimer(static transport => ((Transport)transport!).Close(), _transport);
        timer.Start(_options.DelayedCloseTimeout);
        try
        {
            await _transport.ShutdownAsync();
            do
            {
                _input.Skip(_input.Length);
            }
            while (!_transport.PeerClosed && await _input.FillAsync() > 0);
        }
        finally
        {
            timer.Stop();
        }
    }

    private void OnPeerClosed()
    {
        if (IsServing)
        {
            _stream.OnPeerClosed();
        }
    }

    private void OnIdle()
    {
        if (_waiting && _parser.AtStart)
        {
            SetEnd(_stream.Draining ? Http1ConnectionEnd.Local : Http1ConnectionEnd.IdleTimeout);
            _transport.Close();
        }
    }

    private LoopTimer CreateIdleTimer() =>
        _transport.Loop.CreateTimer(static self => ((Http1ServerConnection)self!).OnIdle(), this);

    private void OnHeadTimeout()
    {
        if (_waiting)
        {
            SetEnd(Http1ConnectionEnd.HeadTimeout);
            _ = RejectLateHeadAsync();
        }
    }

    private async Task RejectLateHeadAsync()
    {
        _stream.Begin(valid: false);
        await _handler.RejectAsync(_stream, HeadTimeoutReply);
        _transport.Close();
    }

    private void SetEnd(Http1ConnectionEnd end) => End = End == Http1ConnectionEnd.None ? end : End;
}
