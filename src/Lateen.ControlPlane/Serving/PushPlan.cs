using Lateen.Registry;
using Lateen.Translation;
using Lateen.Xds;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Serving;

/// <summary>
/// What a change of the mesh means for a stream: <see cref="ChangeScope"/> says which types it may alter, and here they are narrowed to what
/// the proxy can see and to the names it watches (istiod: DefaultProxyNeedsPush).
/// </summary>
/// <param name="before">The mesh before the change.</param>
/// <param name="after">The mesh after it.</param>
/// <param name="change">What differs.</param>
internal sealed class PushPlan(MeshSnapshot before, MeshSnapshot after, MeshChange change)
{
    /// <summary>What to push on a stream.</summary>
    public PushScope ScopeOf(ConnectionStatus<ConnectedProxy> stream) => change.Forced
        ? PushScope.Everything
        : change.Keys.Select(key => ScopeOf(key, stream)).Aggregate(PushScope.Nothing, (all, one) => all.Union(one));

    private PushScope ScopeOf(ConfigKey key, ConnectionStatus<ConnectedProxy> stream)
    {
        var node = stream.Client.Node;
        if (!IsVisible(before, key, node) && !IsVisible(after, key, node))
            return PushScope.Nothing;
        var one = new MeshChange(false, [key]);
        var scope = ChangeScope.Of(one, before, node).Union(ChangeScope.Of(one, after, node));
        return key.Kind switch
        {
            ConfigKind.Endpoints when !scope.Includes(TypeUrls.Cluster, key.Name) =>
                PushScope.Resources(TypeUrls.Endpoint, ClustersOf(key.Name, stream)),
            ConfigKind.Secret when !scope.IsNothing => PushScope.Resources(TypeUrls.Secret, SecretsOf(key, stream)),
            _ => scope,
        };
    }

    private static bool IsVisible(MeshSnapshot mesh, ConfigKey key, ProxyNode node) => key.Kind switch
    {
        ConfigKind.Service => mesh.ServicesByHost(key.Name)
            .Any(service => service.Namespace == key.Namespace && service.ExportTo.Includes(node.Namespace)),
        ConfigKind.VirtualService => mesh.Content.VirtualServices.Any(service =>
            service.Name == key.Name && service.Namespace == key.Namespace && mesh.VisibilityOf(service).Includes(node.Namespace)),
        ConfigKind.DestinationRule => mesh.Content.DestinationRules.Any(rule =>
            rule.Name == key.Name && rule.Namespace == key.Namespace && mesh.VisibilityOf(rule).Includes(node.Namespace)),
        _ => true,
    };

    /// <summary>The watched clusters (<c>outbound|PORT|SUBSET|HOST</c>) of a host.</summary>
    private static IEnumerable<string> ClustersOf(string host, ConnectionStatus<ConnectedProxy> stream) =>
        Watched(stream, TypeUrls.Endpoint).Where(cluster => cluster.EndsWith($"|{host}", StringComparison.Ordinal));

    private static IEnumerable<string> SecretsOf(ConfigKey key, ConnectionStatus<ConnectedProxy> stream) =>
        Watched(stream, TypeUrls.Secret).Where(name => CredentialSecrets.IsMadeFrom(name, key.Namespace, key.Name));

    private static IEnumerable<string> Watched(ConnectionStatus<ConnectedProxy> stream, string typeUrl) =>
        stream.Types.Where(type => type.TypeUrl == typeUrl).SelectMany(type => type.Names);
}
