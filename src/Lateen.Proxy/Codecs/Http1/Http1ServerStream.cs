using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>The one exchange at a time of a server connection.</summary>
internal sealed class Http1ServerStream : ServerStream
{
    private readonly Transport _transport;
    private readonly Http1ServerOptions _options;
    private readonly Http1Input _input;
    private readonly RequestParser _parser;
    private readonly BodyReader _body;
    private readonly Http1Writer _writer;
    private readonly ExchangeEnd _end = new();
    private bool _valid;
    private bool _closeAfter;
    private bool _continueOwed;
    private bool _peerClosedTold;

    public Http1ServerStream(Transport transport, Http1ServerOptions options, Http1Input input, RequestParser parser)
    {
        _transport = transport;
        _options = options;
        _input = input;
        _parser = parser;
        _body = new BodyReader(input, options.Limits, options.EnableTrailers);
        _writer = new Http1Writer(transport, _end);
    }

    public override Transport Transport => _transport;

    public override RequestHead Request { get; } = new();

    public override bool RequestHasNoBody => _parser.BodyLength == 0;

    public override HeaderMap? RequestTrailers => _body.Trailers;

    /// <summary>Every response is the last.</summary>
    public bool Draining { get; set; }

    /// <summary>True when the request's body broke the protocol.</summary>
    public bool BodyBroken => _body.Error is not null;

    /// <summary>True when a whole response was written.</summary>
    public bool ResponseDone => _writer.Done && _end.ResetReason is null;

    /// <summary>Begins an exchange; an invalid request has no body and is the last.</summary>
    public void Begin(bool valid)
    {
        _valid = valid;
        _closeAfter = !valid || !_parser.KeepAlive;
        _body.Begin(valid ? _parser.BodyLength : 0);
        _writer.Begin();
        _peerClosedTold = false;
        ResetCallback = null;
        ResetState = null;
        _continueOwed = valid && _parser.ExpectContinue && !_options.Proxy100Continue && Request.Protocol != HttpProtocol.Http10;
        if (valid && _parser.ExpectContinue && !_options.Proxy100Continue)
        {
            Request.Headers.Remove(HeaderNames.Expect);
        }

        if (_body.Done)
        {
            _input.ReleaseIfEmpty();
        }
    }

    /// <summary>The handler is done; true when the connection can take another request.</summary>
    public bool Finish()
    {
        if (!ResponseDone)
        {
            Reset(StreamResetReason.LocalReset);
            return false;
        }

        return !_closeAfter && !Draining && SkipReceivedBody();
    }

    /// <summary>The client is gone, or at least will send nothing more (Envoy does not support half-closed HTTP/1).</summary>
    public void OnPeerClosed()
    {
        if (!_peerClosedTold && !_writer.Done)
        {
            _peerClosedTold = true;
            ResetCallback?.Invoke(ResetState, StreamResetReason.ConnectionTermination);
        }
    }

    public override ValueTask<BodyChunk> ReadBodyAsync() =>
        !_continueOwed && _body.TryRead(out var chunk) ? new(chunk) : ReadBodySlowAsync();

    public override ValueTask WriteInformationalAsync(ResponseHead head)
    {
        if (Request.Protocol == HttpProtocol.Http10)
        {
            return default;
        }

        _continueOwed &= head.Status != 100;
        _writer.Append(StatusLines.Of(head.Status, http10: false));
        _writer.AppendFields(head.Headers);
        return _writer.EndInformationalAsync();
    }

    public override ValueTask WriteHeadAsync(ResponseHead head, bool end)
    {
        _continueOwed = false;
        var http10 = _valid && Request.Protocol == HttpProtocol.Http10;
        var bodiless = head.Status is < 200 or 204;
        if (bodiless)
        {
            head.Headers.Remove(HeaderNames.ContentLength);
        }

        var length = ContentLength(head);
        var noBody = bodiless || head.Status == 304 || (_valid && Request.IsHead);
        var untilClose = http10 && !noBody && !end && length < 0;
        _closeAfter |= untilClose || (end && !SkipReceivedBody());

        _writer.Append(StatusLines.Of(head.Status, http10));
        _writer.AppendFields(head.Headers, keepConnection: head.Status == 101);
        AppendConnection(head, http10);
        if (noBody)
        {
            return _writer.EndHeadWithoutBodyAsync(end);
        }

        if (length >= 0)
        {
            return end && length > 0
                ? throw _end.Broken("the response ends before the length that its head says")
                : _writer.EndHeadWithLengthAsync(length, end);
        }

        if (end)
        {
            _writer.AppendField(HeaderNames.ContentLength.Bytes, "0"u8);
            return _writer.EndHeadWithLengthAsync(0, end);
        }

        return untilClose ? _writer.EndHeadUntilCloseAsync() : _writer.EndHeadChunkedAsync();
    }

    public override ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool end) => _writer.WriteBodyAsync(data, end);

    public override ValueTask WriteTrailersAsync(HeaderMap trailers) =>
        _options.EnableTrailers ? _writer.WriteTrailersAsync(trailers) : _writer.WriteBodyAsync(default, end: true);

    public override void Reset(StreamResetReason reason)
    {
        _end.ResetReason ??= reason;
        _transport.Close();
    }

    public override void CloseAfter() => _closeAfter = true;

    private void AppendConnection(ResponseHead head, bool http10)
    {
        if (head.Status == 101)
        {
            return;
        }

        if (_closeAfter || Draining)
        {
            _closeAfter = true;
            _writer.AppendField(HeaderNames.Connection.Bytes, "close"u8);
        }
        else if (http10)
        {
            _writer.AppendField(HeaderNames.Connection.Bytes, "keep-alive"u8);
        }
    }

    private long ContentLength(ResponseHead head)
    {
        if (!head.Headers.TryGet(HeaderNames.ContentLength, out var text))
        {
            return -1;
        }

        return Utf8Parser.TryParse(text, out long length, out var used) && used == text.Length && length >= 0
            ? length
            : throw _end.Broken("the response's content-length is not a number");
    }

    // What is left of the request's body keeps the connection only if it is here already.
    private bool SkipReceivedBody()
    {
        while (!_body.Done && _body.TryRead(out _))
        {
        }

        return _body.Done;
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<BodyChunk> ReadBodySlowAsync()
    {
        if (_continueOwed)
        {
            _continueOwed = false;
            _writer.Append(StatusLines.Of(100, http10: false));
            await _writer.EndInformationalAsync();
        }

        while (true)
        {
            if (_body.TryRead(out var chunk))
            {
                return chunk;
            }

            if (_body.Error is { } error)
            {
                _closeAfter = true;
                throw _end.Broken(error.Details);
            }

            if (await FillAsync() == 0)
            {
                OnPeerClosed();
                throw _end.Ended(null);
            }
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<int> FillAsync()
    {
        try
        {
            return await _input.FillAsync();
        }
        catch (TransportException e)
        {
            OnPeerClosed();
            throw _end.Ended(e);
        }
    }
}
