using Lateen.Proxy.Http;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>Reads the body of one message after another out of the received bytes. Lends them, copies nothing.</summary>
internal sealed class BodyReader(Http1Input input, Http1Limits limits, bool enableTrailers)
{
    /// <summary>A body of chunks.</summary>
    public const long ChunkedLength = -1;

    /// <summary>A body that ends with the connection.</summary>
    public const long UntilClose = -2;

    private readonly FieldParser _trailerFields = new(limits);
    private HeaderMap? _trailers;
    private ChunkDecoder _chunks;
    private long _left;
    private bool _inTrailers;

    /// <summary>True when the body, trailers included, was read.</summary>
    public bool Done { get; private set; }

    /// <summary>Why the body is broken; null while it is not.</summary>
    public Http1Error? Error { get; private set; }

    /// <summary>The trailers once the body was read; null when there are none or they are not passed on.</summary>
    public HeaderMap? Trailers => Done && enableTrailers && _inTrailers && _trailers!.Count > 0 ? _trailers : null;

    /// <summary>Makes ready for the next body: its length, or one of the constants.</summary>
    public void Begin(long length)
    {
        _left = length;
        _chunks = default;
        _inTrailers = false;
        Error = null;
        Done = length == 0;
    }

    /// <summary>The next piece, if what was received holds one; false when more is needed or the body is broken.</summary>
    public bool TryRead(out BodyChunk chunk)
    {
        if (Error is not null)
        {
            chunk = default;
            return false;
        }

        if (_left == ChunkedLength)
        {
            return TryReadChunked(out chunk);
        }

        var count = _left == UntilClose ? input.Length : (int)Math.Min(_left, input.Length);
        var data = count > 0 ? input.Take(count) : default;
        if (_left >= 0)
        {
            _left -= count;
            Done = _left == 0;
        }

        chunk = new BodyChunk(data, Done);
        return count > 0 || Done;
    }

    /// <summary>The stream ended; true when that is how the body was to end.</summary>
    public bool OnEnd()
    {
        Done |= _left == UntilClose;
        return Done;
    }

    private bool TryReadChunked(out BodyChunk chunk)
    {
        ReadOnlyMemory<byte> data = default;
        if (!_inTrailers && !Done)
        {
            if (!_chunks.Decode(input.Unread, out var consumed, out var start, out var length))
            {
                Error = Http1Error.Codec;
                chunk = default;
                return false;
            }

            data = consumed > 0 ? input.Take(consumed).Slice(start, length) : default;
            BeginTrailers();
        }

        if (_inTrailers && !Done)
        {
            var status = _trailerFields.ParseFields(input);
            Done = status == ParseStatus.Complete;
            Error = _trailerFields.Error;
        }

        chunk = new BodyChunk(data, Done);
        return Error is null && (data.Length > 0 || Done);
    }

    private void BeginTrailers()
    {
        if (_chunks.Done)
        {
            _inTrailers = true;
            _trailers ??= new HeaderMap();
            _trailers.Clear();
            _trailerFields.Begin(_trailers, trailers: true);
        }
    }
}
