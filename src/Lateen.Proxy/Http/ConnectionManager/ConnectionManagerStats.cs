using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>The metrics below <c>http.STAT_PREFIX.</c> (Envoy: HTTP connection manager statistics).</summary>
internal sealed class ConnectionManagerStats
{
    private readonly Counter[] _groups = new Counter[6];

    public ConnectionManagerStats(StatsStore store, string statPrefix)
    {
        Store = store;
        Prefix = $"http.{statPrefix.Replace(':', '_')}.";
        for (var group = 1; group <= 5; group++)
        {
            _groups[group] = store.Counter($"{Prefix}downstream_rq_{group}xx");
        }

        ConnectionsTotal = Counter("downstream_cx_total");
        ConnectionsActive = Gauge("downstream_cx_active");
        ConnectionsHttp1Total = Counter("downstream_cx_http1_total");
        ConnectionsHttp1Active = Gauge("downstream_cx_http1_active");
        ConnectionsTlsTotal = Counter("downstream_cx_ssl_total");
        ConnectionsTlsActive = Gauge("downstream_cx_ssl_active");
        ConnectionsDestroyed = Counter("downstream_cx_destroy");
        ConnectionsDestroyedRemoteActive = Counter("downstream_cx_destroy_remote_active_rq");
        ConnectionsDrained = Counter("downstream_cx_drain_close");
        ConnectionsIdle = Counter("downstream_cx_idle_timeout");
        ConnectionsMaxDuration = Counter("downstream_cx_max_duration_reached");
        ConnectionsMaxRequests = Counter("downstream_cx_max_requests_reached");
        ConnectionsProtocolError = Counter("downstream_cx_protocol_error");
        ConnectionLength = store.Histogram(Prefix + "downstream_cx_length_ms");
        RequestsTotal = Counter("downstream_rq_total");
        RequestsHttp1 = Counter("downstream_rq_http1_total");
        RequestsActive = Gauge("downstream_rq_active");
        RequestsCompleted = Counter("downstream_rq_completed");
        RequestTime = store.Histogram(Prefix + "downstream_rq_time");
        RequestsIdle = Counter("downstream_rq_idle_timeout");
        RequestsTimeout = Counter("downstream_rq_timeout");
        RequestsMaxDuration = Counter("downstream_rq_max_duration_reached");
        RequestsReset = Counter("downstream_rq_rx_reset");
        RequestsAnsweredEarly = Counter("downstream_rq_response_before_rq_complete");
        NonRelativePath = Counter("downstream_rq_non_relative_path");
        BadPath = Counter("downstream_rq_failed_path_normalization");
        RedirectedPath = Counter("downstream_rq_redirected_with_normalized_path");
        RefusedUpgrade = Counter("downstream_rq_ws_on_non_ws_route");
        UpgradesTotal = Counter("downstream_cx_upgrades_total");
        UpgradesActive = Gauge("downstream_cx_upgrades_active");
    }

    public StatsStore Store { get; }

    public string Prefix { get; }

    public Counter ConnectionsTotal { get; }

    public Gauge ConnectionsActive { get; }

    public Counter ConnectionsHttp1Total { get; }

    public Gauge ConnectionsHttp1Active { get; }

    public Counter ConnectionsTlsTotal { get; }

    public Gauge ConnectionsTlsActive { get; }

    public Counter ConnectionsDestroyed { get; }

    public Counter ConnectionsDestroyedRemoteActive { get; }

    public Counter ConnectionsDrained { get; }

    public Counter ConnectionsIdle { get; }

    public Counter ConnectionsMaxDuration { get; }

    public Counter ConnectionsMaxRequests { get; }

    public Counter ConnectionsProtocolError { get; }

    public Histogram ConnectionLength { get; }

    public Counter RequestsTotal { get; }

    public Counter RequestsHttp1 { get; }

    public Gauge RequestsActive { get; }

    public Counter RequestsCompleted { get; }

    public Histogram RequestTime { get; }

    public Counter RequestsIdle { get; }

    public Counter RequestsTimeout { get; }

    public Counter RequestsMaxDuration { get; }

    public Counter RequestsReset { get; }

    public Counter RequestsAnsweredEarly { get; }

    public Counter NonRelativePath { get; }

    public Counter BadPath { get; }

    public Counter RedirectedPath { get; }

    public Counter RefusedUpgrade { get; }

    public Counter UpgradesTotal { get; }

    public Gauge UpgradesActive { get; }

    public void Completed(int status)
    {
        RequestsCompleted.Increment();
        if (status is >= 100 and < 600)
        {
            _groups[status / 100].Increment();
        }
    }

    private Counter Counter(string name) => Store.Counter(Prefix + name);

    private Gauge Gauge(string name) => Store.Gauge(Prefix + name);
}
