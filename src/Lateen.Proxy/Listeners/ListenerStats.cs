using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Listeners;

/// <summary>Metrics of a listener (Envoy: <c>listener.&lt;address&gt;.*</c>).</summary>
internal sealed class ListenerStats(StatsStore stats, string prefix)
{
    /// <summary>The prefix with its dot.</summary>
    public string Prefix { get; } = prefix;

    public Counter Connections { get; } = stats.Counter(prefix + "downstream_cx_total");

    public Counter Destroyed { get; } = stats.Counter(prefix + "downstream_cx_destroy");

    public Gauge Active { get; } = stats.Gauge(prefix + "downstream_cx_active");

    public Histogram Length { get; } = stats.Histogram(prefix + "downstream_cx_length_ms");

    public Counter Overflow { get; } = stats.Counter(prefix + "downstream_cx_overflow");

    public Counter HandshakeTimeout { get; } = stats.Counter(prefix + "downstream_cx_transport_socket_connect_timeout");

    public Counter InspectTimeout { get; } = stats.Counter(prefix + "downstream_pre_cx_timeout");

    public Gauge Inspecting { get; } = stats.Gauge(prefix + "downstream_pre_cx_active");

    public Counter NoFilterChain { get; } = stats.Counter(prefix + "no_filter_chain_match");

    public Counter FilterRemoteClose { get; } = stats.Counter(prefix + "downstream_listener_filter_remote_close");

    public Counter FilterError { get; } = stats.Counter(prefix + "downstream_listener_filter_error");

    public Counter SecretsNotReady { get; } = stats.Counter(prefix + "server_ssl_socket_factory.downstream_context_secrets_not_ready");
}
