using Lateen.Registry;
using Lateen.Xds;
using Lateen.Xds.Server;

namespace Lateen.Translation.Tests;

public sealed class ChangeScopeTests
{
    private static readonly MeshSnapshot Snapshot = Bookinfo.Mesh().Build();

    private static string Types(ProxyNode node, params ConfigKey[] keys)
    {
        var scope = ChangeScope.Of(new MeshChange(false, [.. keys]), Snapshot, node);
        return string.Join(' ', TypeUrls.PushOrder.Where(type => scope.Includes(type, "x")).Select(TypeUrls.ShortName));
    }

    [Theory]
    [InlineData(ConfigKind.VirtualService, "any", "LDS RDS", "LDS RDS")]
    [InlineData(ConfigKind.DestinationRule, "any", "CDS EDS LDS RDS", "CDS EDS LDS RDS")]
    [InlineData(ConfigKind.Service, "new.default.svc.cluster.local", "CDS EDS LDS RDS", "CDS EDS LDS RDS")]
    [InlineData(ConfigKind.Gateway, "any", "", "LDS RDS")]
    [InlineData(ConfigKind.PeerAuthentication, "any", "CDS EDS LDS", "CDS EDS")]
    [InlineData(ConfigKind.Endpoints, Bookinfo.Ratings, "EDS", "EDS")]
    [InlineData(ConfigKind.Endpoints, Bookinfo.Reviews, "CDS EDS LDS RDS", "EDS")]
    [InlineData(ConfigKind.Endpoints, "books.example.com", "CDS EDS LDS RDS", "CDS EDS LDS RDS")]
    [InlineData(ConfigKind.Workload, "reviews-0", "CDS LDS RDS", "")]
    [InlineData(ConfigKind.Workload, "other", "", "")]
    [InlineData(ConfigKind.Secret, "any", "", "")]
    public void What_is_pushed_to_a_sidecar_of_reviews_and_to_the_gateway(ConfigKind kind, string name, string sidecar, string gateway)
    {
        var key = new ConfigKey(kind, "default", name);
        Assert.Equal(sidecar, Types(Nodes.Sidecar(address: "10.0.0.4", app: "reviews"), key));
        Assert.Equal(gateway, Types(Nodes.Gateway(), key));
    }

    [Fact]
    public void Secrets_go_to_gateways_of_their_namespace() =>
        Assert.Equal("SDS", Types(Nodes.Gateway(), new ConfigKey(ConfigKind.Secret, "istio-system", "cert")));

    [Fact]
    public void A_forced_change_renews_everything_and_no_change_nothing()
    {
        Assert.Same(PushScope.Everything, ChangeScope.Of(MeshChange.Everything, Snapshot, Nodes.Gateway()));
        Assert.Same(PushScope.Nothing, ChangeScope.Of(MeshChange.None, Snapshot, Nodes.Gateway()));
    }
}
