using Lateen.Proxy.Http;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>Reads response heads: status line, header lines, and what they say about the body. Reused from response to response.</summary>
internal sealed class ResponseParser(Http1ClientOptions options)
{
    /// <summary>The value of <see cref="BodyLength"/> for a body that ends with the connection.</summary>
    public const long UntilClose = -2;

    private readonly FieldParser _fields = new(options.Limits);
    private ResponseHead _head = null!;
    private bool _lineDone;

    /// <summary>Why the response is invalid.</summary>
    public Http1Error? Error => _fields.Error;

    /// <summary>Length of the body; −1 with chunked, <see cref="UntilClose"/> without a length.</summary>
    public long BodyLength { get; private set; }

    /// <summary>True when the connection may carry another exchange.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>Makes ready for the next head.</summary>
    public void Begin(ResponseHead head)
    {
        _head = head;
        _lineDone = false;
        head.Headers.Clear();
        head.Status = 0;
        head.Protocol = HttpProtocol.Http11;
        _fields.Begin(head.Headers);
    }

    /// <summary>Reads on; consumes whole lines only.</summary>
    public ParseStatus Parse(Http1Input input, bool toHead)
    {
        if (!_lineDone)
        {
            var status = _fields.NextLine(input.Unread, out var line, out var consumed);
            if (status != ParseStatus.Complete)
            {
                return status;
            }

            _lineDone = true;
            if (!ParseStatusLine(line))
            {
                _fields.Error = Http1Error.Codec;
                return ParseStatus.Invalid;
            }

            input.Skip(consumed);
        }

        var result = _fields.ParseFields(input);
        if (result == ParseStatus.Complete)
        {
            _fields.Error = Finish(toHead);
        }

        return _fields.Error is null ? result : ParseStatus.Invalid;
    }

    // The reason phrase may be missing, and with it the space before it.
    private bool ParseStatusLine(ReadOnlySpan<byte> line)
    {
        const int statusEnd = 12;
        if (line.Length < statusEnd || line[8] != (byte)' ' || (line.Length > statusEnd && line[statusEnd] != (byte)' '))
        {
            return false;
        }

        if (line.StartsWith("HTTP/1.0"u8))
        {
            _head.Protocol = HttpProtocol.Http10;
        }
        else if (!line.StartsWith("HTTP/1.1"u8))
        {
            return false;
        }

        var status = 0;
        foreach (var digit in line[9..statusEnd])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            status = (status * 10) + digit - '0';
        }

        _head.Status = status;
        return status is >= 100 and <= 599;
    }

    private Http1Error? Finish(bool toHead)
    {
        var http10 = _head.Protocol == HttpProtocol.Http10;
        KeepAlive = http10 ? _fields.ConnectionKeepAlive && !_fields.ConnectionClose : !_fields.ConnectionClose;
        if (_fields.Chunked && _fields.ContentLength >= 0)
        {
            if (!options.AllowChunkedLength)
            {
                return Http1Error.BothFramings;
            }

            _head.Headers.Remove(HeaderNames.ContentLength);
        }

        if (toHead || _head.Status is < 200 or 204 or 304)
        {
            BodyLength = 0;
        }
        else if (_fields.Chunked)
        {
            BodyLength = -1;
        }
        else if (_fields.ContentLength >= 0)
        {
            BodyLength = _fields.ContentLength;
        }
        else
        {
            BodyLength = UntilClose;
            KeepAlive = false;
        }

        return _fields.RemoveNominated();
    }
}
