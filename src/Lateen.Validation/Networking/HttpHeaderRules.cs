using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Changes of headers (VS-60 to VS-65).</summary>
internal static class HttpHeaderRules
{
    public static void Check(HttpRoute route, Field at)
    {
        Check(route.Headers, at["headers"]);
        for (int i = 0; i < route.Route.Count; i++) Check(route.Route[i].Headers, at["route"][i]["headers"]);
        CheckAuthority(route, at);
    }

    private static void Check(Headers? headers, Field at)
    {
        if (headers?.Request is { } request) CheckRequest(request, at["request"]);
        if (headers?.Response is { } response) CheckResponse(response, at["response"]);
    }

    private static void CheckRequest(HeaderOperations operations, Field at)
    {
        CheckValues(operations.Set, at["set"], "VS-60", "VS-61", HttpNames.RequestHeaderProblem);
        CheckValues(operations.Add, at["add"], "VS-60", "VS-61", HttpNames.RequestHeaderProblem);
        for (int i = 0; i < operations.Remove.Count; i++) at["remove"][i].Check("VS-62", HttpNames.OtherHeaderProblem(operations.Remove[i]));
    }

    private static void CheckResponse(HeaderOperations operations, Field at)
    {
        CheckValues(operations.Set, at["set"], "VS-63", "VS-64", HttpNames.OtherHeaderProblem);
        CheckValues(operations.Add, at["add"], "VS-63", "VS-64", HttpNames.OtherHeaderProblem);
        for (int i = 0; i < operations.Remove.Count; i++) at["remove"][i].Check("VS-63", HttpNames.OtherHeaderProblem(operations.Remove[i]));
    }

    private static void CheckValues(EquatableMap<string> headers, Field at, string nameRule, string valueRule, Func<string, string?> nameProblem)
    {
        foreach ((string name, string value) in headers)
        {
            at[name].Check(nameRule, nameProblem(name));
            at[name].Check(valueRule, HeaderValue.Problem(value));
        }
    }

    private static void CheckAuthority(HttpRoute route, Field at)
    {
        HeaderOperations? request = route.Headers?.Request;
        int times = (string.IsNullOrEmpty(route.Rewrite?.Authority) ? 0 : 1)
            + Authorities(request?.Set ?? default) + Authorities(request?.Add ?? default);
        at.Require("VS-65", times <= 1, "the authority is set more than once (rewrite.authority, or the headers host and :authority)");
    }

    private static int Authorities(EquatableMap<string> headers) => headers.Count(
        header => header.Value.Length > 0
            && (header.Key.Equals("host", StringComparison.OrdinalIgnoreCase) || header.Key.Equals(":authority", StringComparison.OrdinalIgnoreCase)));
}
