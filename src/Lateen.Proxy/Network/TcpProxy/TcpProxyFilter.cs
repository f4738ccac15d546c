using System.Net;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Network.TcpProxy;

/// <summary>
/// Passes the bytes of a connection to a host of a cluster and back. The upstream connection is made at once; nothing is read from the
/// client before it stands.
/// </summary>
internal sealed class TcpProxyFilter(TcpProxyOptions options, TcpProxyStats stats, ProxyServices services) : ITerminalNetworkFilter
{
    /// <summary>Filter state in which a filter before names the cluster.</summary>
    public const string ClusterState = "envoy.tcp_proxy.cluster";

    /// <inheritdoc/>
    public async ValueTask ServeAsync(NetworkConnection connection)
    {
        stats.Connections.Increment();
        var info = connection.Info;
        try
        {
            if (ChooseCluster(info) is { } chosen && await ConnectAsync(connection, chosen) is { } upstream)
            {
                await RelayAsync(connection, upstream);
            }
        }
        finally
        {
            info.Times.End = info.Loop.Time.GetTimestamp();
            options.AccessLog?.Log(info);
        }
    }

    private TcpCluster? ChooseCluster(TcpStreamInfo info)
    {
        var chosen = info.GetFilterState(ClusterState) is string name
            ? new TcpCluster(name, 1, null)
            : options.Clusters.Choose(info.Loop.Random);
        info.ClusterName = chosen.Name;
        info.Cluster = services.Clusters.Find(chosen.Name);
        if (info.Cluster is not null)
        {
            return chosen;
        }

        stats.NoRoute.Increment();
        info.Flags |= ResponseFlags.NoClusterFound;
        return null;
    }

    private async ValueTask<Transport?> ConnectAsync(NetworkConnection connection, TcpCluster chosen)
    {
        var info = connection.Info;
        var cluster = info.Cluster!;
        var limit = cluster.CircuitBreakers.For(Envoy.Config.Core.V3.RoutingPriority.Default).Connections;
        List<Host>? attempted = null;
        while (info.UpstreamAttempts < options.MaxConnectAttempts)
        {
            if (cluster.Pick(Context(info, chosen, attempted)) is not { } host)
            {
                info.Flags |= ResponseFlags.NoHealthyUpstream;
                return null;
            }

            if (!limit.TryAcquire())
            {
                cluster.Stats.UpstreamCxOverflow.Increment();
                info.Flags |= ResponseFlags.UpstreamOverflow;
                return null;
            }

            info.UpstreamAttempts++;
            info.UpstreamHost = host;
            if (await TryConnectAsync(info, host) is { } upstream)
            {
                return upstream;
            }

            limit.Release();
            (attempted ??= []).Add(host);
            if (connection.Transport.PeerClosed)
            {
                return null;
            }
        }

        cluster.Stats.UpstreamCxConnectAttemptsExceeded.Increment();
        info.Flags |= ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamRetryLimitExceeded;
        return null;
    }

    private LoadBalancerContext Context(TcpStreamInfo info, TcpCluster chosen, List<Host>? attempted) => new()
    {
        Random = info.Loop.Random,
        Downstream = info.Downstream,
        MetadataMatch = chosen.MetadataMatch,
        Attempted = attempted,
        Hash = options.HashBySourceAddress && info.Downstream.RemoteAddress is IPEndPoint ip ? XxHash64.Hash(ip.Address.GetAddressBytes()) : null,
    };

    private async ValueTask<Transport?> TryConnectAsync(TcpStreamInfo info, Host host)
    {
        var cluster = host.Cluster;
        var begin = info.Loop.Time.GetTimestamp();
        cluster.Stats.UpstreamCxTotal.Increment();
        cluster.Stats.UpstreamCxActive.Increment();
        host.Stats.ConnectionStarted();
        try
        {
            var upstream = await services.UpstreamConnector.ConnectAsync(info.Loop, host, host.Transport, default);
            cluster.Stats.UpstreamCxConnectMs.Record(info.Loop.Time.GetElapsedTime(begin).TotalMilliseconds);
            cluster.Outliers?.Report(host, LocalOriginEvent.ConnectSuccessFinal);
            info.Upstream = upstream.Info;
            return upstream;
        }
        catch (TransportException e)
        {
            info.UpstreamTransportFailure = e.Message;
            host.Stats.ConnectionEnded(connected: false);
            cluster.Stats.UpstreamCxActive.Decrement();
            cluster.Stats.UpstreamCxConnectFail.Increment();
            if (e.IsTimeout)
            {
                cluster.Stats.UpstreamCxConnectTimeout.Increment();
            }

            cluster.Outliers?.Report(host, e.IsTimeout ? LocalOriginEvent.Timeout : LocalOriginEvent.ConnectFailed);
            return null;
        }
    }

    private async ValueTask RelayAsync(NetworkConnection connection, Transport upstream)
    {
        var info = connection.Info;
        var host = info.UpstreamHost!;
        var cluster = info.Cluster!;
        var begin = info.Loop.Time.GetTimestamp();
        host.Stats.RequestStarted();
        if (options.LogOnConnected)
        {
            options.AccessLog?.Log(info);
        }

        try
        {
            var relay = new TcpRelay(connection, upstream, options, stats);
            await relay.RunAsync();
        }
        finally
        {
            upstream.Close();
            host.Stats.RequestEnded();
            host.Stats.ConnectionEnded(connected: true);
            cluster.CircuitBreakers.For(Envoy.Config.Core.V3.RoutingPriority.Default).Connections.Release();
            cluster.Stats.UpstreamCxActive.Decrement();
            cluster.Stats.UpstreamCxDestroy.Increment();
            cluster.Stats.UpstreamCxRxBytesTotal.Add(info.BytesSent);
            cluster.Stats.UpstreamCxTxBytesTotal.Add(info.BytesReceived);
            cluster.Stats.UpstreamCxLengthMs.Record(info.Loop.Time.GetElapsedTime(begin).TotalMilliseconds);
        }
    }
}
