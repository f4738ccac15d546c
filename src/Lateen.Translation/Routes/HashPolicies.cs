using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using HashPolicy = Envoy.Config.Route.V3.RouteAction.Types.HashPolicy;

namespace Lateen.Translation.Routes;

/// <summary>What of a request a consistent-hash load balancer looks at.</summary>
internal static class HashPolicies
{
    public static HashPolicy? Policy(LoadBalancerSettings? loadBalancer) => loadBalancer?.ConsistentHash switch
    {
        { HttpHeaderName: { } header } => new HashPolicy { Header = new HashPolicy.Types.Header { HeaderName = header } },
        { HttpCookie: { } cookie } => new HashPolicy { Cookie = Cookie(cookie) },
        { UseSourceIp: { } source } =>
            new HashPolicy { ConnectionProperties = new HashPolicy.Types.ConnectionProperties { SourceIp = source } },
        { HttpQueryParameterName: { } name } => new HashPolicy { QueryParameter = new HashPolicy.Types.QueryParameter { Name = name } },
        _ => null,
    };

    private static HashPolicy.Types.Cookie Cookie(HttpCookie cookie)
    {
        var result = new HashPolicy.Types.Cookie { Name = cookie.Name, Path = cookie.Path ?? "" };
        if (cookie.Ttl is { } ttl) result.Ttl = ttl.Value.ToProto();
        result.Attributes.Add(cookie.Attributes.Select(attribute =>
            new HashPolicy.Types.CookieAttribute { Name = attribute.Name, Value = attribute.Value ?? "" }));
        return result;
    }
}
