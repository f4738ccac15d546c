using System.Collections.Immutable;
using Lateen.ControlPlane.Serving;
using Lateen.Registry;
using Lateen.Registry.Building;
using Lateen.Translation;
using Lateen.Xds;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Tests;

public sealed class PushPlanTests
{
    private const string Reviews = "outbound|9080||reviews.default.svc.cluster.local";
    private const string Ratings = "outbound|9080||ratings.default.svc.cluster.local";

    private static readonly MeshSnapshot Mesh = SnapshotBuilder.FromYaml("""
        apiVersion: v1
        kind: Service
        metadata: {name: reviews, namespace: default}
        spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: ratings, namespace: default}
        spec: {selector: {app: ratings}, ports: [{name: http, port: 9080}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: private, namespace: default}
        spec: {host: ratings, exportTo: [.]}
        """);

    [Fact]
    public void Endpoints_concern_the_clusters_of_their_host_only()
    {
        var scope = ScopeOf(Mesh, Mesh, new(ConfigKind.Endpoints, "default", "ratings.default.svc.cluster.local"));
        Assert.True(scope.Includes(TypeUrls.Endpoint, Ratings));
        Assert.False(scope.Includes(TypeUrls.Endpoint, Reviews));
        Assert.False(scope.Includes(TypeUrls.Cluster, Ratings));
    }

    [Fact]
    public void A_rule_concerns_those_who_see_it_or_saw_it_before()
    {
        var key = new ConfigKey(ConfigKind.DestinationRule, "default", "private");
        Assert.True(ScopeOf(Mesh, Mesh, key).Includes(TypeUrls.Cluster, Ratings));
        Assert.True(ScopeOf(Mesh, MeshSnapshot.Empty, key).Includes(TypeUrls.Cluster, Ratings));
        Assert.True(ScopeOf(Mesh, Mesh, key, "elsewhere").IsNothing);
    }

    [Fact]
    public void A_gateway_does_not_concern_sidecars()
    {
        Assert.True(ScopeOf(Mesh, Mesh, new(ConfigKind.Gateway, "default", "any")).IsNothing);
    }

    [Fact]
    public void A_forced_change_concerns_everybody()
    {
        Assert.True(new PushPlan(Mesh, Mesh, MeshChange.Everything).ScopeOf(Stream("default")).Includes(TypeUrls.Secret, "default"));
    }

    private static PushScope ScopeOf(MeshSnapshot before, MeshSnapshot after, ConfigKey key, string @namespace = "default") =>
        new PushPlan(before, after, new(false, [key])).ScopeOf(Stream(@namespace));

    private static ConnectionStatus<ConnectedProxy> Stream(string @namespace)
    {
        var node = Tests.Mesh.Node("productpage-1", @namespace, "productpage");
        var proxy = new ConnectedProxy(ProxyNode.From(node), new("cluster.local", @namespace, "productpage"));
        ImmutableArray<WatchedType> types = [new(TypeUrls.Endpoint) { Names = [Reviews, Ratings] }, new(TypeUrls.Cluster)];
        return new("1", node, proxy, DateTimeOffset.UnixEpoch, types);
    }
}
