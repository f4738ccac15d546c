using System.Net;
using System.Net.Sockets;

namespace Lateen.Validation.Grammar;

/// <summary>Addresses and blocks of addresses in their strict forms (H-20, H-21): no leading zeros, no octal or hexadecimal IPv4.</summary>
internal static class IpAddress
{
    /// <summary>H-20.</summary>
    public static bool IsValid(string text) => TryParse(text, zoneAllowed: true, out _);

    /// <summary>A block <c>address/length</c>; host bits may be set.</summary>
    public static bool IsPrefix(string text)
    {
        int slash = text.LastIndexOf('/');
        if (slash < 0 || !TryParse(text[..slash], zoneAllowed: false, out int bits)) return false;
        string length = text[(slash + 1)..];
        return length.Length is > 0 and <= 3 && length.All(char.IsAsciiDigit) && (length.Length == 1 || length[0] != '0')
            && int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) <= bits;
    }

    /// <summary>H-20.</summary>
    public static string? Problem(string text) => IsValid(text) ? null : $"\"{text}\" is no IP address";

    /// <summary>H-21: an address, or a block when there is exactly one slash.</summary>
    public static string? SubnetProblem(string text) =>
        (text.Count(c => c == '/') == 1 ? IsPrefix(text) : IsValid(text)) ? null : $"\"{text}\" is neither an IP address nor a block such as 10.0.0.0/8";

    private static bool TryParse(string text, bool zoneAllowed, out int bits)
    {
        bits = 32;
        if (!text.Contains(':', StringComparison.Ordinal)) return IsDotted(text);
        bits = 128;
        int zone = text.IndexOf('%', StringComparison.Ordinal);
        if (zone >= 0 && (!zoneAllowed || zone == text.Length - 1)) return false;
        string address = zone < 0 ? text : text[..zone];
        if (!address.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')) return false;
        if (address.Contains('.', StringComparison.Ordinal) && !IsDotted(address[(address.LastIndexOf(':') + 1)..])) return false;
        return IPAddress.TryParse(address, out IPAddress? parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6;
    }

    private static bool IsDotted(string text)
    {
        string[] octets = text.Split('.');
        return octets.Length == 4 && octets.All(octet => octet.Length is > 0 and <= 3 && octet.All(char.IsAsciiDigit)
            && (octet.Length == 1 || octet[0] != '0') && int.Parse(octet, System.Globalization.CultureInfo.InvariantCulture) <= 255);
    }
}
