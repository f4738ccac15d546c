namespace Lateen.Registry;

/// <summary>Keys and certificates of a Kubernetes Secret, as a gateway's credentialName asks for them.</summary>
public sealed record TlsCredential
{
    /// <summary>Namespace of the Secret.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Secret.</summary>
    public required string Name { get; init; }

    /// <summary>Certificate chain in PEM (<c>cert</c> or <c>tls.crt</c>), or null.</summary>
    public string? Certificate { get; init; }

    /// <summary>Private key in PEM (<c>key</c> or <c>tls.key</c>), or null.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>CA certificates in PEM (<c>cacert</c> or <c>ca.crt</c>), or null.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>Revocation list in PEM (<c>crl</c> or <c>ca.crl</c>), or null.</summary>
    public string? Crl { get; init; }

    /// <summary>Names the Secret; never shows what it holds.</summary>
    public override string ToString() => $"TlsCredential {Namespace}/{Name}";
}
