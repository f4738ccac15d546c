using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Admin;

/// <summary><c>/certs</c>: the certificates and trust bundles in use.</summary>
internal static class CertificatesPage
{
    private const string SubjectAlternativeNames = "2.5.29.17";

    public static AdminResponse Answer(AdminSources sources)
    {
        var now = sources.Time.GetUtcNow();
        var page = new Certificates();
        foreach (var secret in sources.Secrets.InUse())
        {
            var certificate = new Certificate();
            if (secret.TlsCertificate?.CertificateChain is { } chain)
                certificate.CertChain.Add(Details(chain, now));
            if (secret.ValidationContext?.TrustedCa is { } trusted)
                certificate.CaCert.Add(Details(trusted, now));
            page.Certificates_.Add(certificate);
        }

        return AdminResponse.JsonText(ProtoJson.Format(page));
    }

    private static IEnumerable<CertificateDetails> Details(DataSource source, DateTimeOffset now)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(DataSourceReader.ReadText(source));
        }
        catch (CryptographicException)
        {
            // What cannot be read is not in use either: its owner rejected it.
            return [];
        }

        return certificates.Select(c => Details(c, source.SpecifierCase == DataSource.SpecifierOneofCase.Filename ? source.Filename : "<inline>", now));
    }

    private static CertificateDetails Details(X509Certificate2 certificate, string path, DateTimeOffset now)
    {
        using (certificate)
        {
            var details = new CertificateDetails
            {
                Path = path,
                SerialNumber = certificate.SerialNumber.ToLowerInvariant(),
                DaysUntilExpiration = (ulong)Math.Max(0, (certificate.NotAfter.ToUniversalTime() - now.UtcDateTime).TotalDays),
                ValidFrom = Timestamp.FromDateTime(certificate.NotBefore.ToUniversalTime()),
                ExpirationTime = Timestamp.FromDateTime(certificate.NotAfter.ToUniversalTime()),
            };
            if (certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAlternativeNames) is { } extension)
                details.SubjectAltNames.Add(Names(extension.RawData));
            return details;
        }
    }

    // URI names are what workload certificates have, and what the framework's own reader leaves out.
    private static List<SubjectAlternateName> Names(byte[] raw)
    {
        var names = new List<SubjectAlternateName>();
        var sequence = new System.Formats.Asn1.AsnReader(raw, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            switch (tag.TagValue)
            {
                case 2:
                    names.Add(new() { Dns = sequence.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, tag) });
                    break;
                case 6:
                    names.Add(new() { Uri = sequence.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, tag) });
                    break;
                case 7:
                    names.Add(new() { IpAddress = new System.Net.IPAddress(sequence.ReadOctetString(tag)).ToString() });
                    break;
                default:
                    sequence.ReadEncodedValue();
                    break;
            }
        }

        return names;
    }
}
