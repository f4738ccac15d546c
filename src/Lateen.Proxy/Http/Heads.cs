using System.Text;

namespace Lateen.Proxy.Http;

/// <summary>The protocol a message came with.</summary>
public enum HttpProtocol
{
    /// <summary>HTTP/1.0.</summary>
    Http10,

    /// <summary>HTTP/1.1.</summary>
    Http11,

    /// <summary>HTTP/2.</summary>
    Http2,
}

/// <summary>The head of a request: pseudo-headers and headers. Codecs turn a <c>host</c> header into <c>:authority</c>.</summary>
public sealed class RequestHead
{
    /// <summary>All headers, <c>:method</c>, <c>:path</c>, <c>:authority</c> and <c>:scheme</c> among them.</summary>
    public HeaderMap Headers { get; } = new();

    /// <summary>The protocol of the connection it came with.</summary>
    public HttpProtocol Protocol { get; set; } = HttpProtocol.Http11;

    /// <summary><c>:method</c>.</summary>
    public ReadOnlySpan<byte> Method => Headers.Get(HeaderNames.Method);

    /// <summary><c>:path</c> with query.</summary>
    public ReadOnlySpan<byte> Path => Headers.Get(HeaderNames.Path);

    /// <summary><c>:authority</c>, port included as received.</summary>
    public ReadOnlySpan<byte> Authority => Headers.Get(HeaderNames.Authority);

    /// <summary><c>:scheme</c>.</summary>
    public ReadOnlySpan<byte> Scheme => Headers.Get(HeaderNames.Scheme);

    /// <summary>True for HEAD, whose response has no body.</summary>
    public bool IsHead => Method.SequenceEqual("HEAD"u8);

    /// <summary>True when content-type is application/grpc or starts with application/grpc+ (Envoy: grpc detection).</summary>
    public bool IsGrpc
    {
        get
        {
            var type = Headers.Get(HeaderNames.ContentType);
            return type.StartsWith("application/grpc"u8) && (type.Length == 16 || type[16] == (byte)'+');
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Encoding.Latin1.GetString(Method)} {Encoding.Latin1.GetString(Authority)}{Encoding.Latin1.GetString(Path)}";
}

/// <summary>The head of a response.</summary>
public sealed class ResponseHead
{
    /// <summary>All headers; <c>:status</c> is not among them, see <see cref="Status"/>.</summary>
    public HeaderMap Headers { get; } = new();

    /// <summary>Status code, 100 to 599.</summary>
    public int Status { get; set; }

    /// <summary>The protocol of the connection it came with.</summary>
    public HttpProtocol Protocol { get; set; } = HttpProtocol.Http11;
}

/// <summary>A piece of a body, lent until the next read of the same stream.</summary>
/// <param name="Data">The bytes; may be empty.</param>
/// <param name="End">True with the last piece; trailers, if any, can be read then.</param>
public readonly record struct BodyChunk(ReadOnlyMemory<byte> Data, bool End);
