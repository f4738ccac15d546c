using Lateen.Resources.Networking;

namespace Lateen.Validation.Grammar;

/// <summary>Comparisons of texts (H-43, H-44).</summary>
internal static class StringMatches
{
    /// <summary>H-43: no matcher means presence; a prefix must not be empty.</summary>
    public static void Check(string rule, StringMatch? match, Field at)
    {
        if (match is null) return;
        if (match.Prefix is "") at["prefix"].Error(rule, "must not be empty");
        CheckRegex(rule, match, at);
    }

    /// <summary>H-44: only the expression.</summary>
    public static void CheckRegex(string rule, StringMatch? match, Field at)
    {
        if (match?.Regex is { } regex) at["regex"].Check(rule, Re2.Problem(regex));
    }
}
