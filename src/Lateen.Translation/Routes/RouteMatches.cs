using Envoy.Config.Route.V3;
using Envoy.Type.Matcher.V3;
using Lateen.Resources.Networking;
using StringMatch = Lateen.Resources.Networking.StringMatch;

namespace Lateen.Translation.Routes;

/// <summary>A VirtualService's match block as Envoy's route match.</summary>
internal static class RouteMatches
{
    /// <summary>Names that are not headers in a match; Istio documents them as ignored there.</summary>
    private static readonly string[] NotHeaders = ["uri", "scheme", "method", "authority"];

    public static RouteMatch Translate(HttpMatchRequest? match)
    {
        if (match is null) return new RouteMatch { Prefix = "/" };
        var result = new RouteMatch { CaseSensitive = !match.IgnoreUriCase };
        SetPath(result, match.Uri);
        result.Headers.Add(HeaderMatchers(match));
        AddPseudoHeader(result, ":method", match.Method);
        AddPseudoHeader(result, ":authority", match.Authority);
        AddPseudoHeader(result, ":scheme", match.Scheme);
        result.QueryParameters.Add(match.QueryParams.Select(parameter => QueryMatcher(parameter.Key, parameter.Value)));
        return result;
    }

    /// <summary>True when the route takes every request, so that nothing after it can be reached.</summary>
    public static bool IsCatchAll(RouteMatch match)
    {
        var everyPath = match.PathSpecifierCase switch
        {
            RouteMatch.PathSpecifierOneofCase.Prefix => match.Prefix == "/",
            RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix => match.PathSeparatedPrefix == "/",
            RouteMatch.PathSpecifierOneofCase.SafeRegex => match.SafeRegex.Regex == ".*",
            _ => false,
        };
        return everyPath && match.Headers.Count == 0 && match.QueryParameters.Count == 0 && match.DynamicMetadata.Count == 0;
    }

    public static StringMatcher Matcher(StringMatch match) => match switch
    {
        { Exact: { } exact } => new StringMatcher { Exact = exact },
        { Prefix: { } prefix } => new StringMatcher { Prefix = prefix },
        { Regex: { } regex } => new StringMatcher { SafeRegex = new RegexMatcher { Regex = regex } },
        _ => new StringMatcher { Prefix = "" },
    };

    private static void SetPath(RouteMatch result, StringMatch? uri)
    {
        switch (uri)
        {
            case { Exact: { } exact }: result.Path = exact; break;
            case { Prefix: { } prefix }: result.Prefix = prefix; break;
            case { Regex: { } regex }: result.SafeRegex = new RegexMatcher { Regex = regex }; break;
            default: result.Prefix = "/"; break;
        }
    }

    private static IEnumerable<HeaderMatcher> HeaderMatchers(HttpMatchRequest match) =>
        match.Headers.Where(IsHeader).Select(header => HeaderMatcherOf(header.Key, header.Value))
            .Concat(match.WithoutHeaders.Where(IsHeader).Select(header => Inverted(header.Key, header.Value)))
            .OrderBy(matcher => matcher.Name, StringComparer.Ordinal);

    /// <summary>Claims of a JWT are matched by metadata that its filter leaves, not by headers.</summary>
    public static bool IsClaim(string header) => header.StartsWith("@request.auth.claims", StringComparison.Ordinal);

    private static bool IsHeader(KeyValuePair<string, StringMatch> header) => !NotHeaders.Contains(header.Key) && !IsClaim(header.Key);

    private static HeaderMatcher HeaderMatcherOf(string name, StringMatch match) => IsPresence(match)
        ? new HeaderMatcher { Name = name, PresentMatch = true }
        : new HeaderMatcher { Name = name, StringMatch = Matcher(match) };

    private static HeaderMatcher Inverted(string name, StringMatch match)
    {
        var matcher = HeaderMatcherOf(name, match);
        matcher.InvertMatch = true;
        matcher.TreatMissingHeaderAsEmpty = !IsPresence(match);
        return matcher;
    }

    private static void AddPseudoHeader(RouteMatch result, string name, StringMatch? match)
    {
        if (match is not null) result.Headers.Add(HeaderMatcherOf(name, match));
    }

    private static QueryParameterMatcher QueryMatcher(string name, StringMatch match) => IsPresence(match)
        ? new QueryParameterMatcher { Name = name, PresentMatch = true }
        : new QueryParameterMatcher { Name = name, StringMatch = Matcher(match) };

    private static bool IsPresence(StringMatch match) => match is { Exact: null, Prefix: null, Regex: null or "*" };
}
