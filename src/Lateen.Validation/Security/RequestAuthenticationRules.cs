using Lateen.Resources;
using Lateen.Resources.Security;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Security;

/// <summary>RequestAuthentication (RA).</summary>
internal static class RequestAuthenticationRules
{
    public static void Check(RequestAuthentication policy, Field at)
    {
        RequestAuthenticationSpec spec = policy.Spec;
        Field place = at["spec"];
        // RA-1
        TargetReferences.Check(spec.Selector, spec.TargetRef, spec.TargetRefs, place);
        place["jwtRules"].Require("RA-2", spec.JwtRules.Count <= 4096, "must not have more than 4096 rules");
        for (int i = 0; i < spec.JwtRules.Count; i++) CheckRule(spec.JwtRules[i], place["jwtRules"][i]);
    }

    private static void CheckRule(JwtRule rule, Field at)
    {
        at.Require("RA-3", !string.IsNullOrEmpty(rule.Issuer) || !string.IsNullOrEmpty(rule.JwksUri), "needs issuer or jwksUri");
        at["issuer"].Require("RA-3", rule.Issuer != "", "must not be empty when it is set");
        CheckTexts("RA-4", rule.Audiences, at["audiences"]);
        CheckKeys(rule, at);
        for (int i = 0; i < rule.FromHeaders.Count; i++) at["fromHeaders"][i]["name"].Require("RA-9", rule.FromHeaders[i].Name.Length > 0, "must not be empty");
        CheckTexts("RA-10", rule.FromParams, at["fromParams"]);
        CheckTexts("RA-11", rule.FromCookies, at["fromCookies"]);
        for (int i = 0; i < rule.OutputClaimToHeaders.Count; i++)
        {
            ClaimToHeader output = rule.OutputClaimToHeaders[i];
            Field place = at["outputClaimToHeaders"][i];
            place["claim"].Require("RA-12", output.Claim.Length > 0, "must not be empty");
            if (place["header"].Require("RA-12", output.Header.Length > 0, "must not be empty"))
                place["header"].Require("RA-13", HttpNames.IsStrictHeader(output.Header), "must be letters, digits, '-' and '_'");
        }
        at["timeout"].Check("RA-14", Numbers.DurationProblem(rule.Timeout));
        at["spaceDelimitedClaims"].Require("RA-15", rule.SpaceDelimitedClaims.Count <= 64, "must not have more than 64 claims");
        CheckTexts("RA-15", rule.SpaceDelimitedClaims, at["spaceDelimitedClaims"]);
    }

    private static void CheckKeys(JwtRule rule, Field at)
    {
        int sources = (at["jwksUri"].Written ? 1 : 0) + (at["jwks_uri"].Written ? 1 : 0) + (at["jwks"].Written ? 1 : 0);
        at.Require("RA-6", sources <= 1, "only one of jwksUri and jwks may be set");
        if (rule.JwksUri is { } uri)
        {
            at["jwksUri"].Check("RA-5", UrlSyntax.JwksProblem(uri));
            at["jwksUri"].Require("RA-5", uri.Length <= 2048, "must not be longer than 2048");
        }
        if (string.IsNullOrEmpty(rule.Jwks)) return;
        (string? problem, IReadOnlyList<int> secret) = JsonWebKeys.Read(rule.Jwks);
        at["jwks"].Check("RA-7", problem);
        foreach (int key in secret) at["jwks"].Warning("RA-8", $"key {key} has private parts, which everybody who reads this object sees");
    }

    private static void CheckTexts(string rule, EquatableArray<string> texts, Field at)
    {
        for (int i = 0; i < texts.Count; i++) at[i].Require(rule, texts[i].Length > 0, "must not be empty");
    }
}
