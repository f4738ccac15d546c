using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Clusters;

/// <summary>
/// The metrics of a cluster under <c>cluster.NAME.</c> (Envoy: cluster statistics). Each is made on its first use, so that an idle
/// cluster costs little. Safe from any thread.
/// </summary>
public sealed partial class ClusterStats(StatsStore store, string prefix)
{
    /// <summary><c>cluster.NAME.</c> with the alternative name where there is one.</summary>
    public string Prefix { get; } = prefix;

    /// <summary>The store that keeps the metrics.</summary>
    public StatsStore Store { get; } = store;

    /// <summary>Counts connections made (<c>upstream_cx_total</c>).</summary>
    public Counter UpstreamCxTotal => field ??= Store.Counter(Prefix + "upstream_cx_total");

    /// <summary>Counts HTTP/1 connections made (<c>upstream_cx_http1_total</c>).</summary>
    public Counter UpstreamCxHttp1Total => field ??= Store.Counter(Prefix + "upstream_cx_http1_total");

    /// <summary>Counts HTTP/2 connections made (<c>upstream_cx_http2_total</c>).</summary>
    public Counter UpstreamCxHttp2Total => field ??= Store.Counter(Prefix + "upstream_cx_http2_total");

    /// <summary>Counts connections that could not be made (<c>upstream_cx_connect_fail</c>).</summary>
    public Counter UpstreamCxConnectFail => field ??= Store.Counter(Prefix + "upstream_cx_connect_fail");

    /// <summary>Counts connections not made in time (<c>upstream_cx_connect_timeout</c>).</summary>
    public Counter UpstreamCxConnectTimeout => field ??= Store.Counter(Prefix + "upstream_cx_connect_timeout");

    /// <summary>Counts connections closed for idleness (<c>upstream_cx_idle_timeout</c>).</summary>
    public Counter UpstreamCxIdleTimeout => field ??= Store.Counter(Prefix + "upstream_cx_idle_timeout");

    /// <summary>Counts connections closed for their age (<c>upstream_cx_max_duration_reached</c>).</summary>
    public Counter UpstreamCxMaxDurationReached => field ??= Store.Counter(Prefix + "upstream_cx_max_duration_reached");

    /// <summary>Counts TCP streams that ran out of connect attempts (<c>upstream_cx_connect_attempts_exceeded</c>).</summary>
    public Counter UpstreamCxConnectAttemptsExceeded => field ??= Store.Counter(Prefix + "upstream_cx_connect_attempts_exceeded");

    /// <summary>Counts times the connection circuit breaker was full (<c>upstream_cx_overflow</c>).</summary>
    public Counter UpstreamCxOverflow => field ??= Store.Counter(Prefix + "upstream_cx_overflow");

    /// <summary>Counts connections ended (<c>upstream_cx_destroy</c>).</summary>
    public Counter UpstreamCxDestroy => field ??= Store.Counter(Prefix + "upstream_cx_destroy");

    /// <summary>Counts connections ended by us (<c>upstream_cx_destroy_local</c>).</summary>
    public Counter UpstreamCxDestroyLocal => field ??= Store.Counter(Prefix + "upstream_cx_destroy_local");

    /// <summary>Counts connections ended by the host (<c>upstream_cx_destroy_remote</c>).</summary>
    public Counter UpstreamCxDestroyRemote => field ??= Store.Counter(Prefix + "upstream_cx_destroy_remote");

    /// <summary>Counts connections ended during a request (<c>upstream_cx_destroy_with_active_rq</c>).</summary>
    public Counter UpstreamCxDestroyWithActiveRq => field ??= Store.Counter(Prefix + "upstream_cx_destroy_with_active_rq");

    /// <summary>Counts connections ended by us during a request (<c>upstream_cx_destroy_local_with_active_rq</c>).</summary>
    public Counter UpstreamCxDestroyLocalWithActiveRq => field ??= Store.Counter(Prefix + "upstream_cx_destroy_local_with_active_rq");

    /// <summary>Counts connections ended by the host during a request (<c>upstream_cx_destroy_remote_with_active_rq</c>).</summary>
    public Counter UpstreamCxDestroyRemoteWithActiveRq => field ??= Store.Counter(Prefix + "upstream_cx_destroy_remote_with_active_rq");

    /// <summary>Counts connections that broke the protocol (<c>upstream_cx_protocol_error</c>).</summary>
    public Counter UpstreamCxProtocolError => field ??= Store.Counter(Prefix + "upstream_cx_protocol_error");

    /// <summary>Counts connections closed after their last allowed request (<c>upstream_cx_max_requests</c>).</summary>
    public Counter UpstreamCxMaxRequests => field ??= Store.Counter(Prefix + "upstream_cx_max_requests");

    /// <summary>Counts times no host could be picked (<c>upstream_cx_none_healthy</c>).</summary>
    public Counter UpstreamCxNoneHealthy => field ??= Store.Counter(Prefix + "upstream_cx_none_healthy");

    /// <summary>Counts bytes received (<c>upstream_cx_rx_bytes_total</c>).</summary>
    public Counter UpstreamCxRxBytesTotal => field ??= Store.Counter(Prefix + "upstream_cx_rx_bytes_total");

    /// <summary>Counts bytes sent (<c>upstream_cx_tx_bytes_total</c>).</summary>
    public Counter UpstreamCxTxBytesTotal => field ??= Store.Counter(Prefix + "upstream_cx_tx_bytes_total");

    /// <summary>Counts requests sent (<c>upstream_rq_total</c>).</summary>
    public Counter UpstreamRqTotal => field ??= Store.Counter(Prefix + "upstream_rq_total");

    /// <summary>Counts requests that waited for a connection (<c>upstream_rq_pending_total</c>).</summary>
    public Counter UpstreamRqPendingTotal => field ??= Store.Counter(Prefix + "upstream_rq_pending_total");

    /// <summary>Counts requests refused by a circuit breaker (<c>upstream_rq_pending_overflow</c>).</summary>
    public Counter UpstreamRqPendingOverflow => field ??= Store.Counter(Prefix + "upstream_rq_pending_overflow");

    /// <summary>Counts waiting requests that failed with their connection (<c>upstream_rq_pending_failure_eject</c>).</summary>
    public Counter UpstreamRqPendingFailureEject => field ??= Store.Counter(Prefix + "upstream_rq_pending_failure_eject");

    /// <summary>Counts requests cancelled before they got a connection (<c>upstream_rq_cancelled</c>).</summary>
    public Counter UpstreamRqCancelled => field ??= Store.Counter(Prefix + "upstream_rq_cancelled");

    /// <summary>Counts requests refused in maintenance mode (<c>upstream_rq_maintenance_mode</c>).</summary>
    public Counter UpstreamRqMaintenanceMode => field ??= Store.Counter(Prefix + "upstream_rq_maintenance_mode");

    /// <summary>Counts requests out of time (<c>upstream_rq_timeout</c>).</summary>
    public Counter UpstreamRqTimeout => field ??= Store.Counter(Prefix + "upstream_rq_timeout");

    /// <summary>Counts requests closed for their length (<c>upstream_rq_max_duration_reached</c>).</summary>
    public Counter UpstreamRqMaxDurationReached => field ??= Store.Counter(Prefix + "upstream_rq_max_duration_reached");

    /// <summary>Counts attempts out of time (<c>upstream_rq_per_try_timeout</c>).</summary>
    public Counter UpstreamRqPerTryTimeout => field ??= Store.Counter(Prefix + "upstream_rq_per_try_timeout");

    /// <summary>Counts attempts idle for too long (<c>upstream_rq_per_try_idle_timeout</c>).</summary>
    public Counter UpstreamRqPerTryIdleTimeout => field ??= Store.Counter(Prefix + "upstream_rq_per_try_idle_timeout");

    /// <summary>Counts streams reset by the host (<c>upstream_rq_rx_reset</c>).</summary>
    public Counter UpstreamRqRxReset => field ??= Store.Counter(Prefix + "upstream_rq_rx_reset");

    /// <summary>Counts streams reset by us (<c>upstream_rq_tx_reset</c>).</summary>
    public Counter UpstreamRqTxReset => field ??= Store.Counter(Prefix + "upstream_rq_tx_reset");

    /// <summary>Counts retries (<c>upstream_rq_retry</c>).</summary>
    public Counter UpstreamRqRetry => field ??= Store.Counter(Prefix + "upstream_rq_retry");

    /// <summary>Counts retries after exponential back-off (<c>upstream_rq_retry_backoff_exponential</c>).</summary>
    public Counter UpstreamRqRetryBackoffExponential => field ??= Store.Counter(Prefix + "upstream_rq_retry_backoff_exponential");

    /// <summary>Counts retries after a back-off the host asked for (<c>upstream_rq_retry_backoff_ratelimited</c>).</summary>
    public Counter UpstreamRqRetryBackoffRatelimited => field ??= Store.Counter(Prefix + "upstream_rq_retry_backoff_ratelimited");

    /// <summary>Counts requests that used up their retries (<c>upstream_rq_retry_limit_exceeded</c>).</summary>
    public Counter UpstreamRqRetryLimitExceeded => field ??= Store.Counter(Prefix + "upstream_rq_retry_limit_exceeded");

    /// <summary>Counts retries that succeeded (<c>upstream_rq_retry_success</c>).</summary>
    public Counter UpstreamRqRetrySuccess => field ??= Store.Counter(Prefix + "upstream_rq_retry_success");

    /// <summary>Counts retries refused by the circuit breaker (<c>upstream_rq_retry_overflow</c>).</summary>
    public Counter UpstreamRqRetryOverflow => field ??= Store.Counter(Prefix + "upstream_rq_retry_overflow");

    /// <summary>Counts requests whose body was too large to retry (<c>retry_or_shadow_abandoned</c>).</summary>
    public Counter RetryOrShadowAbandoned => field ??= Store.Counter(Prefix + "retry_or_shadow_abandoned");

    /// <summary>Counts times reading from the host was paused (<c>upstream_flow_control_paused_reading_total</c>).</summary>
    public Counter UpstreamFlowControlPausedReadingTotal => field ??= Store.Counter(Prefix + "upstream_flow_control_paused_reading_total");

    /// <summary>Counts times reading from the host went on (<c>upstream_flow_control_resumed_reading_total</c>).</summary>
    public Counter UpstreamFlowControlResumedReadingTotal => field ??= Store.Counter(Prefix + "upstream_flow_control_resumed_reading_total");

    /// <summary>Counts changes of the set of hosts (<c>membership_change</c>).</summary>
    public Counter MembershipChange => field ??= Store.Counter(Prefix + "membership_change");

    /// <summary>Counts attempts to get endpoints (<c>update_attempt</c>).</summary>
    public Counter UpdateAttempt => field ??= Store.Counter(Prefix + "update_attempt");

    /// <summary>Counts endpoint updates applied (<c>update_success</c>).</summary>
    public Counter UpdateSuccess => field ??= Store.Counter(Prefix + "update_success");

    /// <summary>Counts endpoint updates that failed (<c>update_failure</c>).</summary>
    public Counter UpdateFailure => field ??= Store.Counter(Prefix + "update_failure");

    /// <summary>Counts endpoint updates without endpoints (<c>update_empty</c>).</summary>
    public Counter UpdateEmpty => field ??= Store.Counter(Prefix + "update_empty");

    /// <summary>Counts endpoint updates without change (<c>update_no_rebuild</c>).</summary>
    public Counter UpdateNoRebuild => field ??= Store.Counter(Prefix + "update_no_rebuild");

    /// <summary>Counts picks made in panic (<c>lb_healthy_panic</c>).</summary>
    public Counter LbHealthyPanic => field ??= Store.Counter(Prefix + "lb_healthy_panic");

    /// <summary>Counts rebuilds of balancing structures (<c>lb_recalculate_zone_structures</c>).</summary>
    public Counter LbRecalculateZoneStructures => field ??= Store.Counter(Prefix + "lb_recalculate_zone_structures");

    /// <summary>Counts source addresses that could not be bound (<c>bind_errors</c>).</summary>
    public Counter BindErrors => field ??= Store.Counter(Prefix + "bind_errors");

    /// <summary>Counts original destinations that name no address (<c>original_dst_host_invalid</c>).</summary>
    public Counter OriginalDstHostInvalid => field ??= Store.Counter(Prefix + "original_dst_host_invalid");

    /// <summary>Open connections (<c>upstream_cx_active</c>).</summary>
    public Gauge UpstreamCxActive => field ??= Store.Gauge(Prefix + "upstream_cx_active");

    /// <summary>Requests under way (<c>upstream_rq_active</c>).</summary>
    public Gauge UpstreamRqActive => field ??= Store.Gauge(Prefix + "upstream_rq_active");

    /// <summary>Requests that wait for a connection (<c>upstream_rq_pending_active</c>).</summary>
    public Gauge UpstreamRqPendingActive => field ??= Store.Gauge(Prefix + "upstream_rq_pending_active");

    /// <summary>Hosts (<c>membership_total</c>).</summary>
    public Gauge MembershipTotal => field ??= Store.Gauge(Prefix + "membership_total");

    /// <summary>Healthy hosts (<c>membership_healthy</c>).</summary>
    public Gauge MembershipHealthy => field ??= Store.Gauge(Prefix + "membership_healthy");

    /// <summary>Degraded hosts (<c>membership_degraded</c>).</summary>
    public Gauge MembershipDegraded => field ??= Store.Gauge(Prefix + "membership_degraded");

    /// <summary>Hosts that wait for their first health check (<c>membership_excluded</c>).</summary>
    public Gauge MembershipExcluded => field ??= Store.Gauge(Prefix + "membership_excluded");

    /// <summary>The largest weight of a host (<c>max_host_weight</c>).</summary>
    public Gauge MaxHostWeight => field ??= Store.Gauge(Prefix + "max_host_weight");

    /// <summary>Hash of the endpoints' version (<c>version</c>).</summary>
    public Gauge Version => field ??= Store.Gauge(Prefix + "version");

    /// <summary>1 while the cluster warms (<c>warming_state</c>).</summary>
    public Gauge WarmingState => field ??= Store.Gauge(Prefix + "warming_state");

    /// <summary>Time to connect, milliseconds (<c>upstream_cx_connect_ms</c>).</summary>
    public Histogram UpstreamCxConnectMs => field ??= Store.Histogram(Prefix + "upstream_cx_connect_ms");

    /// <summary>Life of connections, milliseconds (<c>upstream_cx_length_ms</c>).</summary>
    public Histogram UpstreamCxLengthMs => field ??= Store.Histogram(Prefix + "upstream_cx_length_ms");

    /// <summary>Time of requests, milliseconds (<c>upstream_rq_time</c>).</summary>
    public Histogram UpstreamRqTime => field ??= Store.Histogram(Prefix + "upstream_rq_time");
}
