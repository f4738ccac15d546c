using System.Text;
using k8s.Models;

namespace Lateen.Registry.Building;

/// <summary>Finds the TLS credentials among Secrets (Istio: <c>cert</c> and <c>key</c> before <c>tls.crt</c> and <c>tls.key</c>).</summary>
internal static class TlsCredentials
{
    public static TlsCredential? Of(V1Secret secret)
    {
        string? Read(string key) =>
            secret.StringData is { } texts && texts.TryGetValue(key, out string? text) ? text
            : secret.Data is { } data && data.TryGetValue(key, out byte[]? bytes) ? Encoding.UTF8.GetString(bytes) : null;

        bool generic = Read("cert") is not null || Read("cacert") is not null;
        var credential = new TlsCredential
        {
            Namespace = secret.Metadata.NamespaceProperty,
            Name = secret.Metadata.Name,
            Certificate = generic ? Read("cert") : Read("tls.crt"),
            PrivateKey = generic ? Read("key") : Read("tls.key"),
            CaCertificate = Read("cacert") ?? Read("ca.crt"),
            Crl = Read("crl") ?? Read("ca.crl"),
        };
        return credential.Certificate is null && credential.CaCertificate is null ? null : credential;
    }
}
