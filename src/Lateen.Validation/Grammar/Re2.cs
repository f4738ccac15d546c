using System.Globalization;
using System.Text;

namespace Lateen.Validation.Grammar;

/// <summary>
/// Whether a text is an RE2 expression as Go's <c>regexp</c> takes it: no look-around, back references or atomic groups, repeats up to
/// 1000, no stacked repeats (H-45).
/// </summary>
internal static class Re2
{
    private const int MaxBytes = 1024;

    /// <summary>What is wrong with an expression, or null.</summary>
    public static string? Problem(string pattern)
    {
        if (pattern.Length == 0) return "a regular expression must not be empty";
        return Encoding.UTF8.GetByteCount(pattern) > MaxBytes ? $"a regular expression must not be longer than {MaxBytes} bytes" : SyntaxProblem(pattern);
    }

    /// <summary>What is wrong with an expression of any length, or null.</summary>
    public static string? SyntaxProblem(string pattern)
    {
        try
        {
            new Scan(pattern).All();
            return null;
        }
        catch (FormatException exception)
        {
            return $"\"{pattern}\" is no regular expression (RE2): {exception.Message}";
        }
    }

    private sealed class Scan(string pattern)
    {
        private const int MaxRepeat = 1000;
        private readonly HashSet<string> _names = [];
        private int _at;

        private bool End => _at == pattern.Length;

        public void All()
        {
            Alternatives();
            if (!End) throw new FormatException("unexpected )");
        }

        /// <returns>The largest product of repeats that stand inside one another.</returns>
        private int Alternatives()
        {
            int repeats = 1;
            (bool operand, bool repeated, int last) = (false, false, 1);
            while (!End && pattern[_at] != ')')
            {
                char c = pattern[_at];
                if (c == '|')
                {
                    _at++;
                    (operand, repeated) = (false, false);
                    continue;
                }
                if (Repeat() is { } times)
                {
                    if (!operand) throw new FormatException($"nothing to repeat before {c}");
                    if (repeated) throw new FormatException($"a repeat cannot be repeated: {c}");
                    last = Math.Max(1, times) * last;
                    if (last > MaxRepeat && times > 1) throw new FormatException($"repeats must be {MaxRepeat} at most");
                    repeats = Math.Max(repeats, last);
                    repeated = true;
                    continue;
                }
                repeated = false;
                if (Atom() is not { } inner) continue;
                (operand, last) = (true, inner);
                repeats = Math.Max(repeats, inner);
            }
            return repeats;
        }

        // The number of times (1 for * + ?), or null if there is no repeat here.
        private int? Repeat()
        {
            int? times = pattern[_at] switch
            {
                '*' or '+' or '?' => 1,
                '{' => Counted(),
                _ => null,
            };
            if (times is null) return null;
            if (pattern[_at] != '{') _at++;
            else _at = pattern.IndexOf('}', _at) + 1;
            if (!End && pattern[_at] == '?') _at++;
            return times;
        }

        // A { that begins no repeat is a plain character.
        private int? Counted()
        {
            int close = pattern.IndexOf('}', _at);
            if (close < 0) return null;
            string[] counts = pattern[(_at + 1)..close].Split(',');
            if (counts.Length > 2 || !IsCount(counts[0]) || (counts.Length == 2 && counts[1].Length > 0 && !IsCount(counts[1]))) return null;
            int least = Count(counts[0]);
            int? most = counts.Length == 1 ? least : counts[1].Length == 0 ? null : Count(counts[1]);
            if (least > MaxRepeat || most > MaxRepeat || most < least) throw new FormatException($"{pattern[_at..(close + 1)]}: repeats must be {MaxRepeat} at most, in order");
            return most ?? least;
        }

        private static bool IsCount(string text) => text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');

        private static int Count(string text) => text.Length > 5 ? MaxRepeat + 1 : int.Parse(text, CultureInfo.InvariantCulture);

        // Null for what can not be repeated by itself (flags).
        private int? Atom()
        {
            switch (pattern[_at])
            {
                case '(':
                    return Group();
                case '[':
                    _at = Re2Class.Skip(pattern, _at);
                    return 1;
                case '\\':
                    if (string.CompareOrdinal(pattern, _at, @"\Q", 0, 2) == 0) return Quoted();
                    _at = Re2Escape.Skip(pattern, _at, inClass: false);
                    return 1;
                default:
                    _at++;
                    return 1;
            }
        }

        private int? Quoted()
        {
            int end = pattern.IndexOf(@"\E", _at + 2, StringComparison.Ordinal);
            bool empty = end == _at + 2 || _at + 2 == pattern.Length;
            _at = end < 0 ? pattern.Length : end + 2;
            return empty ? null : 1;
        }

        private int? Group()
        {
            _at++;
            if (!End && pattern[_at] == '?' && !GroupHead()) return null;
            int inner = Alternatives();
            if (End) throw new FormatException("missing )");
            _at++;
            return inner;
        }

        // Behind "(?": a name, flags with a colon (a group follows), or flags alone.
        private bool GroupHead()
        {
            int start = _at - 1;
            _at++;
            bool named = At("P<") || (At("<") && !At("<=") && !At("<!"));
            if (named)
            {
                int open = pattern.IndexOf('<', _at) + 1;
                int close = pattern.IndexOf('>', open);
                string name = close < 0 ? "" : pattern[open..close];
                if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) throw new FormatException("a group's name must be a word");
                if (!_names.Add(name)) throw new FormatException($"two groups have the name {name}");
                _at = close + 1;
                return true;
            }
            (bool negated, bool flags) = (false, false);
            for (; !End; _at++)
            {
                char c = pattern[_at];
                if (c is 'i' or 'm' or 's' or 'U') flags = true;
                else if (c == '-' && !negated) (negated, flags) = (true, false);
                else if (c is ':' or ')' && (flags || !negated))
                {
                    _at++;
                    return c == ':';
                }
                else break;
            }
            throw new FormatException($"{pattern[start..Math.Min(_at + 1, pattern.Length)]} is not supported");
        }

        private bool At(string text) => string.CompareOrdinal(pattern, _at, text, 0, text.Length) == 0;
    }
}
