using System.Text.RegularExpressions;

namespace Lateen.Validation.Grammar;

internal enum CelTokenKind
{
    Name,
    Literal,
    Symbol,
    End,
}

/// <summary>A word of a CEL expression.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Place);

/// <summary>The words of a CEL expression.</summary>
internal sealed partial class CelTokens(string text)
{
    private static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ];

    public IEnumerable<CelToken> Read()
    {
        int at = 0;
        while (at < text.Length)
        {
            Match match = Token().Match(text, at);
            if (!match.Success || match.Index != at || match.Length == 0) throw new FormatException($"unexpected {text[at]} at {at + 1}");
            if (!match.Groups["space"].Success) yield return Of(match);
            at += match.Length;
        }
        yield return new(CelTokenKind.End, "", text.Length);
    }

    private static CelToken Of(Match match)
    {
        string word = match.Value;
        if (match.Groups["symbol"].Success || word == "in") return new(CelTokenKind.Symbol, word, match.Index);
        if (match.Groups["literal"].Success || word is "true" or "false" or "null") return new(CelTokenKind.Literal, word, match.Index);
        if (Reserved.Contains(word)) throw new FormatException($"{word} is a reserved word");
        return new(CelTokenKind.Name, word, match.Index);
    }

    [GeneratedRegex("""
        \G(?:
          (?<space>[ \t\n\f\r]+|//[^\n]*)
        | (?<literal>
            (?:[rR][bB]?|[bB][rR])(?:"{3}(?s:.*?)"{3}|'''(?s:.*?)'''|"[^"\n\r]*"|'[^'\n\r]*')
          | [bB]?(?:"{3}(?s:(?:[^\\]|\\(?:[abfnrtv\\'"`?]|x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}))*?)"{3}|'''(?s:(?:[^\\]|\\(?:[abfnrtv\\'"`?]|x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}))*?)'''|"(?:[^\\"\n\r]|\\(?:[abfnrtv\\'"`?]|x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}))*"|'(?:[^\\'\n\r]|\\(?:[abfnrtv\\'"`?]|x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}))*')
          | [0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.[0-9]+(?:[eE][-+]?[0-9]+)?
          | 0x[0-9a-fA-F]+[uU]?|[0-9]+[uU]?)
        | (?<name>[_a-zA-Z][_a-zA-Z0-9]*)
        | (?<symbol>\|\||&&|<=|>=|==|!=|[-+*/%<>!?:.,()\[\]{}])
        )
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}
