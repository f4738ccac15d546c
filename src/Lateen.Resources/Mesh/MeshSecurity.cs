using System.Text.Json.Serialization;
using Lateen.Resources.Networking;

namespace Lateen.Resources.Mesh;

/// <summary>A trusted root.</summary>
public sealed record CertificateData
{
    /// <summary>The certificate.</summary>
    [OneOf("certificate_data")]
    public string? Pem { get; init; }

    /// <summary>Where the trust bundle is.</summary>
    [OneOf("certificate_data")]
    public string? SpiffeBundleUrl { get; init; }

    /// <summary>Signers it is for.</summary>
    public EquatableArray<string> CertSigners { get; init; }

    /// <summary>Trust domains it is for.</summary>
    public EquatableArray<string> TrustDomains { get; init; }
}

/// <summary>A certificate to make; deprecated, without effect.</summary>
public sealed record MeshCertificate
{
    /// <summary>Secret it goes to.</summary>
    public string? SecretName { get; init; }

    /// <summary>Its names.</summary>
    public EquatableArray<string> DnsNames { get; init; }
}

/// <summary>An external certificate authority.</summary>
public sealed record CertificateAuthoritySettings
{
    /// <summary>Its address.</summary>
    public string? Address { get; init; }

    /// <summary>TLS towards it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>Time for an answer; null means 10 s.</summary>
    public Duration? RequestTimeout { get; init; }

    /// <summary>Whether the control plane asks it; null means yes.</summary>
    public bool? IstiodSide { get; init; }
}

/// <summary>Settings of TLS.</summary>
public sealed record MeshTlsConfig
{
    /// <summary>Least version.</summary>
    public MeshTlsVersion MinProtocolVersion { get; init; }

    /// <summary>Curves.</summary>
    public EquatableArray<string> EcdhCurves { get; init; }

    /// <summary>Cipher suites.</summary>
    public EquatableArray<string> CipherSuites { get; init; }
}

/// <summary>Version of TLS.</summary>
public enum MeshTlsVersion
{
    /// <summary>1.2.</summary>
    TlsAuto,

    /// <summary>1.2.</summary>
    [JsonStringEnumMemberName("TLSV1_2")]
    TlsV12,

    /// <summary>1.3.</summary>
    [JsonStringEnumMemberName("TLSV1_3")]
    TlsV13,
}
