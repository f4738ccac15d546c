namespace Lateen.Validation.Grammar;

/// <summary>Labels of DNS names (H-1, H-2). Upper case is allowed, unlike in Kubernetes' names.</summary>
internal static class DnsLabel
{
    private const int MaxLength = 63;

    /// <summary>H-1: letters, digits and inner hyphens, 1 to 63.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxLength && IsWord(text);

    /// <summary>H-2: <c>*</c>, or a label with <c>*</c> or <c>*-</c> before it.</summary>
    public static bool IsWildcard(ReadOnlySpan<char> text)
    {
        if (text is "*") return true;
        if (text.Length > MaxLength) return false;
        if (text.StartsWith("*-")) return IsWord(text[2..]);
        return IsWord(text.StartsWith("*") ? text[1..] : text);
    }

    /// <summary>What is wrong with a label, or null.</summary>
    public static string? Problem(string text) =>
        IsValid(text) ? null : $"\"{text}\" is no DNS label: letters, digits and inner '-', 1 to {MaxLength}";

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] == '-' || text[^1] == '-') return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-') return false;
        }
        return true;
    }
}
