using System.Text;

namespace Lateen.Proxy.Matching;

/// <summary>
/// Writes RE2 expressions in .NET's syntax where the two read the same text differently: named groups, POSIX classes, quoted text,
/// <c>[</c> inside a class, <c>$</c>, ASCII-only <c>\d \w \s \b</c>.
/// </summary>
internal static class Re2Syntax
{
    private static readonly (string Name, string Members)[] PosixClasses =
    [
        ("alnum", "0-9A-Za-z"), ("alpha", "A-Za-z"), ("ascii", @"\x00-\x7F"), ("blank", @"\t "), ("cntrl", @"\x00-\x1F\x7F"), ("digit", "0-9"),
        ("graph", "!-~"), ("lower", "a-z"), ("print", " -~"), ("punct", @"!-/:-@\[-`{-~"), ("space", @"\t\n\v\f\r "), ("upper", "A-Z"),
        ("word", "0-9A-Za-z_"), ("xdigit", "0-9A-Fa-f"),
    ];

    public static string ToDotNet(string pattern)
    {
        var output = new StringBuilder(pattern.Length + 8);
        var multiline = IsMultiline(pattern); // $ then means the end of a line
        for (var at = 0; at < pattern.Length;)
        {
            var rest = pattern.AsSpan(at);
            if (rest.StartsWith(@"\Q"))
            {
                at = Quoted(pattern, at + 2, output);
            }
            else if (rest[0] == '\\' && rest.Length > 1)
            {
                output.Append(Escape(rest[1], inClass: false));
                at += 2;
            }
            else if (rest[0] == '[')
            {
                at = Class(pattern, at, output);
            }
            else if (rest.StartsWith("(?P<"))
            {
                output.Append("(?<");
                at += 4;
            }
            else
            {
                output.Append(rest[0] == '$' && !multiline ? @"\z" : rest[..1]);
                at++;
            }
        }

        return output.ToString();
    }

    private static bool IsMultiline(string pattern)
    {
        for (var at = pattern.IndexOf("(?", StringComparison.Ordinal); at >= 0; at = pattern.IndexOf("(?", at + 2, StringComparison.Ordinal))
        {
            var flags = pattern.AsSpan(at + 2);
            var end = flags.IndexOfAnyExceptInRange('a', 'z');
            if (flags[..(end < 0 ? flags.Length : end)].Contains('m'))
                return true;
        }

        return false;
    }

    private static int Quoted(string pattern, int at, StringBuilder output)
    {
        var end = pattern.IndexOf(@"\E", at, StringComparison.Ordinal);
        output.Append(System.Text.RegularExpressions.Regex.Escape(end < 0 ? pattern[at..] : pattern[at..end]));
        return end < 0 ? pattern.Length : end + 2;
    }

    private static int Class(string pattern, int at, StringBuilder output)
    {
        output.Append('[');
        at++;
        if (at < pattern.Length && pattern[at] == '^')
        {
            output.Append('^');
            at++;
        }

        for (var first = true; at < pattern.Length && (pattern[at] != ']' || first); first = false)
        {
            var rest = pattern.AsSpan(at);
            if (rest.StartsWith("[:") && rest.IndexOf(":]") is > 0 and var close)
            {
                output.Append(Posix(rest[2..close]));
                at += close + 2;
            }
            else if (rest[0] == '\\' && rest.Length > 1)
            {
                output.Append(Escape(rest[1], inClass: true));
                at += 2;
            }
            else
            {
                if (rest[0] is '[' or ']')
                    output.Append('\\');
                output.Append(rest[0]);
                at++;
            }
        }

        if (at >= pattern.Length)
            throw new ArgumentException("missing ]");
        output.Append(']');
        return at + 1;
    }

    private static string Posix(ReadOnlySpan<char> name)
    {
        foreach (var (known, members) in PosixClasses)
        {
            if (name.SequenceEqual(known))
                return members;
        }

        throw new ArgumentException($"unknown character class [:{name}:]");
    }

    private static string Escape(char c, bool inClass) => (c, inClass) switch
    {
        ('d', false) => "[0-9]",
        ('D', false) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', false) => "[^0-9A-Za-z_]",
        ('s', false) => @"[\t\n\f\r ]",
        ('S', false) => @"[^\t\n\f\r ]",
        ('d', true) => "0-9",
        ('w', true) => "0-9A-Za-z_",
        ('s', true) => @"\t\n\f\r ",
        ('D', true) => @"\x00-/:-\uFFFF",
        ('W', true) => @"\x00-/:-@\[-^`{-\uFFFF",
        ('S', true) => @"\x00-\x08\v\x0E-\x1F!-\uFFFF",
        ('Z', _) or ('G', _) or ('k', _) => throw new ArgumentException($@"unknown escape \{c}"),
        _ => "\\" + c,
    };
}
