namespace Lateen.Resources.Networking;

/// <summary>TLS towards a destination.</summary>
public sealed record ClientTlsSettings
{
    /// <summary>Kind of TLS.</summary>
    public ClientTlsMode Mode { get; init; }

    /// <summary>Path of the client certificate.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>Path of the private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>Path of the CA certificates, or <c>system</c>.</summary>
    public string? CaCertificates { get; init; }

    /// <summary>Path of the revocation list.</summary>
    public string? CaCrl { get; init; }

    /// <summary>Secret with key and certificates.</summary>
    public string? CredentialName { get; init; }

    /// <summary>Names accepted in the server's certificate.</summary>
    public EquatableArray<string> SubjectAltNames { get; init; }

    /// <summary>Server name sent.</summary>
    public string? Sni { get; init; }

    /// <summary>Whether the server's certificate is not verified; null means it is.</summary>
    public bool? InsecureSkipVerify { get; init; }
}

/// <summary>Kind of TLS towards a destination.</summary>
public enum ClientTlsMode
{
    /// <summary>None.</summary>
    Disable,

    /// <summary>Server certificate only.</summary>
    Simple,

    /// <summary>Both sides, with the given client certificate.</summary>
    Mutual,

    /// <summary>Both sides, with the mesh's identities.</summary>
    IstioMutual,
}
