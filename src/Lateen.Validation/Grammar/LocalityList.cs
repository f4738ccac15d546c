namespace Lateen.Validation.Grammar;

/// <summary>Lists of localities that must not overlap (H-54).</summary>
internal static class LocalityList
{
    public static string? Problem(IEnumerable<string> localities)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var regions = new HashSet<string>(StringComparer.Ordinal);
        foreach (string locality in localities)
        {
            if (FormProblem(locality) is { } problem) return problem;
            if (seen.Contains("*")) return $"\"{locality}\" overlaps with \"*\"";
            string[] parts = locality.Split('/', 3);
            bool overlaps = parts.Length == 1
                ? regions.Contains(parts[0])
                : seen.Contains(parts[0]) || seen.Contains($"{parts[0]}/*") || seen.Contains($"{parts[0]}/{parts[1]}") || seen.Contains(locality)
                    || (parts.Length == 3 && seen.Contains($"{parts[0]}/{parts[1]}/*"));
            if (overlaps || seen.Contains(locality)) return $"\"{locality}\" overlaps with an earlier locality";
            seen.Add(locality);
            regions.Add(parts[0]);
        }
        return null;
    }

    private static string? FormProblem(string locality)
    {
        int star = locality.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && star != locality.Length - 1) return $"\"{locality}\": a wildcard must be the last character";
        return locality.Split('/', 3).Any(part => part.Length == 0) ? $"\"{locality}\" must be region/zone/subzone, no part empty" : null;
    }
}
