using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>Secrets: what their certificates say.</summary>
internal sealed class SecretsView : IProxyView
{
    public string Path => ConfigDump.Path;

    public IReadOnlyList<string> Columns => ["RESOURCE NAME", "TYPE", "STATUS", "VALID CERT", "SERIAL NUMBER", "NOT AFTER", "NOT BEFORE", "NAMES"];

    public IEnumerable<JsonNode> Resources(JsonNode answer) =>
        ConfigDump.Of(answer, "SecretsConfigDump").SelectMany(dump =>
            dump.Items("dynamic_active_secrets").Concat(dump.Items("static_secrets")).Concat(dump.Items("dynamic_warming_secrets")));

    public IEnumerable<IReadOnlyList<string>> Rows(JsonNode resource)
    {
        var secret = resource.At("secret");
        var chain = secret.At("tls_certificate", "certificate_chain");
        var data = chain ?? secret.At("validation_context", "trusted_ca");
        var name = resource.Text("name") is { Length: > 0 } own ? own : secret.Text("name");
        var type = chain is not null ? "Cert Chain" : "CA";
        if (Certificate(data) is not { } certificate)
            return [[name, type, "WARMING", "false", "", "", "", ""]];
        using (certificate)
        {
            var now = DateTime.UtcNow;
            var notAfter = certificate.NotAfter.ToUniversalTime();
            var notBefore = certificate.NotBefore.ToUniversalTime();
            var valid = now >= notBefore && now <= notAfter;
            return [[name, type, "ACTIVE", valid ? "true" : "false", certificate.SerialNumber, Time(notAfter), Time(notBefore), Names(certificate)]];
        }
    }

    private static X509Certificate2? Certificate(JsonNode? data)
    {
        try
        {
            var pem = data.Text("inline_string") is { Length: > 0 } text ? text : Encoding.UTF8.GetString(Convert.FromBase64String(data.Text("inline_bytes")));
            return pem.Length == 0 ? null : X509Certificate2.CreateFromPem(pem);
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException)
        {
            return null;
        }
    }

    // The URIs and DNS names of the certificate, which is what peers check.
    private static string Names(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        if (extension is null)
            return certificate.Subject;
        var dns = extension.EnumerateDnsNames();
        return string.Join(", ", Uris(extension.RawData).Concat(dns));
    }

    private static IEnumerable<string> Uris(byte[] alternativeNames)
    {
        var uri = new Asn1Tag(TagClass.ContextSpecific, 6);
        var names = new AsnReader(alternativeNames, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(uri))
                yield return names.ReadCharacterString(UniversalTagNumber.IA5String, uri);
            else
                names.ReadEncodedValue();
        }
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
