using System.Buffers;
using System.Text;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>Reads request heads: request line, header lines, and what they say about the body. Reused from request to request.</summary>
internal sealed class RequestParser(Http1ServerOptions options, bool secure)
{
    // Envoy takes the methods of its parser's registry only, unless allow_custom_methods.
    private static readonly HashSet<string> Methods =
    [
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE", "MKACTIVITY",
        "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "QUERY", "REBIND",
        "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    ];

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> MethodLookup =
        Methods.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<byte> TargetBytes =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7f - 0x21).Select(b => (byte)b)]);

    private readonly FieldParser _fields = new(options.Limits) { Underscores = options.Underscores };
    private RequestHead _head = null!;
    private bool _lineDone;

    /// <summary>Why the request is invalid.</summary>
    public Http1Error? Error => _fields.Error;

    /// <summary>Length of the body; −1 with chunked.</summary>
    public long BodyLength { get; private set; }

    /// <summary>True when the connection may take another request.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>True when the client waits for 100 before it sends the body.</summary>
    public bool ExpectContinue => _fields.ExpectContinue;

    /// <summary>True while no byte of the head was consumed.</summary>
    public bool AtStart => _fields.AtStart;

    /// <summary>Makes ready for the next request.</summary>
    public void Begin(RequestHead head)
    {
        _head = head;
        _lineDone = false;
        KeepAlive = true;
        BodyLength = 0;
        head.Headers.Clear();
        head.Protocol = HttpProtocol.Http11;
        _fields.Begin(head.Headers);
    }

    /// <summary>Reads on; consumes whole lines only.</summary>
    public ParseStatus Parse(Http1Input input)
    {
        while (!_lineDone)
        {
            var status = _fields.NextLine(input.Unread, out var line, out var consumed);
            if (status == ParseStatus.Complete && !line.IsEmpty)
            {
                // RFC 9112 2.2: empty lines before the request line are ignored.
                _fields.Error = ParseRequestLine(line);
                _lineDone = true;
                status = _fields.Error is null ? status : ParseStatus.Invalid;
            }

            input.Skip(consumed);
            if (status != ParseStatus.Complete)
            {
                return status;
            }
        }

        var result = _fields.ParseFields(input);
        if (result == ParseStatus.Complete)
        {
            _fields.Error = Finish();
        }

        return _fields.Error is null ? result : ParseStatus.Invalid;
    }

    private static bool IsKnownMethod(ReadOnlySpan<byte> method)
    {
        Span<char> text = stackalloc char[16];
        return method.Length <= text.Length
            && MethodLookup.Contains(text[..Encoding.Latin1.GetChars(method, text)]);
    }

    private Http1Error? ParseRequestLine(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        var rest = space < 0 ? default : line[(space + 1)..];
        var space2 = rest.IndexOf((byte)' ');
        var method = space < 0 ? line : line[..space];
        var target = space2 < 0 ? rest : rest[..space2];
        if (!FieldParser.IsToken(method) || (!options.AllowCustomMethods && !IsKnownMethod(method))
            || target.IsEmpty || target.ContainsAnyExcept(TargetBytes))
        {
            return Http1Error.Codec;
        }

        // Without a version it is HTTP/0.9.
        var version = space2 < 0 ? "HTTP/0.9"u8 : rest[(space2 + 1)..];
        if (version.SequenceEqual("HTTP/1.0"u8))
        {
            _head.Protocol = HttpProtocol.Http10;
        }
        else if (!version.SequenceEqual("HTTP/1.1"u8))
        {
            return space2 < 0 ? Http1Error.LowVersion : Http1Error.Codec;
        }

        _head.Headers.Add(HeaderNames.Method, method);
        return ParseTarget(method, target);
    }

    private Http1Error? ParseTarget(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target)
    {
        if (method.SequenceEqual("CONNECT"u8))
        {
            _head.Headers.Add(HeaderNames.Authority, target);
            _fields.IgnoreHost = true;
            return null;
        }

        if (target[0] == (byte)'/' || !options.AllowAbsoluteUrl || target.SequenceEqual("*"u8))
        {
            _head.Headers.Add(HeaderNames.Path, target);
            _head.Headers.Add(HeaderNames.Scheme, secure ? "https"u8 : "http"u8);
            return null;
        }

        return ParseAbsolute(target);
    }

    private Http1Error? ParseAbsolute(ReadOnlySpan<byte> target)
    {
        var schemeEnd = target.IndexOf("://"u8);
        if (schemeEnd <= 0)
        {
            return Http1Error.InvalidUrl;
        }

        var https = Ascii.EqualsIgnoreCase(target[..schemeEnd], "https"u8);
        if (!https && !Ascii.EqualsIgnoreCase(target[..schemeEnd], "http"u8))
        {
            return Http1Error.InvalidScheme;
        }

        var rest = target[(schemeEnd + 3)..];
        var pathStart = rest.IndexOfAny("/?#"u8);
        var authority = pathStart < 0 ? rest : rest[..pathStart];
        if (authority.IsEmpty || authority.Contains((byte)'@'))
        {
            return Http1Error.InvalidUrl;
        }

        _head.Headers.Add(HeaderNames.Authority, authority);
        AddPath(pathStart < 0 ? "/"u8 : rest[pathStart..]);
        _head.Headers.Add(HeaderNames.Scheme, https ? "https"u8 : "http"u8);
        _fields.IgnoreHost = true;
        return null;
    }

    private void AddPath(ReadOnlySpan<byte> path)
    {
        if (path[0] == (byte)'/')
        {
            _head.Headers.Add(HeaderNames.Path, path);
            return;
        }

        _head.Headers.Add(HeaderNames.Path, [(byte)'/', .. path]);
    }

    private Http1Error? Finish()
    {
        var http10 = _head.Protocol == HttpProtocol.Http10;
        if (http10 && !options.AcceptHttp10)
        {
            return Http1Error.LowVersion;
        }

        if (http10 && !_fields.HasHost && !_fields.IgnoreHost && options.DefaultHostForHttp10 is { } host)
        {
            _head.Headers.Add(HeaderNames.Authority, host);
        }

        KeepAlive = http10 ? _fields.ConnectionKeepAlive && !_fields.ConnectionClose : !_fields.ConnectionClose;
        return FrameBody(http10) ?? _fields.RemoveNominated();
    }

    private Http1Error? FrameBody(bool http10)
    {
        var connect = _head.Method.SequenceEqual("CONNECT"u8);
        if (_fields.Chunked)
        {
            if (connect)
            {
                return Http1Error.TransferEncoding;
            }

            // A chunked HTTP/1.0 message is faulty framing (RFC 9112 6.1), whatever allow_chunked_length says.
            if (http10)
            {
                return Http1Error.Codec;
            }

            if (_fields.ContentLength >= 0)
            {
                if (!options.AllowChunkedLength)
                {
                    return Http1Error.BothFramings;
                }

                _head.Headers.Remove(HeaderNames.ContentLength);
            }

            BodyLength = -1;
            return null;
        }

        BodyLength = Math.Max(0, _fields.ContentLength);
        return connect && BodyLength > 0 ? Http1Error.BodyDisallowed : null;
    }
}
