using System.Net.Security;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Tls;

/// <summary>An <see cref="SslStream"/> that remembers why it refused its peer.</summary>
internal sealed class VerifyingSslStream(Transport transport, PeerVerifier? verifier, bool required, string? hostName)
    : SslStream(new TransportStream(transport), leaveInnerStreamOpen: true)
{
    /// <summary>The validation callback of every connection.</summary>
    public static readonly RemoteCertificateValidationCallback Callback =
        static (sender, certificate, _, errors) => ((VerifyingSslStream)sender).Verify(certificate, errors);

    /// <summary>Why the peer's certificate was refused.</summary>
    public VerifyFailure Failure { get; private set; }

    /// <summary>The refusal in Envoy's manner.</summary>
    public string FailureText => Failure switch
    {
        VerifyFailure.NoCertificate => "TLS_error:|PEER_DID_NOT_RETURN_A_CERTIFICATE:TLS_error_end",
        VerifyFailure.SubjectAltName => "TLS_error:|CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher:TLS_error_end",
        VerifyFailure.Hash => "TLS_error:|CERTIFICATE_VERIFY_FAILED:verify cert failed: cert hash and spki:TLS_error_end",
        _ => "TLS_error:|CERTIFICATE_VERIFY_FAILED:verify cert failed: chain:TLS_error_end",
    };

    private bool Verify(System.Security.Cryptography.X509Certificates.X509Certificate? certificate, SslPolicyErrors errors)
    {
        Failure = verifier?.Verify(certificate, errors, required, hostName)
            ?? (required && certificate is null ? VerifyFailure.NoCertificate : VerifyFailure.None);
        return Failure == VerifyFailure.None;
    }
}
