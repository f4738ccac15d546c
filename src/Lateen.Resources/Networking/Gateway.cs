namespace Lateen.Resources.Networking;

/// <summary>Ports that gateway workloads open.</summary>
public sealed record Gateway : IstioResource
{
    /// <summary>What is wanted.</summary>
    public GatewaySpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="Gateway"/>.</summary>
public sealed record GatewaySpec
{
    /// <summary>Servers.</summary>
    public EquatableArray<Server> Servers { get; init; }

    /// <summary>Labels of the gateway workloads, in any namespace; empty means every one.</summary>
    public EquatableMap<string> Selector { get; init; }
}

/// <summary>One port and the hosts served on it.</summary>
public sealed record Server
{
    /// <summary>The port.</summary>
    public required ServerPort Port { get; init; }

    /// <summary>Address to bind, or <c>unix://</c> path; null means all.</summary>
    public string? Bind { get; init; }

    /// <summary>Hosts, as <c>[namespace/]dnsName</c>.</summary>
    public required EquatableArray<string> Hosts { get; init; }

    /// <summary>TLS; null means plain text.</summary>
    public ServerTlsSettings? Tls { get; init; }

    /// <summary>Part of the API, without effect.</summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>Name, unique over all servers.</summary>
    public string? Name { get; init; }
}

/// <summary>A port of a server.</summary>
public sealed record ServerPort
{
    /// <summary>Number.</summary>
    public required uint Number { get; init; }

    /// <summary>HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP or TLS.</summary>
    public required string Protocol { get; init; }

    /// <summary>Label of the port.</summary>
    public required string Name { get; init; }

    /// <summary>Deprecated, without effect.</summary>
    public uint TargetPort { get; init; }
}

/// <summary>TLS of a server.</summary>
public sealed record ServerTlsSettings
{
    /// <summary>Whether plain HTTP is answered with a redirect to https.</summary>
    public bool HttpsRedirect { get; init; }

    /// <summary>Kind of TLS.</summary>
    public ServerTlsMode Mode { get; init; }

    /// <summary>Path of the certificate.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>Path of the private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>Path of the CA certificates for clients.</summary>
    public string? CaCertificates { get; init; }

    /// <summary>Path of the revocation list.</summary>
    public string? CaCrl { get; init; }

    /// <summary>Secret with key and certificates, in the gateway workload's namespace.</summary>
    public string? CredentialName { get; init; }

    /// <summary>One or two secrets (RSA and ECDSA).</summary>
    public EquatableArray<string> CredentialNames { get; init; }

    /// <summary>One or two pairs of files.</summary>
    public EquatableArray<TlsCertificate> TlsCertificates { get; init; }

    /// <summary>Secret with the CA; wins over the one in <see cref="CredentialName"/>.</summary>
    public string? CaCertCredentialName { get; init; }

    /// <summary>Names accepted in a client's certificate.</summary>
    public EquatableArray<string> SubjectAltNames { get; init; }

    /// <summary>Base64 SHA-256 of accepted public keys.</summary>
    public EquatableArray<string> VerifyCertificateSpki { get; init; }

    /// <summary>Hex SHA-256 of accepted certificates.</summary>
    public EquatableArray<string> VerifyCertificateHash { get; init; }

    /// <summary>Least version; automatic means 1.2.</summary>
    public TlsProtocol MinProtocolVersion { get; init; }

    /// <summary>Most version; automatic means 1.3.</summary>
    public TlsProtocol MaxProtocolVersion { get; init; }

    /// <summary>Cipher suites; empty means the default list.</summary>
    public EquatableArray<string> CipherSuites { get; init; }

    /// <summary>Curves; empty means the default list.</summary>
    public EquatableArray<string> EcdhCurves { get; init; }

    /// <summary>Whether client certificates that fail verification are let through.</summary>
    public bool? InsecureSkipVerify { get; init; }
}

/// <summary>A certificate in files.</summary>
public sealed record TlsCertificate
{
    /// <summary>Path of the certificate.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>Path of the private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>Path of the CA certificates.</summary>
    public string? CaCertificates { get; init; }
}

/// <summary>Kind of TLS of a server.</summary>
public enum ServerTlsMode
{
    /// <summary>Passed on by SNI.</summary>
    Passthrough,

    /// <summary>Terminated.</summary>
    Simple,

    /// <summary>Terminated, with a client certificate.</summary>
    Mutual,

    /// <summary>Passed on by SNI to the service it names.</summary>
    AutoPassthrough,

    /// <summary>Terminated with the mesh's identities.</summary>
    IstioMutual,

    /// <summary>Terminated, a client certificate being optional.</summary>
    OptionalMutual,
}
