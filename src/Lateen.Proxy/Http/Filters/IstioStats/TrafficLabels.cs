using Lateen.Proxy.Clusters;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Http.Filters.IstioStats;

/// <summary>Which side of a request tells of it.</summary>
internal enum Reporter
{
    /// <summary>The client's sidecar or a gateway: <c>source</c>.</summary>
    Source,

    /// <summary>The server's sidecar: <c>destination</c>.</summary>
    Destination,

    /// <summary>A waypoint: <c>waypoint</c>.</summary>
    Waypoint,
}

/// <summary>
/// What the labels of one request or connection depend on, as references: equal keys give equal labels, so that labels are made once
/// per key and not per request.
/// </summary>
/// <param name="Peer">The other side's workload; null when unknown.</param>
/// <param name="Cluster">The cluster that served it; null without one.</param>
/// <param name="RouteName">The route's name.</param>
/// <param name="Host">The request's host where it may stand in for the service; else null.</param>
/// <param name="PeerPrincipal">The other side's URI SAN; empty without one.</param>
/// <param name="LocalPrincipal">Our URI SAN on that connection; empty without one.</param>
internal readonly record struct TrafficKey(
    PeerInfo? Peer, Cluster? Cluster, string RouteName, string? Host, string PeerPrincipal, string LocalPrincipal);

/// <summary>Makes Istio's standard labels (Istio: istio_stats filter).</summary>
internal sealed class TrafficLabels(Reporter reporter, PeerInfo self)
{
    private const string Unknown = "unknown";

    /// <summary>Labels up to the cluster's, in Istio's order.</summary>
    public List<Tag> Common(in TrafficKey key)
    {
        var (source, destination) = reporter == Reporter.Source ? (self, key.Peer) : (key.Peer, self);
        var (sourcePrincipal, destinationPrincipal) = reporter == Reporter.Source
            ? (key.LocalPrincipal, key.PeerPrincipal)
            : (key.PeerPrincipal, key.LocalPrincipal);
        var service = Service(key, destination);
        return
        [
            new("reporter", reporter switch { Reporter.Source => "source", Reporter.Destination => "destination", _ => "waypoint" }),
            new("source_workload", Or(source?.WorkloadName)),
            new("source_canonical_service", Or(source?.CanonicalName)),
            new("source_canonical_revision", Or(source?.CanonicalRevision, source is null ? Unknown : "latest")),
            new("source_workload_namespace", Or(source?.Namespace)),
            new("source_principal", Or(sourcePrincipal)),
            new("source_app", Or(source?.App)),
            new("source_version", Or(source?.Version)),
            new("source_cluster", Or(source?.ClusterId)),
            new("destination_workload", Or(destination?.WorkloadName)),
            new("destination_workload_namespace", Or(destination?.Namespace)),
            new("destination_principal", Or(destinationPrincipal)),
            new("destination_app", Or(destination?.App)),
            new("destination_version", Or(destination?.Version)),
            new("destination_service", Or(service.Host)),
            new("destination_canonical_service", Or(destination?.CanonicalName)),
            new("destination_canonical_revision", Or(destination?.CanonicalRevision, destination is null ? Unknown : "latest")),
            new("destination_service_name", Or(service.Name)),
            new("destination_service_namespace", Or(service.Namespace)),
            new("destination_cluster", Or(destination?.ClusterId)),
        ];
    }

    /// <summary><c>mutual_tls</c> when both sides showed an identity; the source cannot know what the destination saw.</summary>
    public string SecurityPolicy(in TrafficKey key) => reporter == Reporter.Source ? Unknown
        : key.PeerPrincipal.Length > 0 && key.LocalPrincipal.Length > 0 ? "mutual_tls"
        : "none";

    private IstioService Service(in TrafficKey key, PeerInfo? destination)
    {
        var (host, name, space) = (key.Host ?? "", key.Host ?? "", "");
        if (key.Cluster is { } cluster)
        {
            if (cluster.Name is "BlackHoleCluster" or "PassthroughCluster" or "InboundPassthroughCluster")
            {
                name = cluster.Name;
            }
            else if (cluster.Model.IstioServices is [var service, ..])
            {
                (host, name, space) = (service.Host, service.Name, service.Namespace);
            }
        }

        name = key.RouteName switch
        {
            "block_all" => "BlackHoleCluster",
            "allow_any" => "PassthroughCluster",
            _ => name,
        };
        if (reporter == Reporter.Source)
        {
            return new IstioService(host, name, space.Length > 0 ? space : destination?.Namespace ?? "");
        }

        return new IstioService(
            host.Length > 0 ? host : self.CanonicalName,
            name.Length > 0 ? name : self.CanonicalName,
            reporter == Reporter.Destination || space.Length == 0 ? self.Namespace : space);
    }

    private static string Or(string? value, string otherwise = Unknown) => string.IsNullOrEmpty(value) ? otherwise : value;
}
