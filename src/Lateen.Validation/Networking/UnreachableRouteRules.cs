using System.Globalization;
using Lateen.Resources;
using Lateen.Resources.Networking;

namespace Lateen.Validation.Networking;

/// <summary>Routes and conditions that an earlier one leaves nothing for (VS-150 to VS-154).</summary>
internal static class UnreachableRouteRules
{
    public static void Check(VirtualServiceSpec spec, Field at)
    {
        CheckRoutes(spec.Http, route => route.Match, match => match with { Name = null }, (route, index) => Label(route.Name, index), at["http"]);
        CheckRoutes(spec.Tcp, route => route.Match, match => match, (_, index) => Label(null, index), at["tcp"]);
        CheckRoutes(spec.Tls, route => route.Match, match => match, (_, index) => Label(null, index), at["tls"]);
        CheckPrefixes(spec.Http, at["http"]);
    }

    private static string Label(string? name, int index) =>
        string.IsNullOrEmpty(name) ? string.Create(CultureInfo.InvariantCulture, $"#{index}") : $"\"{name}\"";

    private static void CheckRoutes<TRoute, TMatch>(EquatableArray<TRoute> routes, Func<TRoute, EquatableArray<TMatch>> matches,
        Func<TMatch, TMatch> comparable, Func<TRoute, int, string> label, Field at)
        where TMatch : notnull
    {
        var seen = new Dictionary<TMatch, string>();
        bool everything = false;
        for (int i = 0; i < routes.Count; i++)
        {
            EquatableArray<TMatch> conditions = matches(routes[i]);
            if (conditions.IsEmpty && everything) at[i].Warning("VS-150", "is never used: an earlier route matches everything");
            everything |= conditions.IsEmpty;
            int duplicates = 0;
            for (int j = 0; j < conditions.Count; j++)
            {
                if (everything) at[i]["match"][j].Warning("VS-151", "is never used: an earlier route matches everything");
                if (seen.TryAdd(comparable(conditions[j]), label(routes[i], i))) continue;
                at[i]["match"][j].Warning("VS-152", $"is never used: route {seen[comparable(conditions[j])]} has the same condition");
                duplicates++;
            }
            if (duplicates > 0 && duplicates == conditions.Count) at[i].Warning("VS-153", "is never used: earlier routes have all its conditions");
        }
    }

    private static void CheckPrefixes(EquatableArray<HttpRoute> routes, Field at)
    {
        var earlier = new List<(HttpMatchRequest Match, string Label)>();
        var seen = new HashSet<HttpMatchRequest>();
        for (int i = 0; i < routes.Count; i++)
        {
            for (int j = 0; j < routes[i].Match.Count; j++)
            {
                HttpMatchRequest match = routes[i].Match[j];
                if (string.IsNullOrEmpty(match.Uri?.Prefix) || !seen.Add(match with { Name = null })) continue;
                foreach ((HttpMatchRequest before, string label) in earlier.Where(entry => Covers(entry.Match, match)))
                {
                    at[i]["match"][j].Warning("VS-154",
                        $"of prefix {match.Uri!.Prefix} is never used: route {label} has the prefix {before.Uri!.Prefix} with conditions no narrower");
                }
                earlier.Add((match, Label(routes[i].Name, i)));
            }
        }
    }

    private static bool Covers(HttpMatchRequest wide, HttpMatchRequest narrow) =>
        wide.Uri!.Prefix != narrow.Uri!.Prefix && narrow.Uri.Prefix!.StartsWith(wide.Uri.Prefix!, StringComparison.Ordinal)
        && wide.Port == narrow.Port
        && Covers(Text(wide.Method, "exact:GET"), Text(narrow.Method, "exact:GET"))
        && Covers(Text(wide.Authority), Text(narrow.Authority))
        && Covers(wide.Headers, narrow.Headers)
        && Covers(wide.QueryParams, narrow.QueryParams)
        && Covers(wide.WithoutHeaders, narrow.WithoutHeaders);

    private static bool Covers(EquatableMap<StringMatch> wide, EquatableMap<StringMatch> narrow) =>
        wide.Count == narrow.Count && wide.All(entry => narrow.TryGetValue(entry.Key, out StringMatch? other) && Covers(Text(entry.Value), Text(other)));

    private static bool Covers(string wide, string narrow) => wide.StartsWith(narrow, StringComparison.Ordinal);

    // Expressions count as nothing: whether one covers another cannot be told.
    private static string Text(StringMatch? match, string absent = "") => match switch
    {
        null => absent,
        { Exact: { Length: > 0 } exact } => $"exact:{exact}",
        { Prefix: { Length: > 0 } prefix } => $"prefix:{prefix}",
        _ => "",
    };
}
