using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lateen.EndToEnd.Support;

/// <summary>Talks TLS to a sidecar as an outsider would.</summary>
internal static class Tls
{
    /// <summary>The certificate a replica's sidecar shows on its inbound port.</summary>
    public static async Task<X509Certificate2> CertificateAsync(Mesh mesh, string workload)
    {
        X509Certificate2? shown = null;
        using var socket = new TcpClient();
        await socket.ConnectAsync(mesh.Of(workload)[0].Address, 9080);
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "outsider",
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = X509CertificateLoader.LoadCertificate(certificate!.Export(X509ContentType.Cert));
                    return true;
                },
            });
        }
        catch (Exception e) when (e is AuthenticationException or IOException && shown is not null)
        {
            // The sidecar wants our certificate and we have none; what it showed is all we came for.
        }

        return shown!;
    }

    public static async Task<string> SerialAsync(Mesh mesh, string workload)
    {
        using var certificate = await CertificateAsync(mesh, workload);
        return certificate.SerialNumber;
    }

    public static IEnumerable<string> UriSans(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.First(e => e.Oid?.Value == "2.5.29.17");
        var reader = new System.Formats.Asn1.AsnReader(extension.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            var tag = reader.PeekTag();
            if (tag is { TagClass: System.Formats.Asn1.TagClass.ContextSpecific, TagValue: 6 })
            {
                yield return reader.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, tag);
            }
            else
            {
                reader.ReadEncodedValue();
            }
        }
    }

    /// <summary>A client certificate of a root that nobody here trusts, for the same identity.</summary>
    public static X509Certificate2 ForeignCertificate(string spiffe)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=foreign root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(spiffe));
        request.CertificateExtensions.Add(names.Build(critical: true));
        using var leaf = request.Create(root, DateTimeOffset.UtcNow.AddMinutes(-30), DateTimeOffset.UtcNow.AddMinutes(30), RandomNumberGenerator.GetBytes(8));
        using var withKey = leaf.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }

    /// <summary>A self-signed server certificate for one name, and its PEM texts.</summary>
    public static X509Certificate2 ServerCertificate(string name, out string chain, out string key)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", ecdsa, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        chain = certificate.ExportCertificatePem();
        key = ecdsa.ExportPkcs8PrivateKeyPem();
        return certificate;
    }

    /// <summary>Sends one request over TLS with this client certificate; null when the sidecar ended it.</summary>
    public static async Task<string?> RequestAsync(Mesh mesh, string workload, X509Certificate2? certificate)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(mesh.Of(workload)[0].Address, 9080);
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "outsider",
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                ApplicationProtocols = [new SslApplicationProtocol("istio-http/1.1"), new SslApplicationProtocol("istio"), SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });
            await tls.WriteAsync("GET /health HTTP/1.1\r\nhost: reviews:9080\r\nconnection: close\r\n\r\n"u8.ToArray());
            using var reader = new StreamReader(tls);
            return await reader.ReadLineAsync();
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return null;
        }
    }
}
