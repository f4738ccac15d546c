using Lateen.Proxy.Clusters;
using Lateen.Proxy.Codecs.Http1;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Upstream;

/// <summary>One connection of a pool.</summary>
internal sealed class PooledConnection : IHttp1ClientOwner
{
    private readonly ConnectionPool _pool;
    private readonly Http1ClientConnection _codec;

    public PooledConnection(ConnectionPool pool, Transport transport, ClusterModel model)
    {
        _pool = pool;
        Since = transport.Loop.NowMilliseconds;
        _codec = new Http1ClientConnection(transport, Options(model.Http), this);
    }

    /// <summary>Place among the busy ones; −1 while idle.</summary>
    public int BusyIndex { get; set; } = -1;

    /// <summary>Loop time at which it was made.</summary>
    public long Since { get; }

    /// <summary>Loop time since which it is idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>Takes no further exchange.</summary>
    public bool CloseAfter { get; set; }

    /// <summary>True when we closed it while it was idle.</summary>
    public bool ClosedByUs { get; private set; }

    /// <summary>True when the host has closed it and the codec was not told yet.</summary>
    public bool PeerClosed => _codec.Transport.PeerClosed;

    /// <summary>Exchanges so far.</summary>
    public long Requests => _codec.Exchanges;

    public ClientStream Begin() => _codec.Begin();

    public void WatchIdle() => _codec.WatchIdle();

    public void Close()
    {
        ClosedByUs = !PeerClosed;
        _codec.Close();
    }

    /// <inheritdoc/>
    public void OnIdle(Http1ClientConnection connection) => _pool.OnIdle(this);

    /// <inheritdoc/>
    public void OnClosed(Http1ClientConnection connection) => _pool.OnClosed(this);

    private static Http1ClientOptions Options(UpstreamHttpOptions http) => new()
    {
        Limits = new Http1Limits { HeadBytes = http.MaxResponseHeadersKilobytes * 1024, Headers = http.MaxHeadersCount },
        EnableTrailers = http.Http1?.EnableTrailers ?? false,
        AllowChunkedLength = http.Http1?.AllowChunkedLength ?? false,
    };
}
