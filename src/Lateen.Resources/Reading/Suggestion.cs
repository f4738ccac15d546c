namespace Lateen.Resources.Reading;

/// <summary>What a misspelt name was likely meant to be.</summary>
internal static class Suggestion
{
    private const int MaxLength = 64;

    /// <summary><c>; did you mean "x"?</c>, or empty when no candidate is near.</summary>
    public static string For(string name, IEnumerable<string> candidates)
    {
        if (name.Length > MaxLength) return "";
        string plain = Plain(name);
        (string? best, int bestDistance) = (null, 1 + Math.Min(2, plain.Length / 3));
        foreach (string candidate in candidates)
        {
            int distance = Distance(plain, Plain(candidate));
            if (distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }
        return best is null ? "" : $"; did you mean \"{best}\"?";
    }

    // Case, underscores and hyphens are the commonest slips: they cost nothing.
    private static string Plain(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Edits from one to the other: insert, delete, replace, or swap two neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int width = b.Length + 1;
        int[] cost = new int[(a.Length + 1) * width];
        for (int i = 0; i <= a.Length; i++) cost[i * width] = i;
        for (int j = 0; j <= b.Length; j++) cost[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int at = (i * width) + j;
                int replace = cost[at - width - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[at] = Math.Min(replace, 1 + Math.Min(cost[at - 1], cost[at - width]));
                bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if (swapped) cost[at] = Math.Min(cost[at], 1 + cost[at - (2 * width) - 2]);
            }
        }
        return cost[^1];
    }
}
