using Lateen.Proxy.Http;
using Proto = Envoy.Config.Route.V3.VirtualHost;

namespace Lateen.Proxy.Routing;

/// <summary>A compiled virtual host.</summary>
public sealed class VirtualHost
{
    private readonly bool _ignorePathParameters;
    private RouteIndex _index = RouteIndex.Empty;

    internal VirtualHost(FilterConfigs filters, FilterConfigs routeFilters, bool ignorePathParameters) =>
        (Filters, RouteFilters, _ignorePathParameters) = (filters, routeFilters, ignorePathParameters);

    /// <summary>The virtual host's name.</summary>
    public required string Name { get; init; }

    /// <summary>The configuration it was compiled from.</summary>
    public required Proto Configuration { get; init; }

    /// <summary>Routes in their order.</summary>
    public IReadOnlyList<RouteEntry> Routes => _index.Routes;

    /// <summary>True when each attempt tells the host its number in <c>x-envoy-attempt-count</c>.</summary>
    public bool IncludeRequestAttemptCount => Configuration.IncludeRequestAttemptCount;

    /// <summary>True when the response tells the client the number of attempts.</summary>
    public bool IncludeAttemptCountInResponse => Configuration.IncludeAttemptCountInResponse;

    /// <summary>True when retries after a time-out are marked by <c>x-envoy-is-timeout-retry</c>.</summary>
    public bool IncludeIsTimeoutRetryHeader => Configuration.IncludeIsTimeoutRetryHeader;

    internal FilterConfigs Filters { get; }

    /// <summary>The route configuration's filter configurations.</summary>
    internal FilterConfigs RouteFilters { get; }

    /// <summary>The redirect that stands for every route when TLS is required and absent; null when it is not required.</summary>
    internal RouteEntry? TlsRedirect { get; set; }

    internal void SetRoutes(IReadOnlyList<RouteEntry> routes) => _index = RouteIndex.Build(routes);

    internal RouteEntry? Select(RequestHead head, in RouteInput input, IRouteTrace? trace)
    {
        if (TlsRedirect is not null && NeedsTls(head, input))
        {
            trace?.OnRoute(TlsRedirect, null);
            return TlsRedirect;
        }

        var context = new MatchContext(head, input, _ignorePathParameters);
        return trace is null ? _index.Find(context) : _index.FindLinearly(context, trace);
    }

    private bool NeedsTls(RequestHead head, in RouteInput input) =>
        Configuration.RequireTls switch
        {
            Proto.Types.TlsRequirementType.All => !IsHttps(head),
            Proto.Types.TlsRequirementType.ExternalOnly => !input.IsInternal && !IsHttps(head),
            _ => false,
        };

    private static bool IsHttps(RequestHead head) => head.Headers.Get(HeaderNames.ForwardedProto).SequenceEqual("https"u8);
}
