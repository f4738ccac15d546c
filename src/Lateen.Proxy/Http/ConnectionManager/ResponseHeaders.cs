using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>The last work on a response's head before it goes to the client (Envoy: connection manager, response headers).</summary>
internal sealed class ResponseHeaders(ConnectionManagerOptions options)
{
    // RFC 1123 dates are 29 bytes; one loop uses this object.
    private readonly byte[] _date = new byte[29];
    private long _dateSecond = -1;

    public void Finish(HttpExchange exchange, ResponseHead head, bool upgraded)
    {
        var headers = head.Headers;
        if (!headers.Contains(HeaderNames.Date))
        {
            headers.Add(HeaderNames.Date, Date(exchange.Loop));
        }

        if (options.ServerHeader == ServerHeaderMode.Overwrite
            || options.ServerHeader == ServerHeaderMode.AppendIfAbsent && !headers.Contains(HeaderNames.Server))
        {
            headers.Set(HeaderNames.Server, options.ServerName);
        }

        RemoveHopByHop(headers, upgraded);
        if (options.Via is { } via)
        {
            RequestConditioner.AppendVia(headers, via);
        }

        if (options.AlwaysSetRequestIdInResponse && exchange.Request.Headers.TryGet(HeaderNames.RequestId, out var id))
        {
            headers.Set(HeaderNames.RequestId, id);
        }
    }

    private static void RemoveHopByHop(HeaderMap headers, bool upgraded)
    {
        for (var i = headers.Count - 1; i >= 0; i--)
        {
            var id = headers.KnownIdAt(i);
            if (id < 0)
            {
                continue;
            }

            if (id == HeaderNames.KeepAlive.Id
                || id == HeaderNames.ProxyConnection.Id
                || id == HeaderNames.TransferEncoding.Id
                || !upgraded && (id == HeaderNames.Connection.Id || id == HeaderNames.Upgrade.Id))
            {
                headers.RemoveAt(i);
            }
        }
    }

    private ReadOnlySpan<byte> Date(IEventLoop loop)
    {
        var now = loop.Time.GetUtcNow();
        var second = now.Ticks / TimeSpan.TicksPerSecond;
        if (second != _dateSecond)
        {
            now.TryFormat(_date, out _, "r");
            _dateSecond = second;
        }

        return _date;
    }
}
