using System.Runtime.CompilerServices;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Loops;

#pragma warning disable CA2012 // sending and reading go on beside the response; each is awaited once, when its attempt or the exchange ends

namespace Lateen.Proxy.Http.Router;

/// <summary>
/// Brings the request to the attempts: the head, and the body while it arrives. A body that may be needed again is kept up to a
/// limit, and a further attempt is sent what was kept before it takes part in what arrives. Reused from request to request.
/// </summary>
internal sealed class RequestRelay(ServerExchange server)
{
    private readonly RequestBody _body = new(server.Exchange.Loop.Buffers);
    private readonly LoopOperation _live = new();
    private ClientStream? _stream;
    private LoopTimer? _refusal;
    private ValueTask _reading;
    private ValueTask _sending;
    private long _limit;
    private bool _keeps;
    private bool _started;
    private bool _isLive;

    /// <summary>True once the body outgrew its limit: there can be no further attempt.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>True when the body outgrew its limit while no attempt took it (507).</summary>
    public bool IsExceeded { get; private set; }

    /// <summary>True once the whole request went to the attempt.</summary>
    public bool IsSent { get; private set; }

    /// <summary>True once a byte of the request went to any attempt.</summary>
    public bool AnySent { get; private set; }

    /// <summary>Begins a request.</summary>
    /// <param name="keeps">Keep the body for further attempts.</param>
    /// <param name="limit">Bytes to keep at most.</param>
    public void Begin(bool keeps, long limit)
    {
        _keeps = keeps;
        _limit = limit;
        _started = false;
        IsAbandoned = IsExceeded = IsSent = AnySent = false;
    }

    /// <summary>Sends the request to an attempt. Completes when the head is sent and, without a body, the request.</summary>
    public ValueTask StartAsync(ClientStream stream)
    {
        var exchange = server.Exchange;
        _stream = stream;
        _isLive = false;
        IsSent = false;
        AnySent = true;
        exchange.Times.UpstreamFirstSent = exchange.Loop.Time.GetTimestamp();
        if (exchange.RequestHasNoBody && !exchange.IsUpgrade)
        {
            Sent();
            return stream.WriteHeadAsync(exchange.Request, end: true);
        }

        _sending = SendAsync(stream);
        return default;
    }

    /// <summary>The attempt is over and its stream reset: waits until nothing is sent to it any more.</summary>
    public ValueTask DetachAsync()
    {
        _stream = null;
        _isLive = false;
        var sending = _sending;
        _sending = default;
        return sending;
    }

    /// <summary>
    /// The exchange is over: nothing is read or sent after this. A body that still arrives is read for a while, so that the client
    /// gets to see the response that came before; closing at once could take it away.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    public async ValueTask FinishAsync()
    {
        await DetachAsync();
        if (_started)
        {
            if (!_reading.IsCompleted)
            {
                RefuseRest();
                if (_live.IsPending)
                {
                    _live.Complete(0);
                }
            }

            await _reading;
            _refusal?.Stop();
            _reading = default;
            _started = false;
        }

        _body.Clear();
    }

    private void RefuseRest()
    {
        _keeps = false;
        if (!server.IsResponseComplete || server.Exchange.IsAborted)
        {
            server.Stream.Reset(StreamResetReason.LocalReset);
            return;
        }

        _refusal ??= server.Exchange.Loop.CreateTimer(
            static stream => ((ServerExchange)stream!).Stream.Reset(StreamResetReason.LocalReset), server);
        _refusal.Start(server.DelayedCloseTimeout);
    }

    // Head, what was kept of the body, then whatever arrives. A failure shows on the response's side.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask SendAsync(ClientStream stream)
    {
        try
        {
            await stream.WriteHeadAsync(server.Exchange.Request, end: false);
            for (var at = 0; at < _body.Length && stream == _stream;)
            {
                var part = _body.From(at);
                at += part.Length;
                await WriteAsync(stream, part, server.IsRequestComplete && at == _body.Length);
            }
        }
        catch (IOException)
        {
            return;
        }

        if (stream != _stream)
        {
            return;
        }

        if (server.IsRequestComplete && !server.Exchange.IsUpgrade)
        {
            if (!IsSent)
            {
                await EndAsync(stream);
            }

            return;
        }

        _isLive = true;
        if (!_started)
        {
            _started = true;
            _reading = ReadAsync();
        }
        else if (_live.IsPending)
        {
            _live.Complete(0);
        }
    }

    // Reads the client's body to its end, for the attempt that runs and for those to come.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask ReadAsync()
    {
        try
        {
            for (var end = false; !end;)
            {
                var chunk = await server.ReadBodyAsync();
                end = chunk.End;
                if (_keeps && !IsAbandoned && !_body.TryAppend(chunk.Data.Span, _limit) && !await AbandonAsync())
                {
                    return;
                }

                if (_isLive)
                {
                    await WriteToAttemptAsync(chunk);
                }
            }
        }
        catch (IOException)
        {
            // The client's stream ended; the exchange has been told and gives up the attempt.
        }
    }

    // The body is too large to keep. The running attempt goes on with it; without one the request cannot be served.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<bool> AbandonAsync()
    {
        IsAbandoned = true;
        server.Exchange.Cluster?.Stats.RetryOrShadowAbandoned.Increment();
        if (_stream is not null && !_isLive)
        {
            await _live.BeginVoid();
        }

        IsExceeded = !_isLive;
        return _isLive;
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask WriteToAttemptAsync(BodyChunk chunk)
    {
        var stream = _stream!;
        try
        {
            await WriteAsync(stream, chunk.Data, chunk.End);
        }
        catch (IOException)
        {
            // The attempt's reading side learns why; without it the rest is read and kept.
            if (stream == _stream)
            {
                _isLive = false;
            }
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask WriteAsync(ClientStream stream, ReadOnlyMemory<byte> data, bool end)
    {
        var trailers = end ? server.Stream.RequestTrailers : null;
        await stream.WriteBodyAsync(data, end && trailers is null);
        if (trailers is not null)
        {
            await stream.WriteTrailersAsync(trailers);
        }

        if (end)
        {
            Sent();
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask EndAsync(ClientStream stream)
    {
        try
        {
            await WriteAsync(stream, default, end: true);
        }
        catch (IOException)
        {
            // The attempt's reading side learns why.
        }
    }

    private void Sent()
    {
        IsSent = true;
        server.Exchange.Times.UpstreamLastSent = server.Exchange.Loop.Time.GetTimestamp();
    }
}
