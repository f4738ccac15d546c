using System.Runtime.CompilerServices;
using System.Text;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>
/// Takes one request through the connection manager: conditioning, routing, filters, the router, and the response back through the
/// filters to the client. Reused for every exchange of its connection.
/// </summary>
internal sealed class ServerExchange
{
    private static readonly LocalReply UpgradeRefused = new(403, "", "upgrade_failed");
    private static readonly Action<object?, StreamResetReason> OnResetByClient = static (self, reason) => ((ServerExchange)self!).ClientReset(reason);

    private readonly ServerConnection _connection;
    private readonly ConnectionManagerStats _stats;
    private ResponseHead? _replyHead;
    private readonly ExchangeTimers _timers;
    private int _filtersReached;
    private LocalReply? _pendingReply;

    public ServerExchange(ServerConnection connection)
    {
        _connection = connection;
        _stats = connection.Manager.Stats;
        _timers = new ExchangeTimers(this, connection.Loop, connection.Manager.Options, _stats);
    }

    /// <summary>What filters see.</summary>
    public HttpExchange Exchange { get; } = new();

    /// <summary>The codec's side.</summary>
    public ServerStream Stream { get; private set; } = null!;

    /// <summary>True once the last byte of the request was read.</summary>
    public bool IsRequestComplete { get; private set; }

    /// <summary>True once the final response's head went to the codec.</summary>
    public bool IsHeadSent { get; private set; }

    /// <summary>True once the response is complete.</summary>
    public bool IsResponseComplete { get; private set; }

    /// <summary>Called when the last byte of the request was read; the router starts its timeouts then.</summary>
    public Action? RequestCompleted { get; set; }

    /// <summary>What the terminal filter keeps from exchange to exchange of this object.</summary>
    public object? TerminalState { get; set; }

    /// <summary>How long a client may go on sending after its response.</summary>
    public TimeSpan DelayedCloseTimeout => _connection.Manager.Options.Http1.DelayedCloseTimeout;

    private ConnectionManagerFilters Filters => _connection.Manager.Filters;

    /// <summary>Serves one exchange to its end. Does not throw.</summary>
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    public async ValueTask RunAsync(ServerStream stream)
    {
        Begin(stream);
        try
        {
            var reply = Condition() ?? Route() ?? await RunFiltersAsync();
            if (reply is null && !Exchange.IsAborted)
            {
                await Filters.Terminal.ForwardAsync(this);
            }
            else if (reply is not null && !Exchange.IsAborted)
            {
                await ReplyAsync(reply);
            }

            if (_pendingReply is { } pending && !IsResponseComplete)
            {
                await ReplyOrResetAsync(pending);
            }
        }
        catch (IOException e)
        {
            Broken(e);
        }

        await Filters.Terminal.FinishAsync(this);
        Complete();
    }

    /// <summary>Answers a request that the codec refused; it takes no part in routing or filters but is counted and logged.</summary>
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    public async ValueTask RejectAsync(ServerStream stream, LocalReply reply)
    {
        Begin(stream);
        try
        {
            await ReplyAsync(reply);
        }
        catch (IOException e)
        {
            Broken(e);
        }

        Complete();
    }

    /// <summary>The next piece of the request's body.</summary>
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    public async ValueTask<BodyChunk> ReadBodyAsync()
    {
        var chunk = await Stream.ReadBodyAsync();
        Exchange.BytesReceived += chunk.Data.Length;
        Exchange.GrpcMessages?.Request.Count(chunk.Data.Span);
        _timers.Active();
        if (chunk.End)
        {
            CompleteRequest();
        }

        return chunk;
    }

    /// <summary>Sends a 1xx head of the upstream's.</summary>
    public ValueTask SendInformationalAsync(ResponseHead head)
    {
        _timers.Active();
        return Stream.WriteInformationalAsync(head);
    }

    /// <summary>Takes a response's head through the filters and to the client.</summary>
    public ValueTask SendHeadAsync(ResponseHead head, bool end)
    {
        Exchange.Response = head;
        var filters = Filters.Entries;
        for (var i = _filtersReached - 1; i >= 0; i--)
        {
            if (!filters[i].IsSkippedFor(Exchange))
            {
                filters[i].Filter.OnResponse(Exchange, head);
            }
        }

        var upgraded = Exchange.IsUpgrade && (head.Status == 101 || IsConnect && head.Status is >= 200 and < 300);
        _connection.Work.ResponseHeaders.Finish(Exchange, head, upgraded);
        if (!upgraded && _connection.ShouldClose())
        {
            Stream.CloseAfter();
        }

        Exchange.ResponseHeadBytes = head.Headers.ByteSize;
        IsHeadSent = true;
        IsResponseComplete = end;
        if (Exchange.Times.DownstreamFirstSent == 0)
        {
            Exchange.Times.DownstreamFirstSent = Exchange.Loop.Time.GetTimestamp();
        }

        _timers.Active();
        return Stream.WriteHeadAsync(head, end);
    }

    /// <summary>Sends response body bytes.</summary>
    public ValueTask SendBodyAsync(ReadOnlyMemory<byte> data, bool end)
    {
        Exchange.BytesSent += data.Length;
        Exchange.GrpcMessages?.Response.Count(data.Span);
        IsResponseComplete = end;
        _timers.Active();
        return Stream.WriteBodyAsync(data, end);
    }

    /// <summary>Ends the response with trailers.</summary>
    public ValueTask SendTrailersAsync(HeaderMap trailers)
    {
        Exchange.ResponseTrailers = trailers;
        IsResponseComplete = true;
        _timers.Active();
        return Stream.WriteTrailersAsync(trailers);
    }

    /// <summary>Answers in place of an upstream: before a head was sent a whole response, afterwards a reset.</summary>
    public ValueTask ReplyAsync(LocalReply reply)
    {
        Exchange.Flags |= reply.Flags;
        Exchange.ResponseCodeDetails = reply.Details;
        if (IsHeadSent)
        {
            Stream.Reset(StreamResetReason.LocalReset);
            return default;
        }

        var head = _replyHead ??= new ResponseHead();
        var body = LocalReplies.Fill(head, reply, Exchange.Request);
        head.Protocol = Exchange.Request.Protocol;
        return body.IsEmpty ? SendHeadAsync(head, end: true) : ReplyWithBodyAsync(head, body);
    }

    /// <summary>The stream has a timeout of its own from the route.</summary>
    public void UseIdleTimeout(TimeSpan timeout) => _timers.UseIdleTimeout(timeout);

    /// <summary>The route limits the stream's life instead of the connection manager.</summary>
    public void UseMaxDuration(TimeSpan timeout) => _timers.UseMaxDuration(timeout);

    /// <summary>A stream timer ran out: whatever waits ends its wait, and the reply is sent when it has.</summary>
    public void TimedOut(string body, string details, ResponseFlags flags, int? grpcStatus = null)
    {
        _pendingReply = new LocalReply(IsRequestComplete ? 504 : 408, body, details) { Flags = flags, GrpcStatus = grpcStatus };
        Exchange.Flags |= flags;
        Exchange.ResponseCodeDetails = details;
        if (IsHeadSent)
        {
            Stream.Reset(StreamResetReason.Timeout);
        }

        Exchange.Abort();
    }

    private bool IsConnect => Exchange.Request.Method.SequenceEqual("CONNECT"u8);

    private void Begin(ServerStream stream)
    {
        Stream = stream;
        stream.ResetCallback = OnResetByClient;
        stream.ResetState = this;
        Exchange.Begin(_connection.Loop, stream.Transport.Info, stream.Request, stream.RequestHasNoBody);
        IsRequestComplete = false;
        IsHeadSent = false;
        IsResponseComplete = false;
        RequestCompleted = null;
        _pendingReply = null;
        _filtersReached = 0;
        _stats.RequestsTotal.Increment();
        _stats.RequestsHttp1.Increment();
        _stats.RequestsActive.Increment();
        _timers.Begin();
        if (stream.RequestHasNoBody)
        {
            CompleteRequest();
        }
    }

    private void CompleteRequest()
    {
        IsRequestComplete = true;
        Exchange.Times.RequestEnd = Exchange.Loop.Time.GetTimestamp();
        _timers.RequestComplete();
        RequestCompleted?.Invoke();
    }

    private LocalReply? Condition()
    {
        var headers = Exchange.Request.Headers;
        Exchange.IsUpgrade = IsConnect || AsksForUpgrade(headers);
        var reply = _connection.Work.Conditioner.Apply(Exchange, _connection.Client);
        if (reply is not null)
        {
            CountRefusal(reply);
        }

        return reply;
    }

    // h2c is never offered: the request is served as if it had not asked (Envoy: HTTP/1 codec).
    private static bool AsksForUpgrade(HeaderMap headers) =>
        headers.TryGet(HeaderNames.Upgrade, out var type)
        && headers.TryGet(HeaderNames.Connection, out var connection)
        && RequestConditioner.ContainsToken(connection, "upgrade"u8)
        && !Ascii.EqualsIgnoreCase(type, "h2c"u8);

    private void CountRefusal(LocalReply reply)
    {
        switch (reply)
        {
            case { Details: "absolute_path_rejected" }:
                _stats.NonRelativePath.Increment();
                break;
            case { Status: 307 }:
                _stats.RedirectedPath.Increment();
                break;
            case { Details: "path_normalization_failed" }:
                _stats.BadPath.Increment();
                break;
        }
    }

    // Chooses the route; an upgrade ends here, as one that nobody allows does in Envoy, unless there is no route at all.
    private LocalReply? Route()
    {
        _connection.Manager.SelectRoute(Exchange);
        if (!Exchange.IsUpgrade || Exchange.Route is null)
        {
            return null;
        }

        _stats.RefusedUpgrade.Increment();
        Stream.CloseAfter();
        return UpgradeRefused;
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<LocalReply?> RunFiltersAsync()
    {
        var filters = Filters.Entries;
        for (var i = 0; i < filters.Length; i++)
        {
            _filtersReached = i + 1;
            if (filters[i].IsSkippedFor(Exchange))
            {
                continue;
            }

            if (await filters[i].Filter.OnRequestAsync(Exchange) == FilterStatus.Replied)
            {
                return Exchange.Reply;
            }

            if (Exchange.IsAborted)
            {
                return null;
            }
        }

        return null;
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask ReplyWithBodyAsync(ResponseHead head, ReadOnlyMemory<byte> body)
    {
        await SendHeadAsync(head, end: false);
        await SendBodyAsync(body, end: true);
    }

    private ValueTask ReplyOrResetAsync(LocalReply reply)
    {
        if (!IsRequestComplete)
        {
            Stream.CloseAfter();
        }

        return ReplyAsync(reply);
    }

    private void ClientReset(StreamResetReason reason)
    {
        if (IsResponseComplete && IsRequestComplete)
        {
            return;
        }

        _stats.RequestsReset.Increment();
        (Exchange.Flags, Exchange.ResponseCodeDetails) = reason switch
        {
            StreamResetReason.ProtocolError => (Exchange.Flags | ResponseFlags.DownstreamProtocolError, "http1.codec_error"),
            StreamResetReason.RemoteReset => (Exchange.Flags | ResponseFlags.DownstreamRemoteReset, "downstream_remote_reset"),
            _ => (Exchange.Flags | ResponseFlags.DownstreamConnectionTermination, "downstream_remote_disconnect"),
        };
        Exchange.Abort();
    }

    // The client's connection failed under a read or write, and the codec has not told so already.
    private void Broken(IOException error)
    {
        var reason = (error as StreamResetException)?.Reason ?? StreamResetReason.ConnectionTermination;
        if (!Exchange.IsAborted && reason is not (StreamResetReason.LocalReset or StreamResetReason.Timeout))
        {
            ClientReset(reason);
        }

        Stream.Reset(StreamResetReason.LocalReset);
    }

    private void Complete()
    {
        _timers.Stop();
        if (IsResponseComplete && !IsRequestComplete)
        {
            _stats.RequestsAnsweredEarly.Increment();
        }

        var end = Exchange.Loop.Time.GetTimestamp();
        Exchange.Times.End = end;
        _stats.RequestsActive.Decrement();
        _stats.Completed(Exchange.Response?.Status ?? 0);
        _stats.RequestTime.Record(Exchange.Loop.Time.GetElapsedTime(Exchange.Times.Start, end).TotalMilliseconds);
        foreach (var entry in Filters.Entries)
        {
            entry.Filter.OnComplete(Exchange);
        }

        Filters.Terminal.OnComplete(Exchange);
        _connection.Manager.AccessLog?.Log(Exchange);
        Filters.Terminal.Release(this);
        Stream.ResetCallback = null;
        Stream.ResetState = null;
    }
}
