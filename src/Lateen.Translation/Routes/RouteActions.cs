using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using ClusterWeight = Envoy.Config.Route.V3.WeightedCluster.Types.ClusterWeight;
using MirrorPolicy = Envoy.Config.Route.V3.RouteAction.Types.RequestMirrorPolicy;
using RedirectCode = Envoy.Config.Route.V3.RedirectAction.Types.RedirectResponseCode;

namespace Lateen.Translation.Routes;

/// <summary>What a VirtualService's HTTP route does with a request: redirect beats direct response beats forwarding.</summary>
internal static class RouteActions
{
    public static void Apply(Route route, HttpRoute rule, RouteScope scope)
    {
        HeaderMutations.Apply(
            rule.Headers,
            route.RequestHeadersToAdd, route.RequestHeadersToRemove, route.ResponseHeadersToAdd, route.ResponseHeadersToRemove);
        if (rule.Redirect is { } redirect) route.Redirect = Redirect(redirect, scope);
        else if (rule.DirectResponse is { } response) route.DirectResponse = DirectResponse(response);
        else route.Route_ = Forward(route, rule, scope);
    }

    /// <summary>Forwarding to one cluster with the defaults of a route that no VirtualService shapes.</summary>
    public static RouteAction Default(string cluster, RouteScope scope, LoadBalancerSettings? loadBalancer)
    {
        var action = new RouteAction { Cluster = cluster };
        SetTimeout(action, null);
        AddHashPolicy(action, loadBalancer);
        if (Retries.Policy(scope.View.Mesh.DefaultHttpRetryPolicy, loadBalancer?.ConsistentHash is not null) is { } policy)
            action.RetryPolicy = policy;
        return action;
    }

    private static RouteAction Forward(Route route, HttpRoute rule, RouteScope scope)
    {
        var action = new RouteAction();
        SetTimeout(action, rule.Timeout?.Value);
        SetRewrite(action, rule);
        AddMirrors(action, rule, scope);
        var hashed = SetClusters(route, action, rule, scope);
        if (Retries.Policy(rule.Retries ?? scope.View.Mesh.DefaultHttpRetryPolicy, hashed && rule.Route.Count == 1) is { } policy)
            action.RetryPolicy = policy;
        return action;
    }

    /// <summary>No timeout in the rule means none at all, also none of those a gRPC client asks for.</summary>
    private static void SetTimeout(RouteAction action, TimeSpan? timeout)
    {
        action.Timeout = (timeout ?? TimeSpan.Zero).ToProto();
        action.MaxGrpcTimeout = action.Timeout.Clone();
    }

    private static void SetRewrite(RouteAction action, HttpRoute rule)
    {
        if (rule.Rewrite is { UriRegexRewrite: { } regex })
        {
            action.RegexRewrite = new RegexMatchAndSubstitute
            {
                Pattern = new RegexMatcher { Regex = regex.Match ?? "" },
                Substitution = regex.Rewrite ?? "",
            };
        }
        else if (rule.Rewrite?.Uri is { Length: > 0 } uri)
        {
            action.PrefixRewrite = uri;
        }
        if (rule.Rewrite?.Authority is { Length: > 0 } authority) action.HostRewriteLiteral = authority;
        else if (HeaderMutations.Authority(rule.Headers) is { } host) action.HostRewriteLiteral = host;
    }

    private static void AddMirrors(RouteAction action, HttpRoute rule, RouteScope scope)
    {
        if (rule.Mirror is { } mirror && MirrorShare(rule) is { } share) action.RequestMirrorPolicies.Add(Mirror(mirror, share));
        foreach (var policy in rule.Mirrors)
        {
            var percent = policy.Percentage?.Value ?? 100;
            if (percent > 0) action.RequestMirrorPolicies.Add(Mirror(policy.Destination, RouteFilters.Millionths(percent)));
        }

        MirrorPolicy Mirror(Destination destination, Envoy.Type.V3.FractionalPercent fraction) => new()
        {
            Cluster = scope.ClusterOf(destination),
            RuntimeFraction = new RuntimeFractionalPercent { DefaultValue = fraction },
            TraceSampled = false,
            DisableShadowHostSuffixAppend = true,
        };
    }

    private static Envoy.Type.V3.FractionalPercent? MirrorShare(HttpRoute rule) => rule switch
    {
        { MirrorPercentage: { } percentage } => percentage.Value > 0 ? RouteFilters.Millionths(percentage.Value) : null,
        { MirrorPercent: { } percent } => percent > 0 ? RouteFilters.Hundredths(percent) : null,
        _ => RouteFilters.Hundredths(100),
    };

    /// <returns>Whether a destination is chosen by hash.</returns>
    private static bool SetClusters(Route route, RouteAction action, HttpRoute rule, RouteScope scope)
    {
        var hashed = false;
        var weighted = new List<ClusterWeight>();
        foreach (var target in rule.Route)
        {
            if (rule.Route.Count > 1 && target.Weight == 0) continue;
            var cluster = scope.ClusterOf(target.Destination);
            hashed |= AddHashPolicy(action, scope.View.Policy(cluster)?.LoadBalancer);
            if (rule.Route.Count == 1) SetCluster(route, action, cluster, target.Headers);
            else weighted.Add(Weighted(cluster, target));
        }
        if (weighted.Count > 0) action.WeightedClusters = new WeightedCluster { Clusters = { weighted } };
        // One route to nowhere would make the proxy refuse the whole route configuration.
        else if (!action.HasCluster) action.Cluster = ClusterName.UnknownService;
        return hashed;
    }

    private static void SetCluster(Route route, RouteAction action, string cluster, Headers? headers)
    {
        action.Cluster = cluster;
        HeaderMutations.Apply(
            headers, route.RequestHeadersToAdd, route.RequestHeadersToRemove, route.ResponseHeadersToAdd, route.ResponseHeadersToRemove);
        if (HeaderMutations.Authority(headers) is { } authority && !action.HasHostRewriteLiteral) action.HostRewriteLiteral = authority;
    }

    private static ClusterWeight Weighted(string cluster, HttpRouteDestination target)
    {
        var weight = new ClusterWeight { Name = cluster, Weight = (uint)target.Weight };
        HeaderMutations.Apply(
            target.Headers,
            weight.RequestHeadersToAdd, weight.RequestHeadersToRemove, weight.ResponseHeadersToAdd, weight.ResponseHeadersToRemove);
        if (HeaderMutations.Authority(target.Headers) is { } authority) weight.HostRewriteLiteral = authority;
        return weight;
    }

    private static bool AddHashPolicy(RouteAction action, LoadBalancerSettings? loadBalancer)
    {
        if (HashPolicies.Policy(loadBalancer) is not { } policy) return false;
        action.HashPolicy.Add(policy);
        return true;
    }

    private static RedirectAction Redirect(HttpRedirect redirect, RouteScope scope)
    {
        var action = new RedirectAction
        {
            HostRedirect = redirect.Authority ?? "",
            ResponseCode = redirect.RedirectCode switch
            {
                302 => RedirectCode.Found,
                303 => RedirectCode.SeeOther,
                307 => RedirectCode.TemporaryRedirect,
                308 => RedirectCode.PermanentRedirect,
                _ => RedirectCode.MovedPermanently,
            },
        };
        if (redirect.PrefixRewrite is { } prefix) action.PrefixRewrite = prefix;
        else if (redirect.Uri is { } uri) action.PathRedirect = uri;
        if (!string.IsNullOrEmpty(redirect.Scheme)) action.SchemeRedirect = redirect.Scheme;
        if (redirect.Port is { } port) action.PortRedirect = port;
        else if (redirect.DerivePort == RedirectPortSelection.FromRequestPort) action.PortRedirect = RequestPort(redirect, scope);
        return action;
    }

    /// <summary>Envoy cannot derive a port: it is the listener's, left out where the scheme implies it.</summary>
    private static uint RequestPort(HttpRedirect redirect, RouteScope scope)
    {
        var scheme = string.IsNullOrEmpty(redirect.Scheme) ? scope.Tls ? "https" : "http" : redirect.Scheme;
        return (scheme, scope.Port) is ("http", 80) or ("https", 443) ? 0 : (uint)scope.Port;
    }

    private static DirectResponseAction DirectResponse(HttpDirectResponse response)
    {
        var action = new DirectResponseAction { Status = response.Status };
        if (response.Body is { String: { } text }) action.Body = new DataSource { InlineString = text };
        else if (response.Body is { Bytes: { } base64 }) action.Body = new DataSource { InlineBytes = ByteString.FromBase64(base64) };
        return action;
    }
}
