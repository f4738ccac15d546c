namespace Lateen.Proxy.Codecs.Http1;

/// <summary>What to do with client headers whose name holds an underscore (Envoy: headers_with_underscores_action).</summary>
public enum UnderscoreAction
{
    /// <summary>Pass them on.</summary>
    Allow,

    /// <summary>Refuse the request with 400.</summary>
    RejectRequest,

    /// <summary>Leave them out.</summary>
    DropHeader,
}

/// <summary>Limits on a message's head and on its trailers.</summary>
public sealed record Http1Limits
{
    /// <summary>Envoy's defaults.</summary>
    public static Http1Limits Default { get; } = new();

    /// <summary>Bytes of start line and header lines together; over it a request gets 431.</summary>
    public int HeadBytes { get; init; } = 60 * 1024;

    /// <summary>Header lines; over it a request gets 431.</summary>
    public int Headers { get; init; } = 100;
}

/// <summary>How a server connection speaks HTTP/1.</summary>
public sealed record Http1ServerOptions
{
    /// <summary>Limits on requests.</summary>
    public Http1Limits Limits { get; init; } = Http1Limits.Default;

    /// <summary>Absolute-form targets are taken apart; otherwise the target is the path as it came (Envoy: allow_absolute_url).</summary>
    public bool AllowAbsoluteUrl { get; init; } = true;

    /// <summary>HTTP/1.0 is served; otherwise it gets 426 (Envoy: accept_http_10).</summary>
    public bool AcceptHttp10 { get; init; }

    /// <summary>The host of an HTTP/1.0 request that names none; null for none (Envoy: default_host_for_http_10).</summary>
    public string? DefaultHostForHttp10 { get; init; }

    /// <summary>Trailers are passed on; otherwise they are read and dropped (Envoy: enable_trailers).</summary>
    public bool EnableTrailers { get; init; }

    /// <summary>A request with content-length and chunked loses its content-length; otherwise it gets 400 (Envoy: allow_chunked_length).</summary>
    public bool AllowChunkedLength { get; init; }

    /// <summary>Methods outside the registered ones are passed on; otherwise they get 400 (Envoy: allow_custom_methods).</summary>
    public bool AllowCustomMethods { get; init; }

    /// <summary><c>expect: 100-continue</c> goes upstream; otherwise the codec answers it (Envoy: proxy_100_continue).</summary>
    public bool Proxy100Continue { get; init; }

    /// <summary>What becomes of header names with an underscore.</summary>
    public UnderscoreAction Underscores { get; init; }

    /// <summary>How long a connection may be without a request; null for ever (Envoy: idle_timeout).</summary>
    public TimeSpan? IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a request's head may take from its first byte; null for ever (Envoy: request_headers_timeout).</summary>
    public TimeSpan? HeadTimeout { get; init; }

    /// <summary>How long to wait for the client's end after ours (Envoy: delayed_close_timeout); zero closes at once.</summary>
    public TimeSpan DelayedCloseTimeout { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>How a client connection speaks HTTP/1.</summary>
public sealed record Http1ClientOptions
{
    /// <summary>Limits on responses.</summary>
    public Http1Limits Limits { get; init; } = Http1Limits.Default;

    /// <summary>Trailers are passed on in both directions; otherwise they are dropped.</summary>
    public bool EnableTrailers { get; init; }

    /// <summary>A response with content-length and chunked loses its content-length; otherwise it is a protocol error.</summary>
    public bool AllowChunkedLength { get; init; }
}
