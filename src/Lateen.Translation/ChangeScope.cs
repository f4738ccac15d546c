using Lateen.Registry;
using Lateen.Xds;
using Lateen.Xds.Server;

namespace Lateen.Translation;

/// <summary>
/// What of a proxy's configuration a change may alter (Istio: push triggers and filtering). Rather too much than too little: a push
/// that changes nothing is harmless.
/// </summary>
public static class ChangeScope
{
    /// <summary>The types to generate anew for a proxy.</summary>
    /// <param name="change">The change that led to the snapshot.</param>
    /// <param name="snapshot">The mesh after the change.</param>
    /// <param name="node">The proxy.</param>
    public static PushScope Of(MeshChange change, MeshSnapshot snapshot, ProxyNode node)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Forced) return PushScope.Everything;
        var types = change.Keys.SelectMany(key => Types(key, snapshot, node)).Distinct().ToList();
        return types.Count == 0 ? PushScope.Nothing : PushScope.Types(types);
    }

    private static string[] Types(ConfigKey key, MeshSnapshot snapshot, ProxyNode node) => key.Kind switch
    {
        ConfigKind.Service or ConfigKind.DestinationRule => [TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route],
        ConfigKind.Endpoints => EndpointTypes(key, snapshot, node),
        ConfigKind.Workload => IsOwn(key, snapshot, node) ? [TypeUrls.Cluster, TypeUrls.Listener, TypeUrls.Route] : [],
        ConfigKind.VirtualService => [TypeUrls.Listener, TypeUrls.Route],
        ConfigKind.Gateway => node.Type == ProxyType.Router ? [TypeUrls.Listener, TypeUrls.Route] : [],
        ConfigKind.PeerAuthentication => PolicyTypes(key, snapshot, node),
        ConfigKind.Secret => node.Type == ProxyType.Router && key.Namespace == node.Namespace ? [TypeUrls.Secret] : [],
        _ => [],
    };

    /// <summary>
    /// Endpoints are in EDS alone only when the registry balances them: DNS clusters and headless services carry them in clusters and
    /// listeners. Those of the proxy's own workload decide which ports it serves.
    /// </summary>
    private static string[] EndpointTypes(ConfigKey key, MeshSnapshot snapshot, ProxyNode node)
    {
        var elsewhere = snapshot.ServicesByHost(key.Name).Any(service => service.Resolution != Resolution.ClientSideLb);
        return elsewhere || Own(snapshot, node).Any(own => snapshot.InstancesOf(own).Any(instance => instance.Service.Hostname == key.Name))
            ? [TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route]
            : [TypeUrls.Endpoint];
    }

    private static string[] PolicyTypes(ConfigKey key, MeshSnapshot snapshot, ProxyNode node) =>
        key.Namespace == node.Namespace || key.Namespace == snapshot.Settings.RootNamespace
            ? [TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener]
            : [TypeUrls.Cluster, TypeUrls.Endpoint];

    private static bool IsOwn(ConfigKey key, MeshSnapshot snapshot, ProxyNode node) =>
        key.Namespace == node.Namespace && (key.Name == node.PodName || Own(snapshot, node).Any(own => own.Name == key.Name));

    private static IEnumerable<Workload> Own(MeshSnapshot snapshot, ProxyNode node) =>
        node.Addresses.AsEnumerable().SelectMany(address => snapshot.WorkloadsByAddress(address))
            .Where(own => own.Namespace == node.Namespace);
}
