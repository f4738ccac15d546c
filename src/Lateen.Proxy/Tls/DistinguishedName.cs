using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Lateen.Proxy.Tls;

/// <summary>Distinguished names as RFC 2253 writes them: last component first, joined by commas without spaces.</summary>
internal static class DistinguishedName
{
    private static readonly Dictionary<string, string> ShortNames = new()
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["2.5.4.6"] = "C",
        ["2.5.4.9"] = "street",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["0.9.2342.19200300.100.1.1"] = "UID",
        ["1.2.840.113549.1.9.1"] = "emailAddress",
    };

    /// <summary>The name's text.</summary>
    public static string Format(X500DistinguishedName name) => string.Join(
        ',',
        name.EnumerateRelativeDistinguishedNames(reversed: true)
            .Where(part => !part.HasMultipleElements)
            .Select(part => $"{Type(part)}={Escape(part.GetSingleElementValue() ?? "")}"));

    private static string Type(X500RelativeDistinguishedName part)
    {
        var oid = part.GetSingleElementType().Value ?? "";
        return ShortNames.GetValueOrDefault(oid, oid);
    }

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var atEdge = i == 0 || i == value.Length - 1;
            if (",+\"\\<>;".Contains(value[i], StringComparison.Ordinal) || (value[i] == ' ' && atEdge) || (value[i] == '#' && i == 0))
            {
                text.Append('\\');
            }

            text.Append(value[i]);
        }

        return text.ToString();
    }
}
