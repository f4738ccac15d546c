using System.Net;
using Lateen.Proxy.Codecs.Http1;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>What to do with the <c>server</c> header of a response (Envoy: ServerHeaderTransformation).</summary>
internal enum ServerHeaderMode
{
    Overwrite,
    AppendIfAbsent,
    PassThrough,
}

/// <summary>What to do with <c>x-forwarded-client-cert</c> (Envoy: ForwardClientCertDetails).</summary>
internal enum ClientCertificateMode
{
    Sanitize,
    ForwardOnly,
    AppendForward,
    SanitizeSet,
    AlwaysForwardOnly,
}

/// <summary>What to do with escaped slashes in a path (Envoy: PathWithEscapedSlashesAction).</summary>
internal enum EscapedSlashesAction
{
    Keep,
    Reject,
    UnescapeAndRedirect,
    UnescapeAndForward,
}

/// <summary>Which port is cut from the request's authority.</summary>
internal enum StripPort
{
    None,
    Matching,
    Any,
}

/// <summary>An HttpConnectionManager message, compiled; immutable and shared by all loops. Zero time spans mean "off".</summary>
internal sealed record ConnectionManagerOptions
{
    public required string StatPrefix { get; init; }

    // The response's identity.
    public ServerHeaderMode ServerHeader { get; init; }

    public byte[] ServerName { get; init; } = "envoy"u8.ToArray();

    public byte[]? Via { get; init; }

    // The client's address.
    public bool UseRemoteAddress { get; init; }

    public int TrustedHops { get; init; }

    public bool SkipForwardedForAppend { get; init; }

    public bool AppendForwardedPort { get; init; }

    public bool UnixSocketsAreInternal { get; init; }

    public IReadOnlyList<IPNetwork> InternalNetworks { get; init; } = [];

    // The client's certificate.
    public ClientCertificateMode ClientCertificate { get; init; }

    public bool CertificateSubject { get; init; }

    public bool CertificateUri { get; init; }

    public bool CertificateDns { get; init; }

    // The request's identity.
    public bool GenerateRequestId { get; init; } = true;

    public bool PreserveExternalRequestId { get; init; }

    public bool AlwaysSetRequestIdInResponse { get; init; }

    public bool AddUserAgent { get; init; }

    public byte[] NodeCluster { get; init; } = [];

    public byte[] NodeId { get; init; } = [];

    public byte[]? SchemeToOverwrite { get; init; }

    // Path and host.
    public bool NormalizePath { get; init; }

    public bool MergeSlashes { get; init; }

    public EscapedSlashesAction EscapedSlashes { get; init; }

    public StripPort StripPort { get; init; }

    public bool StripTrailingDot { get; init; }

    // Times.
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan RequestTimeout { get; init; }

    public TimeSpan MaxConnectionDuration { get; init; }

    public TimeSpan MaxStreamDuration { get; init; }

    // The connection.
    public int MaxRequestsPerConnection { get; init; }

    public Http1ServerOptions Http1 { get; init; } = new();
}
