using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Clusters;
using static Lateen.Translation.Tests.Rules;

namespace Lateen.Translation.Tests.Clusters;

public sealed class DestinationPolicyTests
{
    private const string A = "a.shop.svc.cluster.local";

    private static TrafficPolicy Max(int connections) =>
        new() { ConnectionPool = new ConnectionPoolSettings { Tcp = new TcpSettings { MaxConnections = connections } } };

    private static DestinationPolicy Resolve(Mesh mesh, string client = "default")
    {
        var snapshot = mesh.Service("a", "shop", "http:80").Build();
        return new DestinationRules(snapshot, Nodes.Sidecar(client)).For(snapshot.Services[0]);
    }

    private static int? Connections(DestinationPolicy policy, int port = 80, string subset = "") =>
        policy.For(port, subset).ConnectionPool?.Tcp?.MaxConnections;

    [Fact]
    public void The_clients_namespace_is_asked_first_then_the_services_then_the_root()
    {
        var mesh = new Mesh().DestinationRule("root", A, Max(1), @namespace: "istio-system");
        Assert.Equal(1, Connections(Resolve(mesh)));
        mesh = mesh.DestinationRule("service", A, Max(2), @namespace: "shop");
        Assert.Equal(2, Connections(Resolve(mesh)));
        mesh = mesh.DestinationRule("client", A, Max(3));
        Assert.Equal(3, Connections(Resolve(mesh)));
        Assert.Equal(2, Connections(Resolve(mesh, "third")));
    }

    [Fact]
    public void Private_rules_of_the_services_namespace_are_not_for_others()
    {
        var mesh = new Mesh().DestinationRule("p", new DestinationRuleSpec { Host = A, TrafficPolicy = Max(2), ExportTo = ["."] }, "shop");
        Assert.Null(Resolve(mesh).Rule);
        Assert.Equal(2, Connections(Resolve(mesh, "shop")));
    }

    [Fact]
    public void The_most_specific_host_wins_and_nothing_is_merged_across_hosts()
    {
        var mesh = new Mesh().DestinationRule("wide", "*.shop.svc.cluster.local", Max(1), [Subset("v1")])
            .DestinationRule("exact", A, subsets: [Subset("v2")]);
        var policy = Resolve(mesh);
        Assert.Equal("exact", policy.Rule!.Name);
        Assert.Null(Connections(policy));
        Assert.Equal(["v2"], policy.Subsets.Select(subset => subset.Name));
    }

    [Fact]
    public void Rules_of_one_host_merge_the_first_policy_and_all_subsets()
    {
        var mesh = new Mesh().DestinationRule("one", A, subsets: [Subset("v1", Max(7))])
            .DestinationRule("two", A, Max(2), [Subset("v1", Max(9)), Subset("v2")]).DestinationRule("three", A, Max(3));
        var policy = Resolve(mesh);
        Assert.Equal(2, Connections(policy));
        Assert.Equal(["v1", "v2"], policy.Subsets.Select(subset => subset.Name));
        Assert.Equal(7, Connections(policy, subset: "v1"));
    }

    [Fact]
    public void A_workload_selector_beats_age_and_counts_only_for_its_workloads()
    {
        var mesh = new Mesh().DestinationRule("all", A, Max(1)).DestinationRule("some", new DestinationRuleSpec
        {
            Host = A,
            TrafficPolicy = Max(2),
            WorkloadSelector = new WorkloadSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "client" } },
        });
        Assert.Equal(2, Connections(Resolve(mesh)));
        var snapshot = mesh.Build();
        var other = Nodes.Sidecar(app: "other");
        Assert.Equal(1, Connections(new DestinationRules(snapshot, other).For(snapshot.Services[0])));
    }

    [Fact]
    public void A_ports_settings_replace_the_whole_policy()
    {
        var policy = Resolve(new Mesh().DestinationRule("a", A, Max(1) with
        {
            OutlierDetection = new OutlierDetection(),
            PortLevelSettings = [new PortTrafficPolicy { Port = new PortSelector { Number = 80 }, Tls = new ClientTlsSettings() }],
        }));
        Assert.Null(Connections(policy));
        Assert.Null(policy.For(80).OutlierDetection);
        Assert.NotNull(policy.For(80).Tls);
        Assert.Equal(1, Connections(policy, 81));
    }

    [Fact]
    public void A_subset_overrides_block_by_block_and_its_ports_replace_four_blocks()
    {
        var subset = Max(5) with
        {
            PortLevelSettings = [new PortTrafficPolicy { Port = new PortSelector { Number = 81 }, Tls = new ClientTlsSettings() }],
        };
        var policy = Resolve(new Mesh().DestinationRule("a", A, Max(1) with { OutlierDetection = new OutlierDetection() }, [Subset("v1", subset), Subset("v2")]));
        Assert.Equal(5, Connections(policy, 80, "v1"));
        Assert.NotNull(policy.For(80, "v1").OutlierDetection);
        Assert.Null(Connections(policy, 81, "v1"));
        Assert.Null(policy.For(81, "v1").OutlierDetection);
        Assert.Equal(1, Connections(policy, 80, "v2"));
    }
}
