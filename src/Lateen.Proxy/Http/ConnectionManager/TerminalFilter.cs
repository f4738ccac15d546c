namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>The last filter of a chain: it produces the response.</summary>
internal interface ITerminalHttpFilter : IHttpFilter
{
    /// <summary>Answers the exchange, by an upstream's response or a local reply.</summary>
    /// <exception cref="IOException">The client's connection failed.</exception>
    ValueTask ForwardAsync(ServerExchange server);

    /// <summary>The response is complete or given up; after this nothing of the request is read or sent.</summary>
    ValueTask FinishAsync(ServerExchange server);

    /// <summary>The exchange is over and logged: what the response's head and trailers were lent from may be given back.</summary>
    void Release(ServerExchange server);
}

/// <summary>One configured filter.</summary>
/// <param name="Name">Its configured name: the key of per-route configuration.</param>
/// <param name="Filter">The filter.</param>
/// <param name="Disabled">True when only a route's configuration turns it on.</param>
internal sealed record FilterEntry(string Name, IHttpFilter Filter, bool Disabled)
{
    /// <summary>True when this exchange's route turns the filter off, or does not turn it on.</summary>
    public bool IsSkippedFor(HttpExchange exchange) => exchange.Route?.FilterOverride(Name, exchange.WeightedCluster)?.Disabled ?? Disabled;
}

/// <summary>The filters of a connection manager in order, and the last one.</summary>
internal sealed record ConnectionManagerFilters(FilterEntry[] Entries, ITerminalHttpFilter Terminal);
