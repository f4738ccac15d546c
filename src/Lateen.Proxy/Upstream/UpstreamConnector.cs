using Lateen.Proxy.Clusters;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Upstream;

/// <summary>Connects to hosts over TCP or UNIX sockets, and through the cluster's transport socket where it has one.</summary>
public sealed class UpstreamConnector : IUpstreamConnector
{
    /// <inheritdoc/>
    public async ValueTask<Transport> ConnectAsync(IEventLoop loop, Host host, UpstreamTransport transport, UpstreamTlsOverride tls)
    {
        var model = host.Cluster.Model;
        var begin = loop.NowMilliseconds;
        var connected = await Connector.ConnectAsync(loop, host.Address, model.ConnectTimeout, Options(model));
        if (transport.Socket is not IUpstreamTransportSocket socket)
        {
            return connected;
        }

        // One limit for connecting and the handshake together.
        var left = model.ConnectTimeout - TimeSpan.FromMilliseconds(loop.NowMilliseconds - begin);
        return await socket.SecureAsync(connected, host, tls, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
    }

    private static ConnectOptions? Options(ClusterModel model) => model.SourceAddress is null && model.TcpKeepalive is null
        ? null
        : new ConnectOptions { BindAddress = model.SourceAddress, KeepAlive = KeepAlive(model.TcpKeepalive) };

    private static KeepAliveOptions? KeepAlive(Envoy.Config.Core.V3.TcpKeepalive? proto) => proto is null
        ? null
        : new KeepAliveOptions
        {
            Time = (int?)proto.KeepaliveTime,
            Interval = (int?)proto.KeepaliveInterval,
            Probes = (int?)proto.KeepaliveProbes,
        };
}
