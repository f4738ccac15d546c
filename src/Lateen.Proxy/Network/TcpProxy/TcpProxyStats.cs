using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Network.TcpProxy;

/// <summary>Metrics of a TCP proxy (Envoy: <c>tcp.&lt;stat_prefix&gt;.*</c>).</summary>
internal sealed class TcpProxyStats(StatsStore stats, string prefix)
{
    public Counter Connections { get; } = stats.Counter(prefix + "downstream_cx_total");

    public Counter NoRoute { get; } = stats.Counter(prefix + "downstream_cx_no_route");

    public Counter BytesReceived { get; } = stats.Counter(prefix + "downstream_cx_rx_bytes_total");

    public Counter BytesSent { get; } = stats.Counter(prefix + "downstream_cx_tx_bytes_total");

    public Counter IdleTimeout { get; } = stats.Counter(prefix + "idle_timeout");

    public Counter MaxDuration { get; } = stats.Counter(prefix + "max_downstream_connection_duration");
}
