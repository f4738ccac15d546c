using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>One HTTP route (VS-20 to VS-32, and its actions VS-84 to VS-118).</summary>
internal static class HttpRouteRules
{
    private const int LargeBody = 100 * 1024;
    private const int MaxBody = 1024 * 1024;

    public static void Check(HttpRoute route, VirtualServiceScope scope, Field at)
    {
        CheckActions(route, scope, at);
        for (int i = 0; i < route.Match.Count; i++) HttpMatchRules.Check(route.Match[i], scope, at["match"][i]);
        HttpHeaderRules.Check(route, at);
        HttpFaultRules.Check(route.Fault, at["fault"]);
        CorsPolicyRules.Check(route.CorsPolicy, at["corsPolicy"]);
        CheckMirrors(route, at);
        RouteTargetRules.CheckWeighted(route.Route, scope, at["route"]);
        at["timeout"].Check("VS-98", Numbers.DurationProblem(route.Timeout));
        if (route.Redirect is { } redirect) CheckRedirect(redirect, route, at["redirect"]);
        if (route.Rewrite is { } rewrite) CheckRewrite(rewrite, at["rewrite"]);
        CheckDirectResponse(route.DirectResponse, at["directResponse"]);
        HttpRetryRules.Check(route.Retries, at["retries"]);
    }

    private static void CheckActions(HttpRoute route, VirtualServiceScope scope, Field at)
    {
        if (route.Delegate is not null && !scope.Delegate)
        {
            at["redirect"].Require("VS-20", route.Redirect is null, "cannot go with delegate");
            at["route"].Require("VS-21", route.Route.IsEmpty, "cannot go with delegate");
            return;
        }
        at["delegate"].Require("VS-23", route.Delegate is null, "a delegate cannot refer to another delegate");
        if (route.Redirect is not null)
        {
            at["route"].Require("VS-24", route.Route.IsEmpty, "cannot go with redirect");
            at["fault"].Require("VS-25", route.Fault is null, "cannot go with redirect");
            at["rewrite"].Require("VS-26", route.Rewrite is null, "cannot go with redirect");
            at["directResponse"].Require("VS-27", route.DirectResponse is null, "cannot go with redirect");
        }
        else if (route.DirectResponse is not null)
        {
            at["route"].Require("VS-28", route.Route.IsEmpty, "cannot go with directResponse");
            at["fault"].Require("VS-29", route.Fault is null, "cannot go with directResponse");
            at["rewrite"].Require("VS-30", route.Rewrite is null, "cannot go with directResponse");
        }
        else
        {
            at.Require("VS-31", !route.Route.IsEmpty, "needs one of route, redirect, directResponse and delegate");
        }
        at["mirrors"].Require("VS-32", route.Mirror is null || route.Mirrors.IsEmpty, "cannot go with mirror");
    }

    private static void CheckMirrors(HttpRoute route, Field at)
    {
        if (route.MirrorPercent is { } percent)
        {
            at["mirrorPercent"].Warning("VS-84", "is deprecated; use mirrorPercentage");
            at["mirrorPercent"].Require("VS-85", percent <= 100, "must be 0 to 100");
        }
        CheckShare("VS-86", route.MirrorPercentage, at["mirrorPercentage"]);
        RouteTargetRules.Check(route.Mirror, at["mirror"]);
        for (int i = 0; i < route.Mirrors.Count; i++)
        {
            RouteTargetRules.Check(route.Mirrors[i].Destination, at["mirrors"][i]["destination"]);
            CheckShare("VS-89", route.Mirrors[i].Percentage, at["mirrors"][i]["percentage"]);
        }
    }

    private static void CheckShare(string rule, Percent? percent, Field at) =>
        at["value"].Require(rule, percent is null or { Value: >= 0 and <= 100 }, "must be 0 to 100");

    // Only the first broken rule is told.
    private static void CheckRedirect(HttpRedirect redirect, HttpRoute route, Field at)
    {
        bool prefix = !string.IsNullOrEmpty(redirect.PrefixRewrite);
        bool uri = !string.IsNullOrEmpty(redirect.Uri);
        bool port = redirect.Port is not null || redirect.DerivePort is not null;
        bool any = uri || prefix || port || !string.IsNullOrEmpty(redirect.Authority) || !string.IsNullOrEmpty(redirect.Scheme);
        _ = at["prefixRewrite"].Require("VS-100", !(uri && prefix), "cannot go with uri")
            && at["prefixRewrite"].Require("VS-101", !prefix || route.Match.All(match => match.Uri is null or { Prefix: not null }),
                "needs every uri match of the route to be a prefix")
            && at.Require("VS-102", any, "needs uri, prefixRewrite, authority, port, derivePort or scheme")
            && at["redirectCode"].Require("VS-103", redirect.RedirectCode is 0 or (>= 300 and <= 399), "must be 300 to 399")
            && at["scheme"].Require("VS-104", redirect.Scheme is null or "" or "http" or "https", "must be http or https")
            && at["port"].Require("VS-105", redirect.Port is null or <= 65535, Numbers.PortRange);
    }

    private static void CheckRewrite(HttpRewrite rewrite, Field at)
    {
        bool uri = !string.IsNullOrEmpty(rewrite.Uri);
        RegexRewrite? regex = rewrite.UriRegexRewrite;
        Field place = at["uriRegexRewrite"];
        _ = place.Require("VS-110", !uri || regex is null, "cannot go with uri")
            && at.Require("VS-111", uri || regex is not null || !string.IsNullOrEmpty(rewrite.Authority), "needs uri, uriRegexRewrite or authority")
            && (regex is null
                || (place.Require("VS-112", !string.IsNullOrEmpty(regex.Match) && !string.IsNullOrEmpty(regex.Rewrite), "needs match and rewrite")
                    && place["match"].Check("VS-113", Re2.Problem(regex.Match!))));
    }

    private static void CheckDirectResponse(HttpDirectResponse? response, Field at)
    {
        if (response is null) return;
        at["status"].Check("VS-115", Numbers.StatusProblem(response.Status));
        int size = response.Body switch
        {
            { String: { } text } => System.Text.Encoding.UTF8.GetByteCount(text),
            { Bytes: { } bytes } => Convert.FromBase64String(bytes).Length,
            _ => 0,
        };
        if (at["body"].Require("VS-116", size <= MaxBody, "must not be larger than 1 MiB") && size > LargeBody)
            at["body"].Warning("VS-117", "is larger than 100 KiB, which is much to send to every proxy");
    }
}
