using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Routing;

/// <summary>A compiled route. Exactly one of <see cref="Forward"/>, <see cref="Redirect"/> and <see cref="DirectResponse"/> is set, or none (non-forwarding).</summary>
public sealed class RouteEntry
{
    private readonly HeaderPlan _headers;
    private readonly FilterConfigs _filters;

    internal RouteEntry(RouteMatcher match, HeaderPlan headers, FilterConfigs filters) => (Match, _headers, _filters) = (match, headers, filters);

    /// <summary>The route's name; may be empty.</summary>
    public required string Name { get; init; }

    /// <summary>The virtual host it belongs to.</summary>
    public required VirtualHost VirtualHost { get; init; }

    /// <summary>Its place in the virtual host, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The configuration it was compiled from.</summary>
    public required Route Configuration { get; init; }

    /// <summary>Forwards to a cluster; null for another action.</summary>
    public ForwardAction? Forward { get; init; }

    /// <summary>Redirects the client; null for another action.</summary>
    public RedirectAction? Redirect { get; init; }

    /// <summary>Answers itself; null for another action.</summary>
    public DirectResponse? DirectResponse { get; init; }

    /// <summary>Route metadata; null when there is none.</summary>
    public Metadata? Metadata => Configuration.Metadata;

    /// <summary>Names the span; null for the default.</summary>
    public Decorator? Decorator => Configuration.Decorator;

    /// <summary>True when the route counts under <c>vhost.NAME.route.STAT_PREFIX.</c>; empty when not.</summary>
    public string StatPrefix => Configuration.StatPrefix;

    internal RouteMatcher Match { get; }

    /// <summary>
    /// What was configured for a filter (its name in the connection manager) at the most specific level: weighted cluster, route,
    /// virtual host, route configuration. The object is what the filter's factory parsed; null when nothing was given.
    /// </summary>
    public object? FilterConfig(string filterName, WeightedCluster? weighted = null) => FilterOverride(filterName, weighted)?.Config;

    /// <summary>The same with its <c>disabled</c> mark; null when nothing was given for the filter.</summary>
    public FilterOverride? FilterOverride(string filterName, WeightedCluster? weighted = null) =>
        weighted?.Filters.Find(filterName) ?? _filters.Find(filterName) ?? VirtualHost.Filters.Find(filterName)
        ?? VirtualHost.RouteFilters.Find(filterName);

    /// <summary>The cluster for a request. Allocates nothing unless a header names the cluster.</summary>
    public ClusterChoice ChooseCluster(RequestHead head, ulong random)
    {
        var forward = Forward ?? throw new InvalidOperationException("the route does not forward");
        if (forward.Weighted is { } weighted)
        {
            var entry = weighted.Choose(head.Headers, random);
            return new ClusterChoice(entry.Name ?? head.Headers.GetString(entry.ClusterHeader!), entry);
        }

        return new ClusterChoice(forward.Cluster ?? head.Headers.GetString(forward.ClusterHeader!), null);
    }

    /// <summary>
    /// Request headers of all levels, then host and path rewriting (Envoy: finalizeRequestHeaders). The exchange's
    /// <see cref="HttpExchange.WeightedCluster"/> must be set where there is one. Call once per request, not per attempt.
    /// </summary>
    /// <param name="exchange">The request.</param>
    /// <param name="keepOriginals">False with <c>suppress_envoy_headers</c>: no <c>x-envoy-original-path</c>.</param>
    public void FinalizeRequestHeaders(HttpExchange exchange, bool keepOriginals = true)
    {
        _headers.ApplyToRequest(exchange);
        Forward?.Rewrites.Apply(exchange, this, keepOriginals);
    }

    /// <summary>Response headers of all levels; also for redirects and direct responses.</summary>
    public void FinalizeResponseHeaders(HttpExchange exchange, ResponseHead response) => _headers.ApplyToResponse(exchange, response);

    /// <summary>Sets the host for the chosen endpoint where the route says so (<c>auto_host_rewrite</c>); call per attempt.</summary>
    public void RewriteHostFor(HttpExchange exchange, Clusters.Host host) => Forward?.Rewrites.ApplyHost(exchange, host);
}

/// <summary>What a route level says of one filter.</summary>
/// <param name="Config">What the filter's factory parsed; null with only <paramref name="Disabled"/>.</param>
/// <param name="Disabled">True when the filter is skipped.</param>
public sealed record FilterOverride(object? Config, bool Disabled);
