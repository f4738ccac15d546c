using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;

namespace Lateen.Proxy.Tests.Support;

/// <summary>A certificate authority for tests.</summary>
public sealed class TestCertificates
{
    private readonly X509Certificate2 _root;

    public TestCertificates(string name = "test root")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"O={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
    }

    /// <summary>The root as PEM.</summary>
    public string RootPem => _root.ExportCertificatePem();

    /// <summary>A validation context that trusts this root alone.</summary>
    public CertificateValidationContext Trust => new() { TrustedCa = new DataSource { InlineString = RootPem } };

    /// <summary>A certificate for URIs (<c>spiffe://…</c>) and DNS names, with its key.</summary>
    public TlsCertificate Issue(params string[] names) => Issue(DateTimeOffset.UtcNow.AddDays(1), names);

    /// <summary>A certificate that is valid until a time.</summary>
    public TlsCertificate Issue(DateTimeOffset until, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf,O=test", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (name.Contains("://", StringComparison.Ordinal))
            {
                alternatives.AddUri(new Uri(name));
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build(critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var leaf = request.Create(_root, DateTimeOffset.UtcNow.AddHours(-1), until, RandomNumberGenerator.GetBytes(8));
        return new TlsCertificate
        {
            CertificateChain = new DataSource { InlineString = leaf.ExportCertificatePem() + "\n" + RootPem },
            PrivateKey = new DataSource { InlineString = key.ExportPkcs8PrivateKeyPem() },
        };
    }
}
