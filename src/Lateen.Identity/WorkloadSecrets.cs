using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;

namespace Lateen.Identity;

/// <summary>The secrets that Istio's agent serves a sidecar over SDS: its own certificate and what it trusts.</summary>
public sealed class WorkloadSecrets(CertificateAuthority authority, WorkloadCertificates certificates)
{
    /// <summary>The workload's certificate chain and key.</summary>
    public const string WorkloadCertificate = "default";

    /// <summary>The mesh's root certificates.</summary>
    public const string TrustBundle = "ROOTCA";

    /// <summary>The secret of a name for a caller; null when there is none, as for a caller without identity.</summary>
    public Secret? Find(string name, WorkloadIdentity? caller) => name switch
    {
        _ when caller is null => null,
        WorkloadCertificate => Certificate(certificates.Get(caller)),
        TrustBundle => new()
        {
            Name = TrustBundle,
            ValidationContext = new() { TrustedCa = new() { InlineBytes = ByteString.CopyFromUtf8(authority.RootPem) } },
        },
        _ => null,
    };

    private static Secret Certificate(KeyAndCertificate pair) => new()
    {
        Name = WorkloadCertificate,
        TlsCertificate = new()
        {
            CertificateChain = new() { InlineBytes = ByteString.CopyFromUtf8(pair.Certificate.Pem) },
            PrivateKey = new() { InlineBytes = ByteString.CopyFromUtf8(pair.PrivateKeyPem) },
        },
    };
}
