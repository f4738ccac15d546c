using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Lateen.Registry;
using Lateen.Translation.Clusters;
using Lateen.Translation.Endpoints;
using Lateen.Translation.Listeners;
using Lateen.Translation.Routes;
using Lateen.Translation.Security;

namespace Lateen.Translation;

/// <summary>
/// The Envoy configuration of one proxy for one state of the mesh, with Istio's names, order and defaults. A pure function of the two:
/// nothing is read, kept or changed elsewhere. Safe for use
/// by many threads.
/// </summary>
public sealed class ProxyConfiguration
{
    private readonly ProxyView view;
    private readonly ListenerSettings settings;
    private readonly ConnectionManagers managers;
    private readonly Lazy<GatewayServers> gatewayServers;

    /// <summary>The configuration of a proxy as the mesh is in a snapshot.</summary>
    public ProxyConfiguration(MeshSnapshot snapshot, ProxyNode node)
        : this(snapshot, node, new VisibleServices(snapshot, node.Namespace))
    {
    }

    /// <summary>The same, with the services its namespace sees, which all its proxies share.</summary>
    internal ProxyConfiguration(MeshSnapshot snapshot, ProxyNode node, VisibleServices services)
    {
        view = new ProxyView(snapshot, node, services);
        settings = ListenerSettings.From(snapshot.Settings);
        managers = new ConnectionManagers(node, settings);
        gatewayServers = new Lazy<GatewayServers>(() => new GatewayServers(view));
    }

    /// <summary>CDS: clusters of services, then those that no service names. Names are unique.</summary>
    public IReadOnlyList<Cluster> Clusters() =>
        [.. OutboundClusters().Concat(LocalClusters()).DistinctBy(cluster => cluster.Name, StringComparer.Ordinal)];

    /// <summary>The clusters of services: the same for all proxies with the same view of the mesh.</summary>
    internal IEnumerable<Cluster> OutboundClusters() => new OutboundClusters(view).Build();

    /// <summary>The clusters that depend on the workload the proxy stands beside, and the fixed ones.</summary>
    internal IEnumerable<Cluster> LocalClusters()
    {
        var local = new LocalClusters(view);
        yield return local.BlackHole();
        if (view.Node.Type == ProxyType.Router) yield break;
        yield return local.Passthrough();
        foreach (var inbound in local.Inbound()) yield return inbound;
        if (view.Node.CapturesTraffic) yield return local.InboundPassthrough();
    }

    /// <summary>EDS: one answer for every name, without endpoints where there is no such service or subset.</summary>
    public IReadOnlyList<ClusterLoadAssignment> Endpoints(IEnumerable<string> clusterNames)
    {
        var assignments = new LoadAssignments(view);
        return [.. clusterNames.Select(assignments.Build)];
    }

    /// <summary>LDS: of a sidecar outbound listeners, then inbound ones.</summary>
    public IReadOnlyList<Listener> Listeners() => view.Node.Type == ProxyType.Router
        ? [.. new GatewayListeners(view, settings, managers).Build(gatewayServers.Value)]
        : [.. new OutboundListeners(view, settings, managers).Build(), .. new InboundListeners(view, settings, managers).Build()];

    /// <summary>RDS: one route configuration for every name; names that cannot be a sidecar's are left out.</summary>
    public IReadOnlyList<RouteConfiguration> Routes(IEnumerable<string> routeNames)
    {
        if (view.Node.Type == ProxyType.Router)
        {
            var gateway = new GatewayRoutes(view, gatewayServers.Value);
            return [.. routeNames.Select(gateway.Build)];
        }
        var sidecar = new SidecarRoutes(view);
        return [.. routeNames.Select(sidecar.Build).OfType<RouteConfiguration>()];
    }

    /// <summary>
    /// The names of the secrets that the control plane is to serve the proxy over ADS, sorted. Others (the workload's own, files) come
    /// from its agent.
    /// </summary>
    public IReadOnlyList<string> SecretNames() => view.Node.Type != ProxyType.Router
        ? []
        : [.. gatewayServers.Value.ByAddress.SelectMany(servers => servers).Where(server => server.IsTls)
            .SelectMany(server => GatewayTls.SecretNames(server.Server.Tls!))
            .Where(name => name is not (Secrets.Workload or Secrets.RootCertificates))
            .Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Servers of Gateways that this proxy leaves out because they conflict with older ones or cannot be bound.</summary>
    public IReadOnlyList<TranslationNote> Conflicts() => view.Node.Type == ProxyType.Router ? gatewayServers.Value.Notes : [];
}
