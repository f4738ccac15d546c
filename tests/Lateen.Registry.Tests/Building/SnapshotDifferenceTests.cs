using System.Collections.Immutable;
using Lateen.Registry.Building;
using Lateen.Registry.Sources;
using Lateen.Resources.Reading;

namespace Lateen.Registry.Tests.Building;

public sealed class SnapshotDifferenceTests
{
    private const string Details = "{apiVersion: v1, kind: Service, metadata: {name: details}, spec: {selector: {app: details}, ports: [{name: http, port: 80}]}}\n---\n";
    private const string Route = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: details}
        spec: {hosts: [details], http: [{route: [{destination: {host: details, subset: v1}}]}]}
        ---

        """;

    private readonly SnapshotBuilder _builder = new(MeshSettings.Default);

    [Fact]
    public void The_first_snapshot_changes_everything() => Assert.True(Build(Details).Change.Forced);

    [Fact]
    public void The_same_again_changes_nothing_and_shares_every_part()
    {
        MeshSnapshot first = Build(Details + Route, Replica("a")).Snapshot;
        MeshUpdate second = Build(Details + Route, Replica("a"));
        Assert.True(second.Change.IsEmpty);
        Assert.Same(first.Services[0], second.Snapshot.Services[0]);
        Assert.True(first.EndpointsOf(first.Services[0].Key) == second.Snapshot.EndpointsOf(first.Services[0].Key));
        Assert.Equal(first.Version + 1, second.Snapshot.Version);
    }

    [Fact]
    public void An_edited_route_is_the_only_change()
    {
        Build(Details + Route);
        MeshChange change = Build(Details + Route.Replace("v1}", "v2}", StringComparison.Ordinal)).Change;
        Assert.Equal([new ConfigKey(ConfigKind.VirtualService, "default", "details")], change.Keys);
    }

    [Fact]
    public void Lines_that_move_change_nothing()
    {
        Build(Details + Route);
        Assert.True(Build("# a comment\n\n" + Details + "# more\n" + Route).Change.IsEmpty);
    }

    [Fact]
    public void Objects_that_change_places_change_everything()
    {
        string other = Route.Replace("name: details", "name: other", StringComparison.Ordinal);
        Build(Route + other);
        Assert.True(Build(other + Route).Change.Forced);
    }

    [Fact]
    public void A_replica_of_a_known_account_changes_endpoints_only()
    {
        Build(Details, Replica("a"));
        MeshChange change = Build(Details, Replica("a"), Replica("b")).Change;
        Assert.True(change.OnlyEndpoints);
        Assert.Equal(
            [new ConfigKey(ConfigKind.Endpoints, "default", "details.default.svc.cluster.local"), new ConfigKey(ConfigKind.Workload, "default", "b")],
            change.Keys.OrderBy(key => key.Kind));
    }

    [Fact]
    public void A_new_account_changes_the_service()
    {
        Build(Details, Replica("a"));
        MeshChange change = Build(Details, Replica("a"), Replica("b") with { ServiceAccount = "other" }).Change;
        Assert.True(change.Has(ConfigKind.Service));
        Assert.False(change.OnlyEndpoints);
    }

    [Fact]
    public void A_removed_object_is_named()
    {
        Build(Details + Route);
        Assert.Equal([new ConfigKey(ConfigKind.VirtualService, "default", "details")], Build(Details).Change.Keys);
    }

    [Fact]
    public void New_settings_change_everything_and_bad_ones_are_left_out()
    {
        const string Map = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    accessLogFile: /dev/stdout\n";
        Build(Details);
        Assert.True(Build(Details + Map).Change.Forced);

        MeshUpdate bad = Build(Details + Map + "    connectTimeout: soon\n");
        Assert.Equal("/dev/stdout", bad.Snapshot.Settings.AccessLogFile);
        Assert.Contains("mesh.yaml:11:3: ConfigMap istio-system/istio: data.mesh: connectTimeout: expected a duration",
            Assert.Single(bad.Findings).ToString(), StringComparison.Ordinal);
    }

    private MeshUpdate Build(string yaml, params ImmutableArray<Workload> workloads)
    {
        ReadResult read = ResourceReader.Read("mesh.yaml", yaml);
        Assert.Empty(read.Errors);
        return _builder.Build([new SourceContent([.. read.Documents], workloads, [])]);
    }

    private static Workload Replica(string name) =>
        SnapshotBuilderTests.Replica(name, $"127.0.0.{(int)name[0]}", app: "details");
}
