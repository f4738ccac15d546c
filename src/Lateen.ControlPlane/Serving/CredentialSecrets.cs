using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Lateen.Registry;

namespace Lateen.ControlPlane.Serving;

/// <summary>
/// The secrets that gateways' credentialName refers to: <c>kubernetes://[NAMESPACE/]NAME</c> and <c>kubernetes://NAME-cacert</c>.
/// A proxy gets those of its own namespace only (istiod: SecretGen).
/// </summary>
internal static class CredentialSecrets
{
    private const string Scheme = "kubernetes://";
    private const string CaSuffix = "-cacert";

    /// <summary>The secret of a resource name; null when there is none, or none for this namespace.</summary>
    public static Secret? Find(MeshSnapshot snapshot, string resource, string proxyNamespace)
    {
        if (Parse(resource, proxyNamespace) is not { } name)
            return null;
        if (!name.EndsWith(CaSuffix, StringComparison.Ordinal))
            return snapshot.Credential(proxyNamespace, name) is { } credential ? Certificate(resource, credential) : null;
        var own = snapshot.Credential(proxyNamespace, name);
        return Roots(resource, own) ?? Roots(resource, snapshot.Credential(proxyNamespace, name[..^CaSuffix.Length]));
    }

    /// <summary>Whether a resource name is made from a Kubernetes Secret.</summary>
    public static bool IsMadeFrom(string resource, string @namespace, string secret) =>
        Parse(resource, @namespace) is { } name && (name == secret || name == secret + CaSuffix);

    private static string? Parse(string resource, string proxyNamespace)
    {
        if (!resource.StartsWith(Scheme, StringComparison.Ordinal))
            return null;
        return resource[Scheme.Length..].Split('/') switch
        {
            [var name] => name,
            [var ns, var name] when ns == proxyNamespace => name,
            _ => null,
        };
    }

    private static Secret? Certificate(string resource, TlsCredential credential)
    {
        if (credential is not { Certificate.Length: > 0, PrivateKey.Length: > 0 })
            return null;
        return new()
        {
            Name = resource,
            TlsCertificate = new()
            {
                CertificateChain = new() { InlineBytes = ByteString.CopyFromUtf8(credential.Certificate) },
                PrivateKey = new() { InlineBytes = ByteString.CopyFromUtf8(credential.PrivateKey) },
            },
        };
    }

    private static Secret? Roots(string resource, TlsCredential? credential)
    {
        if (credential is not { CaCertificate.Length: > 0 })
            return null;
        var context = new CertificateValidationContext { TrustedCa = new() { InlineBytes = ByteString.CopyFromUtf8(credential.CaCertificate) } };
        if (credential.Crl is { Length: > 0 } crl)
            context.Crl = new() { InlineBytes = ByteString.CopyFromUtf8(crl) };
        return new() { Name = resource, ValidationContext = context };
    }
}
