using Google.Protobuf;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Upstream;

namespace Lateen.Proxy.Http.Router;

/// <summary>What the router filter was configured with.</summary>
internal sealed record RouterOptions
{
    /// <summary>No <c>x-envoy-</c> headers are added.</summary>
    public bool SuppressEnvoyHeaders { get; init; }

    /// <summary><c>x-envoy-expected-rq-timeout-ms</c> of the request is obeyed.</summary>
    public bool RespectExpectedTimeout { get; init; }
}

/// <summary>The router filter: sends the request where its route says (Envoy: <c>envoy.filters.http.router</c>).</summary>
internal sealed class RouterFilter(RouterOptions options, RouterStats stats, IUpstreamConnector connector) : ITerminalHttpFilter
{
    public RouterOptions Options => options;

    public RouterStats Stats => stats;

    public IUpstreamConnector Connector => connector;

    /// <inheritdoc/>
    public ValueTask ForwardAsync(ServerExchange server) => Request(server).RunAsync();

    /// <inheritdoc/>
    public ValueTask FinishAsync(ServerExchange server) => (server.TerminalState as UpstreamRequest)?.FinishAsync() ?? default;

    /// <inheritdoc/>
    public void Release(ServerExchange server) => (server.TerminalState as UpstreamRequest)?.Release();

    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange) => new(FilterStatus.Continue);

    /// <inheritdoc/>
    public void OnResponse(HttpExchange exchange, ResponseHead head)
    {
    }

    /// <inheritdoc/>
    public void OnComplete(HttpExchange exchange)
    {
    }

    private UpstreamRequest Request(ServerExchange server)
    {
        var request = server.TerminalState as UpstreamRequest ?? new UpstreamRequest(this, server);
        server.TerminalState = request;
        return request;
    }
}

/// <summary>The router's own counters below <c>http.STAT_PREFIX.</c>.</summary>
internal sealed class RouterStats(StatsStore store, string statPrefix)
{
    private readonly string _prefix = $"http.{statPrefix.Replace(':', '_')}.";

    public Counter NoRoute => field ??= store.Counter(_prefix + "no_route");

    public Counter NoCluster => field ??= store.Counter(_prefix + "no_cluster");

    public Counter Redirects => field ??= store.Counter(_prefix + "rq_redirect");

    public Counter DirectResponses => field ??= store.Counter(_prefix + "rq_direct_response");

    public Counter Requests => field ??= store.Counter(_prefix + "rq_total");

    public Counter ResetAfterResponseStarted => field ??= store.Counter(_prefix + "rq_reset_after_downstream_response_started");
}

/// <summary>Builds the router filter.</summary>
public sealed class RouterFilterFactory : IHttpFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["envoy.extensions.filters.http.router.v3.Router"];

    /// <inheritdoc/>
    public IHttpFilter Create(ByteString configuration, FilterContext context)
    {
        var proto = Envoy.Extensions.Filters.Http.Router.V3.Router.Parser.ParseFrom(configuration);
        if (proto.UpstreamLog.Count > 0)
        {
            context.Ignore("Router.upstream_log");
        }

        if (proto.StrictCheckHeaders.Count > 0)
        {
            context.Ignore("Router.strict_check_headers");
        }

        if (proto.UpstreamHttpFilters.Count > 0)
        {
            throw new Configuration.ConfigurationException("upstream_http_filters", "not supported");
        }

        var options = new RouterOptions
        {
            SuppressEnvoyHeaders = proto.SuppressEnvoyHeaders,
            RespectExpectedTimeout = proto.RespectExpectedRqTimeout,
        };
        var stats = new RouterStats(context.Services.Stats, context.StatPrefix);
        return new RouterFilter(options, stats, context.Services.UpstreamConnector);
    }

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) =>
        throw new Configuration.ConfigurationException("", "the router takes no configuration per route");
}
