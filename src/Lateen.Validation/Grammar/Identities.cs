using System.Text;

namespace Lateen.Validation.Grammar;

/// <summary>Identities of callers in AuthorizationPolicies (H-47, H-48).</summary>
internal static class Identities
{
    /// <summary>H-47: at most one wildcard, at the start or the end.</summary>
    public static string? WildcardProblem(string text)
    {
        if (text.Length == 0) return "must not be empty";
        int stars = text.Count(c => c == '*');
        bool good = stars == 0 || (stars == 1 && (text[0] == '*' || text[^1] == '*'));
        return good ? null : $"\"{text}\": only one wildcard, at the start or the end, is allowed";
    }

    /// <summary>H-47 for trust domains of sources.</summary>
    public static string? TrustDomainProblem(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? $"\"{text}\" is no trust domain: a slash is not allowed" : WildcardProblem(text);

    /// <summary>H-48: <c>[namespace/]name</c>.</summary>
    public static string? ServiceAccountProblem(string text)
    {
        if (text.Length == 0) return "must not be empty";
        if (text.Contains('*', StringComparison.Ordinal)) return $"\"{text}\": wildcards are not allowed";
        if (Encoding.UTF8.GetByteCount(text) > 320) return "must not be longer than 320";
        string[] parts = text.Split('/');
        return parts.Length <= 2 && parts.All(part => part.Length > 0) ? null : $"\"{text}\" must be name or namespace/name";
    }

    /// <summary>An address or a block.</summary>
    public static string? IpBlockProblem(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal)) return IpAddress.IsPrefix(text) ? null : $"\"{text}\" is no block such as 10.0.0.0/8";
        return IpAddress.Problem(text);
    }
}
