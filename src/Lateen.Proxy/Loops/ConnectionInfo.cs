using System.Net;

namespace Lateen.Proxy.Loops;

/// <summary>What is known of a connection; filled in by the listener or connector before the first byte of a request.</summary>
public sealed class ConnectionInfo
{
    /// <summary>Unique in the process.</summary>
    public required long Id { get; init; }

    /// <summary>The address the connection arrived on (the original destination where that was restored).</summary>
    public required EndPoint LocalAddress { get; set; }

    /// <summary>The peer's address (as told by the PROXY protocol where that was used).</summary>
    public required EndPoint RemoteAddress { get; set; }

    /// <summary>The physical peer, whatever the PROXY protocol says.</summary>
    public required EndPoint DirectRemoteAddress { get; init; }

    /// <summary>True when <see cref="LocalAddress"/> is an original destination.</summary>
    public bool LocalAddressRestored { get; set; }

    /// <summary>The server name asked for by the client (SNI), also without termination; null when none.</summary>
    public string? ServerName { get; set; }

    /// <summary>The name of the filter chain that serves the connection; null before one matched, or when it has none.</summary>
    public string? FilterChainName { get; set; }

    /// <summary>The TLS session; null on plaintext.</summary>
    public TlsInfo? Tls { get; set; }

    /// <summary>Why the connection ended, for the access log; null until then.</summary>
    public string? TerminationDetails { get; set; }

    /// <summary>When the connection was accepted or connected, wall clock.</summary>
    public DateTimeOffset StartTime { get; init; }
}

/// <summary>Facts of an established TLS session.</summary>
public sealed record TlsInfo
{
    /// <summary>Negotiated application protocol; empty when none.</summary>
    public string ApplicationProtocol { get; init; } = "";

    /// <summary>E.g. <c>TLSv1.3</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>OpenSSL's name of the cipher suite.</summary>
    public string CipherSuite { get; init; } = "";

    /// <summary>URI SANs of the verified peer certificate.</summary>
    public IReadOnlyList<string> PeerUriSans { get; init; } = [];

    /// <summary>DNS SANs of the verified peer certificate.</summary>
    public IReadOnlyList<string> PeerDnsSans { get; init; } = [];

    /// <summary>Subject of the peer certificate in RFC 2253 form; empty without one.</summary>
    public string PeerSubject { get; init; } = "";

    /// <summary>SHA-256 of the peer certificate, lower-case hex; empty without one.</summary>
    public string PeerCertificateHash { get; init; } = "";

    /// <summary>True when the peer showed a certificate and it was verified.</summary>
    public bool PeerCertificatePresented { get; init; }

    /// <summary>URI SANs of our own certificate.</summary>
    public IReadOnlyList<string> LocalUriSans { get; init; } = [];
}
