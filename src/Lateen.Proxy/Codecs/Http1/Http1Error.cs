namespace Lateen.Proxy.Codecs.Http1;

/// <summary>What is wrong with a message: the status a request gets, and Envoy's response code details.</summary>
internal sealed record Http1Error(int Status, string Body, string Details)
{
    public static readonly Http1Error Codec = new(400, "Bad Request", "http1.codec_error");
    public static readonly Http1Error InvalidCharacters = new(400, "Bad Request", "http1.invalid_characters");
    public static readonly Http1Error InvalidUrl = new(400, "Bad Request", "http1.invalid_url");
    public static readonly Http1Error InvalidScheme = new(400, "Bad Request", "http1.invalid_scheme");
    public static readonly Http1Error InvalidHost = new(400, "Bad Request", "http.invalid_authority");
    public static readonly Http1Error BothFramings = new(400, "Bad Request", "http1.content_length_and_chunked_not_allowed");
    public static readonly Http1Error BodyDisallowed = new(400, "Bad Request", "http1.body_disallowed");
    public static readonly Http1Error Connection = new(400, "Bad Request", "http1.connection_header_rejected");
    public static readonly Http1Error Underscore = new(400, "Bad Request", "http1.unexpected_underscore");
    public static readonly Http1Error TransferEncoding = new(501, "Not Implemented", "http1.invalid_transfer_encoding");
    public static readonly Http1Error HeadTooLarge = new(431, "Request Header Fields Too Large", "http1.headers_too_large");
    public static readonly Http1Error TooManyHeaders = new(431, "Request Header Fields Too Large", "http1.too_many_headers");
    public static readonly Http1Error LowVersion = new(426, "Upgrade Required", "low_version");
}

/// <summary>How far a parser got.</summary>
internal enum ParseStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The head is complete and its bytes are consumed.</summary>
    Complete,

    /// <summary>The message is broken; the parser's error tells how.</summary>
    Invalid,
}
