using System.Buffers;
using System.Text;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>
/// Header lines of a message or its trailers, strictly as RFC 9112 writes them: CRLF only, no continuation lines, no space before the
/// colon. Gathers what the lines say about framing and the connection.
/// </summary>
internal sealed class FieldParser(Http1Limits limits)
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> InvalidInValue =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != '\t').Select(b => (byte)b), 127]);

    private static readonly FieldKind[] Kinds = MakeKinds();

    private HeaderMap _headers = null!;
    private bool _trailers;
    private int _bytes;
    private int _lines;

    private enum FieldKind : byte
    {
        Other,
        Host,
        ContentLength,
        TransferEncoding,
        Connection,
        Expect,
    }

    /// <summary>Why the message is invalid.</summary>
    public Http1Error? Error { get; set; }

    /// <summary>Value of content-length; −1 without one.</summary>
    public long ContentLength { get; private set; }

    /// <summary>True with <c>transfer-encoding: chunked</c>.</summary>
    public bool Chunked { get; private set; }

    /// <summary><c>connection: close</c> was among the lines.</summary>
    public bool ConnectionClose { get; private set; }

    /// <summary><c>connection: keep-alive</c> was among the lines.</summary>
    public bool ConnectionKeepAlive { get; private set; }

    /// <summary><c>expect: 100-continue</c> was among the lines.</summary>
    public bool ExpectContinue { get; private set; }

    /// <summary>A Host line was there.</summary>
    public bool HasHost { get; private set; }

    /// <summary>An absolute-form target already named the authority: a Host line is dropped.</summary>
    public bool IgnoreHost { get; set; }

    /// <summary>What becomes of names with an underscore.</summary>
    public UnderscoreAction Underscores { get; init; }

    /// <summary>True while nothing of the head was consumed.</summary>
    public bool AtStart => _bytes == 0;

    /// <summary>Makes ready for the next message, or for its trailers, in which framing and routing headers have no place and are dropped.</summary>
    public void Begin(HeaderMap headers, bool trailers = false)
    {
        _headers = headers;
        _trailers = trailers;
        _bytes = _lines = 0;
        Error = null;
        ContentLength = -1;
        Chunked = ConnectionClose = ConnectionKeepAlive = ExpectContinue = HasHost = IgnoreHost = false;
    }

    /// <summary>True when <paramref name="text"/> is a token (a method or header name) of at least one byte.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    /// <summary>
    /// The next whole line, without its CRLF. Consumed bytes count against the limit of the head, a part of a line too, so that the
    /// outcome does not depend on how the bytes were cut up.
    /// </summary>
    public ParseStatus NextLine(ReadOnlySpan<byte> unread, out ReadOnlySpan<byte> line, out int consumed)
    {
        line = default;
        consumed = 0;
        var end = unread.IndexOf((byte)'\n');
        if (_bytes + (end < 0 ? unread.Length : end + 1) > limits.HeadBytes)
        {
            return Invalid(Http1Error.HeadTooLarge);
        }

        if (end < 0)
        {
            return ParseStatus.Incomplete;
        }

        if (end == 0 || unread[end - 1] != '\r')
        {
            return Invalid(Http1Error.Codec);
        }

        line = unread[..(end - 1)];
        consumed = end + 1;
        _bytes += consumed;
        return ParseStatus.Complete;
    }

    /// <summary>Reads header lines up to and including the empty one.</summary>
    public ParseStatus ParseFields(Http1Input input)
    {
        var unread = (ReadOnlySpan<byte>)input.Unread;
        var used = 0;
        ParseStatus status;
        while (true)
        {
            status = NextLine(unread[used..], out var line, out var consumed);
            used += consumed;
            if (status != ParseStatus.Complete || line.IsEmpty)
            {
                break;
            }

            Error = ParseField(line);
            if (Error is not null)
            {
                status = ParseStatus.Invalid;
                break;
            }
        }

        input.Skip(used);
        return status;
    }

    /// <summary>Removes the headers that Connection nominates (Envoy: connection header sanitization); an error for what may not be.</summary>
    public Http1Error? RemoveNominated()
    {
        const int mostTokens = 10;
        var at = _headers.IndexOf(HeaderNames.Connection);
        if (at < 0 || (IsPlainOption(_headers.ValueAt(at)) && _headers.IndexOf(HeaderNames.Connection, at + 1) < 0))
        {
            return null;
        }

        var tokens = _headers.GetJoined(HeaderNames.Connection)!
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return tokens.Length < mostTokens && tokens.All(RemoveNominated) ? null : Http1Error.Connection;
    }

    private static bool IsPlainOption(ReadOnlySpan<byte> token) =>
        Ascii.EqualsIgnoreCase(token, "keep-alive"u8)
        || Ascii.EqualsIgnoreCase(token, "close"u8)
        || Ascii.EqualsIgnoreCase(token, "upgrade"u8)
        || Ascii.EqualsIgnoreCase(token, "http2-settings"u8);

    private bool RemoveNominated(string token)
    {
        if (IsPlainOption(Encoding.Latin1.GetBytes(token)))
        {
            return true;
        }

        const int longestTe = 256;
        var name = HeaderName.Of(token);
        if (name.IsPseudo
            || name == HeaderNames.ForwardedFor || name == HeaderNames.ForwardedHost || name == HeaderNames.ForwardedProto
            || (name == HeaderNames.Te && _headers.Get(HeaderNames.Te).Length > longestTe))
        {
            return false;
        }

        _headers.Remove(name);
        return true;
    }

    private Http1Error? ParseField(ReadOnlySpan<byte> line)
    {
        if (++_lines > limits.Headers)
        {
            return Http1Error.TooManyHeaders;
        }

        var colon = line.IndexOf((byte)':');
        if (colon <= 0)
        {
            return Http1Error.Codec;
        }

        var name = line[..colon];
        if (name.ContainsAnyExcept(TokenBytes))
        {
            return Http1Error.InvalidCharacters;
        }

        var value = Trim(line[(colon + 1)..]);
        if (value.ContainsAny(InvalidInValue))
        {
            return Http1Error.InvalidCharacters;
        }

        if (Underscores != UnderscoreAction.Allow && name.Contains((byte)'_'))
        {
            return Underscores == UnderscoreAction.RejectRequest ? Http1Error.Underscore : null;
        }

        _headers.Add(name, value);
        var id = _headers.KnownIdAt(_headers.Count - 1);
        return id < 0 ? null : OnKnown(Kinds[id], value);
    }

    private Http1Error? OnKnown(FieldKind kind, ReadOnlySpan<byte> value)
    {
        if (_trailers && kind != FieldKind.Other)
        {
            _headers.RemoveAt(_headers.Count - 1);
            return null;
        }

        switch (kind)
        {
            case FieldKind.Host:
                return OnHost(value);
            case FieldKind.ContentLength:
                return OnContentLength(value);
            case FieldKind.TransferEncoding:
                _headers.RemoveAt(_headers.Count - 1);
                var known = !Chunked && Ascii.EqualsIgnoreCase(value, "chunked"u8);
                Chunked = true;
                return known ? null : Http1Error.TransferEncoding;
            case FieldKind.Connection:
                OnConnection(value);
                return null;
            case FieldKind.Expect:
                ExpectContinue |= Ascii.EqualsIgnoreCase(value, "100-continue"u8);
                return null;
            default:
                return null;
        }
    }

    private Http1Error? OnHost(ReadOnlySpan<byte> value)
    {
        _headers.RemoveAt(_headers.Count - 1);
        if (HasHost)
        {
            return Http1Error.InvalidHost;
        }

        HasHost = true;
        if (!IgnoreHost)
        {
            _headers.Add(HeaderNames.Authority, value);
        }

        return null;
    }

    private Http1Error? OnContentLength(ReadOnlySpan<byte> value)
    {
        const int mostDigits = 18;
        if (ContentLength >= 0 || value.IsEmpty || value.Length > mostDigits)
        {
            return Http1Error.Codec;
        }

        long number = 0;
        foreach (var digit in value)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return Http1Error.Codec;
            }

            number = (number * 10) + digit - '0';
        }

        ContentLength = number;
        return null;
    }

    private void OnConnection(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
        {
            var token = Trim(value[range]);
            ConnectionClose |= Ascii.EqualsIgnoreCase(token, "close"u8);
            ConnectionKeepAlive |= Ascii.EqualsIgnoreCase(token, "keep-alive"u8);
        }
    }

    private ParseStatus Invalid(Http1Error error)
    {
        Error = error;
        return ParseStatus.Invalid;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty && value[0] is (byte)' ' or (byte)'\t')
        {
            value = value[1..];
        }

        while (!value.IsEmpty && value[^1] is (byte)' ' or (byte)'\t')
        {
            value = value[..^1];
        }

        return value;
    }

    private static FieldKind[] MakeKinds()
    {
        var kinds = new FieldKind[HeaderNames.Count];
        kinds[HeaderNames.Host.Id] = FieldKind.Host;
        kinds[HeaderNames.ContentLength.Id] = FieldKind.ContentLength;
        kinds[HeaderNames.TransferEncoding.Id] = FieldKind.TransferEncoding;
        kinds[HeaderNames.Connection.Id] = FieldKind.Connection;
        kinds[HeaderNames.Expect.Id] = FieldKind.Expect;
        return kinds;
    }
}
