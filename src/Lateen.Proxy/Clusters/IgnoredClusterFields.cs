using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

/// <summary>Fields of a cluster that are accepted without effect: none decides where a request goes or whether it gets through.</summary>
internal static class IgnoredClusterFields
{
    public static IEnumerable<string> Of(Proto c) =>
        new (string Field, bool Set)[]
        {
            ("preconnect_policy", c.PreconnectPolicy is not null),
            ("lrs_server", c.LrsServer is not null),
            ("track_cluster_stats", c.TrackClusterStats is not null),
            ("respect_dns_ttl", c.RespectDnsTtl),
            ("typed_dns_resolver_config", c.TypedDnsResolverConfig is not null),
            ("upstream_connection_options.happy_eyeballs_config", c.UpstreamConnectionOptions?.HappyEyeballsConfig is not null),
            ("upstream_bind_config.extra_source_addresses", c.UpstreamBindConfig?.ExtraSourceAddresses.Count > 0),
            ("common_lb_config.zone_aware_lb_config", c.CommonLbConfig?.ZoneAwareLbConfig is not null),
            ("common_lb_config.override_host_status", c.CommonLbConfig?.OverrideHostStatus is not null),
            ("circuit_breakers.per_host_thresholds", c.CircuitBreakers?.PerHostThresholds.Count > 0),
            ("circuit_breakers.thresholds.max_connection_pools", c.CircuitBreakers?.Thresholds.Any(t => t.MaxConnectionPools is not null) ?? false),
            ("load_assignment.policy.endpoint_stale_after", c.LoadAssignment?.Policy?.EndpointStaleAfter is not null),
        }.Where(f => f.Set).Select(f => "envoy.config.cluster.v3.Cluster." + f.Field);
}
