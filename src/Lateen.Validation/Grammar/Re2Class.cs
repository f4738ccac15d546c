namespace Lateen.Validation.Grammar;

/// <summary>Classes of characters in brackets of RE2 expressions.</summary>
internal static class Re2Class
{
    private static readonly HashSet<string> Posix =
    [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit",
    ];

    /// <summary>The place behind the class at <paramref name="at"/>.</summary>
    public static int Skip(string pattern, int at)
    {
        at++;
        if (at < pattern.Length && pattern[at] == '^') at++;
        for (bool first = true; at < pattern.Length && (first || pattern[at] != ']'); first = false)
        {
            at = Named(pattern, at) ?? Range(pattern, at);
        }
        return at < pattern.Length ? at + 1 : throw new FormatException("missing ]");
    }

    private static int? Named(string pattern, int at)
    {
        if (string.CompareOrdinal(pattern, at, "[:", 0, 2) != 0) return null;
        int close = pattern.IndexOf(":]", at + 2, StringComparison.Ordinal);
        if (close < 0) return null;
        string name = pattern[(at + 2)..close];
        return Posix.Contains(name.TrimStart('^')) ? close + 2 : throw new FormatException($"unknown class of characters [:{name}:]");
    }

    private static int Range(string pattern, int at)
    {
        (int low, int next) = Character(pattern, at);
        if (low < 0 || next + 1 >= pattern.Length || pattern[next] != '-' || pattern[next + 1] == ']') return next;
        (int high, int end) = Character(pattern, next + 1);
        return high >= low ? end : throw new FormatException($"{pattern[at..end]} is no range of characters");
    }

    private static (int Value, int Next) Character(string pattern, int at)
    {
        if (pattern[at] == '\\')
        {
            int end = Re2Escape.Skip(pattern, at, inClass: true);
            return (Re2Escape.Value(pattern, at, end), end);
        }
        bool pair = char.IsHighSurrogate(pattern[at]) && at + 1 < pattern.Length && char.IsLowSurrogate(pattern[at + 1]);
        return pair ? (char.ConvertToUtf32(pattern[at], pattern[at + 1]), at + 2) : (pattern[at], at + 1);
    }
}
