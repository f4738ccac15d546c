using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Conditions of an HTTP route (VS-12, VS-40 to VS-50).</summary>
internal static class HttpMatchRules
{
    public static void Check(HttpMatchRequest match, VirtualServiceScope scope, Field at)
    {
        CheckHeaders(match.Headers, scope, at["headers"]);
        CheckWithoutHeaders(match.WithoutHeaders, scope, at["withoutHeaders"]);
        StringMatches.CheckRegex("VS-44", match.Uri, at["uri"]);
        StringMatches.Check("VS-45", match.Scheme, at["scheme"]);
        StringMatches.Check("VS-45", match.Method, at["method"]);
        StringMatches.Check("VS-45", match.Authority, at["authority"]);
        foreach ((string name, StringMatch value) in match.QueryParams) StringMatches.Check("VS-46", value, at["queryParams"][name]);
        at["port"].Require("VS-47", match.Port <= 65535, Numbers.PortRange);
        at["sourceLabels"].Check("VS-48", LabelSyntax.Problem(match.SourceLabels));
        VirtualServiceRules.CheckGateways(match.Gateways, gatewayApi: false, at["gateways"].Quiet, "VS-49");
        if (!string.IsNullOrEmpty(match.SourceNamespace)) at["sourceNamespace"].Check("VS-50", DnsLabel.Problem(match.SourceNamespace));
    }

    private static void CheckHeaders(EquatableMap<StringMatch> headers, VirtualServiceScope scope, Field at)
    {
        foreach ((string name, StringMatch value) in headers)
        {
            CheckClaim(name, scope, at[name]);
            at[name].Check("VS-40", HttpNames.MatchHeaderProblem(name));
            StringMatches.Check("VS-41", value, at[name]);
        }
    }

    private static void CheckWithoutHeaders(EquatableMap<StringMatch> headers, VirtualServiceScope scope, Field at)
    {
        foreach ((string name, StringMatch value) in headers)
        {
            CheckClaim(name, scope, at[name]);
            at[name].Check("VS-42", HttpNames.MatchHeaderProblem(name));
            // No expression, but Istio takes it for "present".
            if (value.Regex != "*") StringMatches.Check("VS-43", value, at[name]);
        }
    }

    private static void CheckClaim(string name, VirtualServiceScope scope, Field at) =>
        at.Require("VS-12", scope.GatewayBound || !HttpNames.IsJwtClaim(name), "routing by claims of a token is possible at gateways only");
}
