namespace Lateen.Proxy.Http;

/// <summary>What a filter decided about a request.</summary>
public enum FilterStatus
{
    /// <summary>Go on with the next filter.</summary>
    Continue,

    /// <summary>A local reply was set on the exchange (<see cref="HttpExchange.Reply"/>); no further filter sees the request.</summary>
    Replied,
}

/// <summary>
/// An HTTP filter. One object serves all requests of a listener's filter chain; state of a request lives in the exchange. Filters see
/// the project's own types only and are tested without a socket.
/// </summary>
public interface IHttpFilter
{
    /// <summary>A request's head, in configured order. May wait; completing at once costs nothing.</summary>
    ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange);

    /// <summary>A response's head, upstream's or a local reply's, in reverse order.</summary>
    void OnResponse(HttpExchange exchange, ResponseHead head);

    /// <summary>The exchange is over, in configured order; its facts are final. For statistics.</summary>
    void OnComplete(HttpExchange exchange);
}
