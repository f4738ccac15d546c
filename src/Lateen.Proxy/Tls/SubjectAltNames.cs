using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Lateen.Proxy.Tls;

/// <summary>The subject alternative names of a certificate (RFC 5280 4.2.1.6).</summary>
internal sealed record SubjectAltNames(
    IReadOnlyList<string> Dns, IReadOnlyList<string> Uris, IReadOnlyList<string> Emails, IReadOnlyList<string> Addresses)
{
    /// <summary>No names.</summary>
    public static readonly SubjectAltNames None = new([], [], [], []);

    private const string ExtensionOid = "2.5.29.17";

    /// <summary>All names of every kind.</summary>
    public IEnumerable<string> All => [.. Dns, .. Uris, .. Emails, .. Addresses];

    /// <summary>The names of a certificate; none when it has none or they cannot be read.</summary>
    public static SubjectAltNames Of(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == ExtensionOid);
        if (extension is null)
        {
            return None;
        }

        try
        {
            return Read(extension.RawData);
        }
        catch (AsnContentException)
        {
            return None;
        }
    }

    private static SubjectAltNames Read(byte[] encoded)
    {
        List<string> dns = [], uris = [], emails = [], addresses = [];
        var names = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            switch (tag.TagValue)
            {
                case 1:
                    emails.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case 2:
                    dns.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case 6:
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case 7:
                    var bytes = names.ReadOctetString(tag);
                    addresses.Add(bytes.Length is 4 or 16 ? new IPAddress(bytes).ToString() : "");
                    break;
                default:
                    names.ReadEncodedValue();
                    break;
            }
        }

        return new SubjectAltNames(dns, uris, emails, addresses);
    }
}
