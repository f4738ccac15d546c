using System.Globalization;
using System.Text;
using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Lateen.Proxy.Clusters;
using Cluster = Lateen.Proxy.Clusters.Cluster;

namespace Lateen.Proxy.Admin;

/// <summary><c>/clusters</c>: every cluster with its limits, every host with its counters and health.</summary>
internal sealed class ClustersPage(AdminSources sources)
{
    public AdminResponse Answer(AdminRequest request)
    {
        var clusters = sources.ClusterManager.Clusters.OrderBy(c => c.Name, StringComparer.Ordinal);
        return request.Query.GetValueOrDefault("format") == "json" ? Json(clusters) : Text(clusters);
    }

    private bool IsDynamic(Cluster cluster) => sources.Clusters.Records.Snapshot().Any(r => r.Name == cluster.Name);

    private AdminResponse Text(IEnumerable<Cluster> clusters)
    {
        var text = new StringBuilder();
        var dynamic = sources.Clusters.Records.Snapshot().Select(r => r.Name).ToHashSet();
        foreach (var cluster in clusters)
        {
            WriteCluster(text, cluster, dynamic.Contains(cluster.Name));
            foreach (var host in cluster.Hosts)
                WriteHost(text, $"{cluster.Name}::{host.AddressText}::", host);
        }

        return AdminResponse.Text(text.ToString());
    }

    private static void WriteCluster(StringBuilder text, Cluster cluster, bool dynamic)
    {
        var name = cluster.Name;
        text.Append(CultureInfo.InvariantCulture, $"{name}::observability_name::{ObservabilityName(cluster)}\n");
        foreach (var key in (string[])["success_rate_average", "success_rate_ejection_threshold", "local_origin_success_rate_average", "local_origin_success_rate_ejection_threshold"])
            text.Append(CultureInfo.InvariantCulture, $"{name}::outlier::{key}::-1\n");
        WriteLimits(text, $"{name}::default_priority::", cluster.CircuitBreakers.For(RoutingPriority.Default));
        WriteLimits(text, $"{name}::high_priority::", cluster.CircuitBreakers.For(RoutingPriority.High));
        text.Append(CultureInfo.InvariantCulture, $"{name}::added_via_api::{(dynamic ? "true" : "false")}\n");
        if (cluster.Model.EdsServiceName.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"{name}::eds_service_name::{cluster.Model.EdsServiceName}\n");
    }

    private static string ObservabilityName(Cluster cluster) =>
        cluster.Model.Configuration.AltStatName is { Length: > 0 } alternative ? alternative : cluster.Name;

    private static void WriteLimits(StringBuilder text, string prefix, PriorityLimits limits) => text.Append(
        CultureInfo.InvariantCulture,
        $"{prefix}max_connections::{limits.Connections.Max}\n{prefix}max_pending_requests::{limits.PendingRequests.Max}\n"
        + $"{prefix}max_requests::{limits.Requests.Max}\n{prefix}max_retries::{limits.Retries.Max}\n");

    private static void WriteHost(StringBuilder text, string prefix, Host host)
    {
        foreach (var (name, value, _) in Metrics(host))
            text.Append(CultureInfo.InvariantCulture, $"{prefix}{name}::{value}\n");
        text.Append(CultureInfo.InvariantCulture, $"{prefix}hostname::{host.Hostname}\n{prefix}health_flags::{Flags(host)}\n{prefix}weight::{host.Weight}\n");
        text.Append(CultureInfo.InvariantCulture, $"{prefix}region::{host.Locality.Region}\n{prefix}zone::{host.Locality.Zone}\n{prefix}sub_zone::{host.Locality.SubZone}\n");
        text.Append(CultureInfo.InvariantCulture, $"{prefix}canary::{(host.IsCanary ? "true" : "false")}\n{prefix}priority::{host.Priority}\n");
        text.Append(CultureInfo.InvariantCulture, $"{prefix}success_rate::-1\n{prefix}local_origin_success_rate::-1\n");
    }

    private static (string Name, long Value, bool IsGauge)[] Metrics(Host host) =>
    [
        ("cx_active", host.Stats.ConnectionsActive, true),
        ("cx_connect_fail", host.Stats.ConnectFailures, false),
        ("cx_total", host.Stats.ConnectionsTotal, false),
        ("rq_active", host.Stats.RequestsActive, true),
        ("rq_error", host.Stats.RequestsFailed, false),
        ("rq_success", host.Stats.RequestsSucceeded, false),
        ("rq_timeout", host.Stats.RequestTimeouts, false),
        ("rq_total", host.Stats.RequestsTotal, false),
    ];

    private static string Flags(Host host)
    {
        var flags = host.HealthFlags;
        (HostHealthFlags Flag, string Name)[] names =
        [
            (HostHealthFlags.FailedActiveCheck, "/failed_active_hc"),
            (HostHealthFlags.FailedOutlierCheck, "/failed_outlier_check"),
            (HostHealthFlags.FailedEds, "/failed_eds_health"),
            (HostHealthFlags.DegradedActiveCheck, "/degraded_active_hc"),
            (HostHealthFlags.DegradedEds, "/degraded_eds_health"),
            (HostHealthFlags.DrainingEds, "/eds_status_draining"),
        ];
        var text = string.Concat(names.Where(f => flags.HasFlag(f.Flag)).Select(f => f.Name));
        return text.Length == 0 ? "healthy" : text;
    }

    private AdminResponse Json(IEnumerable<Cluster> clusters)
    {
        var all = new Envoy.Admin.V3.Clusters();
        foreach (var cluster in clusters)
        {
            var status = new ClusterStatus
            {
                Name = cluster.Name,
                ObservabilityName = ObservabilityName(cluster),
                AddedViaApi = IsDynamic(cluster),
                EdsServiceName = cluster.Model.EdsServiceName,
                CircuitBreakers = new Envoy.Config.Cluster.V3.CircuitBreakers
                {
                    Thresholds = { Thresholds(cluster, RoutingPriority.Default), Thresholds(cluster, RoutingPriority.High) },
                },
            };
            status.HostStatuses.Add(cluster.Hosts.Select(Status));
            all.ClusterStatuses.Add(status);
        }

        return AdminResponse.JsonText(ProtoJson.Format(all));
    }

    private static Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds Thresholds(Cluster cluster, RoutingPriority priority)
    {
        var limits = cluster.CircuitBreakers.For(priority);
        return new()
        {
            Priority = priority,
            MaxConnections = (uint)limits.Connections.Max,
            MaxPendingRequests = (uint)limits.PendingRequests.Max,
            MaxRequests = (uint)limits.Requests.Max,
            MaxRetries = (uint)limits.Retries.Max,
        };
    }

    private static HostStatus Status(Host host)
    {
        var status = new HostStatus
        {
            Address = Addresses.Proto(host.Address),
            Weight = host.Weight,
            Hostname = host.Hostname,
            Priority = (uint)host.Priority,
            Locality = host.Locality,
            HealthStatus = new HostHealthStatus
            {
                EdsHealthStatus = host.HealthFlags.HasFlag(HostHealthFlags.FailedEds) ? HealthStatus.Unhealthy
                    : host.HealthFlags.HasFlag(HostHealthFlags.DegradedEds) ? HealthStatus.Degraded
                    : HealthStatus.Healthy,
                FailedOutlierCheck = host.HealthFlags.HasFlag(HostHealthFlags.FailedOutlierCheck),
                FailedActiveHealthCheck = host.HealthFlags.HasFlag(HostHealthFlags.FailedActiveCheck),
            },
        };
        status.Stats.Add(Metrics(host).Select(m => new SimpleMetric
        {
            Name = m.Name,
            Value = (ulong)Math.Max(0, m.Value),
            Type = m.IsGauge ? SimpleMetric.Types.Type.Gauge : SimpleMetric.Types.Type.Counter,
        }));
        return status;
    }
}
