using Lateen.Proxy.Codecs.Http1;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>
/// The terminal network filter that speaks HTTP with clients (Envoy: <c>envoy.filters.network.http_connection_manager</c>). Immutable;
/// serves all connections of a filter chain on all loops.
/// </summary>
internal sealed class HttpConnectionManager : ITerminalNetworkFilter
{
    private readonly IClusterDirectory _clusters;
    private readonly RouteTable? _inline;
    private readonly IRouteSource? _routes;
    private readonly LoopWork[] _work;

    public HttpConnectionManager(
        ConnectionManagerOptions options,
        ConnectionManagerFilters filters,
        ProxyServices services,
        IAccessLog? accessLog,
        RouteTable? inline,
        IRouteSource? routes)
    {
        Options = options;
        Filters = filters;
        AccessLog = accessLog;
        Stats = new ConnectionManagerStats(services.Stats, options.StatPrefix);
        _clusters = services.Clusters;
        _inline = inline;
        _routes = routes;
        _work = [.. services.Loops.Select(_ => new LoopWork(new RequestConditioner(options), new ResponseHeaders(options)))];
    }

    public ConnectionManagerOptions Options { get; }

    public ConnectionManagerFilters Filters { get; }

    public IAccessLog? AccessLog { get; }

    public ConnectionManagerStats Stats { get; }

    /// <summary>What the connections of one loop share.</summary>
    public LoopWork WorkOf(IEventLoop loop) => _work[loop.Index];

    /// <summary>Finds virtual host, route and cluster of a request; the table is read once per request.</summary>
    public void SelectRoute(HttpExchange exchange)
    {
        var table = _inline ?? _routes?.Current;
        exchange.Routes = table;
        if (table is null)
        {
            return;
        }

        if (!exchange.IsInternal)
        {
            foreach (var name in table.InternalOnlyHeaders)
            {
                exchange.Request.Headers.Remove(name);
            }
        }

        var selected = table.Select(exchange.Request, new RouteInput(exchange.RandomValue, exchange.Downstream, exchange.IsInternal));
        exchange.VirtualHost = selected.VirtualHost;
        exchange.Route = selected.Route;
        if (selected.Route is not { } route)
        {
            return;
        }

        exchange.RouteName = route.Name;
        if (route.Forward is null)
        {
            return;
        }

        var choice = route.ChooseCluster(exchange.Request, exchange.RandomValue);
        exchange.WeightedCluster = choice.Weighted;
        exchange.ClusterName = choice.Name;
        exchange.Cluster = choice.Name is null ? null : _clusters.Find(choice.Name);
    }

    /// <inheritdoc/>
    public async ValueTask ServeAsync(NetworkConnection connection)
    {
        var tls = connection.Transport.Info.Tls is not null;
        var server = new ServerConnection(this, connection);
        Stats.ConnectionsTotal.Increment();
        Stats.ConnectionsHttp1Total.Increment();
        Stats.ConnectionsActive.Increment();
        Stats.ConnectionsHttp1Active.Increment();
        if (tls)
        {
            Stats.ConnectionsTlsTotal.Increment();
            Stats.ConnectionsTlsActive.Increment();
        }

        var begin = server.Loop.Time.GetTimestamp();
        var codec = new Http1ServerConnection(connection.Transport, Options.Http1, server);
        connection.DrainCallback = codec.Drain;
        if (connection.Draining)
        {
            codec.Drain();
        }

        try
        {
            await codec.RunAsync();
        }
        finally
        {
            server.Stop();
            Stats.ConnectionLength.Record(server.Loop.Time.GetElapsedTime(begin).TotalMilliseconds);
            Stats.ConnectionsActive.Decrement();
            Stats.ConnectionsHttp1Active.Decrement();
            Stats.ConnectionsDestroyed.Increment();
            if (codec.End == Http1ConnectionEnd.IdleTimeout)
            {
                Stats.ConnectionsIdle.Increment();
            }

            if (tls)
            {
                Stats.ConnectionsTlsActive.Decrement();
            }
        }
    }
}

/// <summary>The parts of a connection manager that keep buffers: one set per loop.</summary>
internal sealed record LoopWork(RequestConditioner Conditioner, ResponseHeaders ResponseHeaders);
