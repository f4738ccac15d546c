using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Tls;

/// <summary>One of our own certificates, ready for handshakes.</summary>
internal sealed class LoadedCertificate
{
    private LoadedCertificate(X509Certificate2 leaf, X509Certificate2Collection intermediates)
    {
        Leaf = leaf;
        Names = SubjectAltNames.Of(leaf);
        Context = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
    }

    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>Its subject alternative names.</summary>
    public SubjectAltNames Names { get; }

    /// <summary>Certificate and chain as the handshake sends them.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Loads a PEM chain (leaf first) and its PEM key, or a PKCS #12 file.</summary>
    /// <exception cref="ConfigurationException">Not readable, or the key does not belong to the certificate.</exception>
    public static LoadedCertificate Load(TlsCertificate source)
    {
        if (source.PrivateKeyProvider is not null)
        {
            throw new ConfigurationException("private_key_provider", "private key providers are not supported");
        }

        var password = source.Password is null ? null : DataSourceReader.ReadText(source.Password);
        try
        {
            return source.Pkcs12 is { } pkcs12 ? FromPkcs12(pkcs12, password) : FromPem(source, password);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ConfigurationException("", $"Failed to load certificate chain or private key: {e.Message}", e);
        }
    }

    /// <summary>True when the certificate is for this server name (lower case), exactly or by a wildcard for one label.</summary>
    public bool IsFor(string serverName) => Names.Dns.Any(name => PeerVerifier.DnsMatches(name, serverName));

    private static LoadedCertificate FromPkcs12(Envoy.Config.Core.V3.DataSource source, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(DataSourceReader.ReadBytes(source), password);
        var leaf = all.FirstOrDefault(c => c.HasPrivateKey)
            ?? throw new ConfigurationException("pkcs12", "no certificate with a private key in it");
        all.Remove(leaf);
        return new LoadedCertificate(leaf, all);
    }

    private static LoadedCertificate FromPem(TlsCertificate source, string? password)
    {
        if (source.CertificateChain is null || source.PrivateKey is null)
        {
            throw new ConfigurationException("", "expected certificate_chain and private_key");
        }

        var chain = DataSourceReader.ReadText(source.CertificateChain);
        var key = DataSourceReader.ReadText(source.PrivateKey);
        var leaf = password is null ? X509Certificate2.CreateFromPem(chain, key) : X509Certificate2.CreateFromEncryptedPem(chain, key, password);
        var intermediates = new X509Certificate2Collection();
        intermediates.ImportFromPem(chain);
        intermediates.RemoveAt(0);
        return new LoadedCertificate(leaf, intermediates);
    }
}
