using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>The one exchange at a time of a client connection.</summary>
internal sealed class Http1ClientStream : ClientStream
{
    private static readonly SearchValues<byte> InvalidInTarget =
        SearchValues.Create([.. Enumerable.Range(0, 33).Select(b => (byte)b), 127]);

    private readonly Http1ClientConnection _connection;
    private readonly Http1ClientOptions _options;
    private readonly ResponseParser _parser;
    private readonly BodyReader _body;
    private readonly Http1Writer _writer;
    private readonly ExchangeEnd _end = new();
    private readonly ResponseHead _head = new();
    private bool _toHead;
    private bool _headDone;
    private bool _released = true;

    public Http1ClientStream(Http1ClientConnection connection, Http1ClientOptions options)
    {
        _connection = connection;
        _options = options;
        _parser = new ResponseParser(options);
        _body = new BodyReader(connection.Input, options.Limits, options.EnableTrailers);
        _writer = new Http1Writer(connection.Transport, _end);
    }

    public override Transport Transport => _connection.Transport;

    public override HeaderMap? ResponseTrailers => _body.Trailers;

    public override bool ResponseHasNoBody => _parser.BodyLength == 0;

    /// <summary>Begins an exchange.</summary>
    public void Begin()
    {
        _released = _headDone = false;
        _writer.Begin();
    }

    public override ValueTask WriteHeadAsync(RequestHead head, bool end)
    {
        var method = head.Method;
        var target = head.Path.IsEmpty ? head.Authority : head.Path;
        if (!FieldParser.IsToken(method) || target.IsEmpty || target.ContainsAny(InvalidInTarget))
        {
            throw _end.Broken("the request has no valid method and target");
        }

        _toHead = head.IsHead;
        _writer.Append(method);
        _writer.Append(" "u8);
        _writer.Append(target);
        _writer.Append(" HTTP/1.1\r\n"u8);
        _writer.AppendField(HeaderNames.Host.Bytes, head.Authority);
        _writer.AppendFields(head.Headers);
        if (head.Headers.TryGet(HeaderNames.ContentLength, out var text))
        {
            return Utf8Parser.TryParse(text, out long length, out var used) && used == text.Length && length >= 0 && !(end && length > 0)
                ? _writer.EndHeadWithLengthAsync(length, end)
                : throw _end.Broken("the request's content-length is not its length");
        }

        return end ? EndHeadWithoutBody(method) : _writer.EndHeadChunkedAsync();
    }

    public override ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool end) => _writer.WriteBodyAsync(data, end);

    public override ValueTask WriteTrailersAsync(HeaderMap trailers) =>
        _options.EnableTrailers ? _writer.WriteTrailersAsync(trailers) : _writer.WriteBodyAsync(default, end: true);

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    public override async ValueTask<ResponseHead> ReadHeadAsync()
    {
        _parser.Begin(_head);
        while (true)
        {
            switch (_connection.Input.Length > 0 ? _parser.Parse(_connection.Input, _toHead) : ParseStatus.Incomplete)
            {
                case ParseStatus.Invalid:
                    throw _end.Broken(_parser.Error!.Details);
                case ParseStatus.Complete:
                    OnHead();
                    return _head;
            }

            if (_connection.Input.Length == 0)
            {
                _connection.Input.ReleaseIfEmpty();
                await _connection.WaitReadableAsync();
            }

            if (await FillAsync() == 0)
            {
                throw _end.Ended(null);
            }
        }
    }

    public override ValueTask<BodyChunk> ReadBodyAsync() => _body.TryRead(out var chunk) ? new(chunk) : ReadBodySlowAsync();

    public override void Reset(StreamResetReason reason)
    {
        if (!_released && !(_headDone && _body.Done && _writer.Done))
        {
            _end.ResetReason ??= reason;
            _connection.Close();
        }
    }

    public override void Release()
    {
        if (_released)
        {
            return;
        }

        _released = true;
        _connection.Released(reusable: _end.ResetReason is null && _headDone && _body.Done && _writer.Done && _parser.KeepAlive);
    }

    // Envoy: content-length: 0 where the method leads a server to expect a body.
    private ValueTask EndHeadWithoutBody(ReadOnlySpan<byte> method)
    {
        if (method.SequenceEqual("POST"u8) || method.SequenceEqual("PUT"u8) || method.SequenceEqual("PATCH"u8))
        {
            _writer.AppendField(HeaderNames.ContentLength.Bytes, "0"u8);
        }

        return _writer.EndHeadWithLengthAsync(0, end: true);
    }

    private void OnHead()
    {
        // Nobody asked for another protocol: upgrades are not offered upstream yet.
        if (_head.Status == 101)
        {
            throw _end.Broken(Http1Error.Codec.Details);
        }

        _headDone = _head.Status >= 200;
        if (_headDone)
        {
            _body.Begin(_parser.BodyLength);
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<BodyChunk> ReadBodySlowAsync()
    {
        while (true)
        {
            if (_body.TryRead(out var chunk))
            {
                return chunk;
            }

            if (_body.Error is { } error)
            {
                throw _end.Broken(error.Details);
            }

            if (await FillAsync() == 0)
            {
                return _body.OnEnd() ? new BodyChunk(default, End: true) : throw _end.Ended(null);
            }
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<int> FillAsync()
    {
        try
        {
            return await _connection.Input.FillAsync();
        }
        catch (TransportException e)
        {
            throw _end.Ended(e);
        }
    }
}
