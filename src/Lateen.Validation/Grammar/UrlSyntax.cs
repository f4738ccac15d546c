using System.Buffers;

namespace Lateen.Validation.Grammar;

/// <summary>URLs as Go reads them, as far as their scheme and host go (H-49, H-50).</summary>
internal static class UrlSyntax
{
    private static readonly SearchValues<char> HostChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!$&'()*+,;=:[]<>\"%");

    private static readonly SearchValues<char> SchemeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    /// <summary>H-49: where keys are.</summary>
    public static string? JwksProblem(string text)
    {
        if (!TryScheme(text, request: false, out string scheme)) return $"\"{text}\" is no URL";
        return scheme is "http" or "https" ? null : $"\"{text}\" must begin with http:// or https://";
    }

    /// <summary>H-50: where a module is.</summary>
    public static string? ModuleProblem(string text)
    {
        bool good = TryScheme(text, request: true, out string scheme) || TryScheme($"http://{text}", request: true, out scheme);
        if (!good) return $"\"{text}\" is no URL";
        return scheme is "" or "file" or "http" or "https" or "oci" ? null : $"\"{text}\": the scheme must be oci, http, https or file";
    }

    private static bool TryScheme(string text, bool request, out string scheme)
    {
        scheme = "";
        if ((request && text.Length == 0) || text.Any(c => c is < ' ' or '\x7F')) return false;
        if (!request && text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var fragment) text = text[..fragment];
        if (!TrySplitScheme(text, out scheme, out string rest)) return false;
        int query = rest.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0) rest = rest[..query];
        if (!rest.StartsWith('/'))
        {
            if (scheme.Length > 0) return true;
            if (request) return false;
            string first = rest.Split('/')[0];
            return !first.Contains(':', StringComparison.Ordinal) && IsEscaped(rest);
        }
        bool authority = rest.StartsWith("//", StringComparison.Ordinal) && (scheme.Length > 0 || (!request && !rest.StartsWith("///", StringComparison.Ordinal)));
        if (!authority) return IsEscaped(rest);
        int slash = rest.IndexOf('/', 2);
        string host = slash < 0 ? rest[2..] : rest[2..slash];
        return IsHost(host[(host.LastIndexOf('@') + 1)..]) && IsEscaped(slash < 0 ? "" : rest[slash..]);
    }

    private static bool TrySplitScheme(string text, out string scheme, out string rest)
    {
        (scheme, rest) = ("", text);
        int end = text.AsSpan().IndexOfAnyExcept(SchemeChars);
        if (end < 0 || text[end] != ':') return true;
        if (end == 0) return false;
        if (!char.IsAsciiLetter(text[0])) return true;
        (scheme, rest) = (text[..end].ToLowerInvariant(), text[(end + 1)..]);
        return true;
    }

    private static bool IsHost(string host)
    {
        if (host.Any(c => c < 128 && !HostChars.Contains(c))) return false;
        string afterName = host.StartsWith('[') ? host[(host.IndexOf(']', StringComparison.Ordinal) + 1)..] : host.LastIndexOf(':') is >= 0 and var colon ? host[colon..] : "";
        if (host.StartsWith('[') && !host.Contains(']', StringComparison.Ordinal)) return false;
        return afterName.Length == 0 || (afterName[0] == ':' && afterName.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);
    }

    private static bool IsEscaped(string path)
    {
        for (int i = path.IndexOf('%', StringComparison.Ordinal); i >= 0; i = path.IndexOf('%', i + 1))
        {
            if (i + 2 >= path.Length || !char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2])) return false;
        }
        return true;
    }
}
