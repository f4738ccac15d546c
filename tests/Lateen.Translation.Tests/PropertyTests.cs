using CsCheck;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;
using Lateen.Translation.Clusters;
using static Lateen.Translation.Tests.Rules;

namespace Lateen.Translation.Tests;

/// <summary>What holds for the configuration of every proxy of every mesh.</summary>
public sealed class PropertyTests
{
    private const long Iterations = 60;

    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Namespaces = ["default", "shop"];
    private static readonly string[] Subsets = ["v1", "v2"];

    private static readonly Gen<(string Name, string Namespace, string[] Ports)> ServiceGen = Gen.Select(
        Any.Of(Names), Any.Of(Namespaces),
        Any.Of("http:80", "http:9080", "tcp:9000", "web:80", "grpc:9090", "tls:443", "https:443").Array[1, 3],
        (name, @namespace, ports) => (name, @namespace, ports.DistinctBy(port => port.Split(':')[1]).ToArray()));

    private static readonly Gen<string> HostGen = Gen.Select(Any.Of(Names), Any.Of(Namespaces), (name, @namespace) =>
        $"{name}.{@namespace}.svc.cluster.local");

    private static readonly Gen<HttpRoute> RouteGen = Gen.Select(
        Gen.Select(HostGen, Any.Of("", "v1", "v2"), Gen.Int[0, 100], (host, subset, weight) => Target(host, weight, subset)).Array[1, 3],
        Any.Of("", "/", "/x", "/y"), Any.Of("", "", "a", "client"), Gen.Bool,
        (targets, prefix, source, timeout) => (prefix.Length > 0 ? Split(targets).When(From(source, Prefix(prefix))) : Split(targets)) with
        {
            Timeout = timeout ? Duration.FromSeconds(1) : null,
        });

    private static readonly Gen<(string[] Hosts, HttpRoute[] Routes, bool Gateway)> VirtualServiceGen = Gen.Select(
        Gen.Frequency((3, HostGen), (1, Any.Of("*.shop.svc.cluster.local", "x.example.com", "*.example.com")))
            .Array[1, 2], RouteGen.Array[1, 3], Gen.Bool,
        (hosts, routes, gateway) => (hosts.Distinct().ToArray(), routes, gateway));

    private static readonly Gen<Mesh> MeshGen = Gen.Select(
        ServiceGen.Array[0, 5], VirtualServiceGen.Array[0, 4], Gen.Select(HostGen, Any.Of(Subsets).Array[0, 2]).Array[0, 3],
        Any.Of(MutualTlsMode.Unset, MutualTlsMode.Strict, MutualTlsMode.Permissive, MutualTlsMode.Disable),
        Build);

    private static readonly Gen<ProxyNode> NodeGen = Any.Of(
        Nodes.Sidecar(), Nodes.Sidecar("shop", app: "a"), Nodes.Sidecar(app: "a", mode: InterceptionMode.None), Nodes.Gateway());

    private static HttpMatchRequest From(string app, HttpMatchRequest match) =>
        app.Length == 0 ? match : match with { SourceLabels = new Dictionary<string, string> { ["app"] = app } };

    private static Mesh Build(
        (string Name, string Namespace, string[] Ports)[] services, (string[] Hosts, HttpRoute[] Routes, bool Gateway)[] rules,
        (string Host, string[] Subsets)[] destinations, MutualTlsMode mode)
    {
        var mesh = new Mesh().Gateway("gw", "default", Server(80, "HTTP", ["*"]));
        foreach (var service in services.DistinctBy(service =>
            (service.Name, service.Namespace))) mesh.Service(service.Name, service.Namespace, service.Ports);
        foreach (var (name, i) in Names.Select((name, i) => (name, i)))
            foreach (var @namespace in Namespaces) mesh.Workload(name, @namespace, @namespace == "default" ? $"10.0.0.{i + 9}" : $"10.0.1.{i + 9}", Subsets[i % 2]);
        for (var i = 0; i < rules.Length; i++) mesh.VirtualService($"vs{i}", rules[i].Hosts, rules[i].Routes, rules[i].Gateway ? ["default/gw", "mesh"] : null);
        for (var i = 0; i < destinations.Length; i++)
            mesh.DestinationRule($"dr{i}", destinations[i].Host, subsets: [.. destinations[i].Subsets.Distinct()
                .Select(name => Subset(name))]);
        return mesh.PeerAuthentication("p", "default", mode);
    }

    private static void Holds(Action<ProxyConfiguration> property) =>
        Gen.Select(MeshGen, NodeGen).Sample((mesh, node) => property(new ProxyConfiguration(mesh.Build(), node)), iter: Iterations);

    private static IReadOnlyList<RouteConfiguration> Routes(ProxyConfiguration configuration) =>
        configuration.Routes(RouteNames.Of(configuration.Listeners()));

    [Fact]
    public void Domains_and_names_of_virtual_hosts_are_unique() => Holds(configuration =>
    {
        foreach (var routes in Routes(configuration))
        {
            Unique(routes.VirtualHosts.SelectMany(host => host.Domains).Select(domain => domain.ToLowerInvariant()));
            Unique(routes.VirtualHosts.Select(host => host.Name));
        }
    });

    [Fact]
    public void Names_of_clusters_and_listeners_are_unique() => Holds(configuration =>
    {
        Unique(configuration.Clusters().Select(cluster => cluster.Name));
        Unique(configuration.Listeners().Select(listener => listener.Name));
        Unique(configuration.Listeners().Select(listener => listener.Address.ToString()));
    });

    [Fact]
    public void Filter_chains_of_a_listener_differ_in_what_they_match() => Holds(configuration =>
    {
        foreach (var listener in configuration.Listeners())
            Unique(listener.FilterChains.Select(chain => (chain.FilterChainMatch ?? new()).ToString()));
    });

    [Fact]
    public void Clusters_that_routes_name_exist_when_their_service_and_subset_do() => Gen.Select(MeshGen, NodeGen).Sample((mesh, node) =>
    {
        var snapshot = mesh.Build();
        var configuration = new ProxyConfiguration(snapshot, node);
        var existing = configuration.Clusters().Select(cluster => cluster.Name).ToHashSet();
        foreach (var name in Targets(configuration).Where(name => !existing.Contains(name)))
        {
            var parts = name.Split('|');
            var service = snapshot.ServiceFor(parts[^1], node.Namespace);
            if (service?.Port(uint.Parse(parts[1])) is null) continue;
            var subsets = new DestinationRules(snapshot, node).For(service).Subsets.Select(subset => subset.Name);
            Assert.DoesNotContain(parts[2], subsets.Append(""));
        }
    }, iter: Iterations);

    [Fact]
    public void Every_eds_cluster_has_an_answer() => Holds(configuration =>
    {
        var names = configuration.Clusters().Where(cluster => cluster.EdsClusterConfig is not null)
            .Select(cluster => cluster.EdsClusterConfig.ServiceName).ToList();
        Assert.Equal(names, configuration.Endpoints(names).Select(assignment => assignment.ClusterName));
    });

    [Fact]
    public void Every_route_configuration_a_listener_names_has_an_answer() => Holds(configuration =>
        Assert.Equal(RouteNames.Of(configuration.Listeners()), Routes(configuration).Select(routes => routes.Name)));

    [Fact]
    public void Weights_are_the_rules_weights() => RouteGen.Where(route => route.Route.Count > 1).Sample(route =>
    {
        var mesh = new Mesh().Service("a", "default", "http:80").VirtualService("vs", ["a.default.svc.cluster.local"], [route.When()]);
        var routes = new ProxyConfiguration(mesh.Build(), Nodes.Sidecar()).Routes(["80"])[0];
        var clusters = routes.VirtualHosts[0].Routes[0].Route_?.WeightedClusters?.Clusters ?? [];
        Assert.Equal(route.Route.Where(target => target.Weight > 0)
            .Select(target => (uint)target.Weight), clusters.Select(cluster => cluster.Weight!.Value));
    }, iter: Iterations);

    [Fact]
    public void Translation_is_deterministic() => Gen.Select(MeshGen, NodeGen).Sample((mesh, node) =>
    {
        var (first, second) = (All(new ProxyConfiguration(mesh.Build(), node)), All(new ProxyConfiguration(mesh.Build(), node)));
        Assert.Equal(first, second);
    }, iter: Iterations);

    [Fact]
    public void The_cache_gives_what_the_configuration_is() => Gen.Select(MeshGen, NodeGen).Sample((mesh, node) =>
    {
        var snapshot = mesh.Build();
        var configuration = new ProxyConfiguration(snapshot, node);
        var cache = new TranslationCache();
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(configuration.Clusters().Select(Bytes), Cached(Xds.TypeUrls.Cluster, null));
            Assert.Equal(configuration.Listeners().Select(Bytes), Cached(Xds.TypeUrls.Listener, null));
            Assert.Equal(Routes(configuration).Select(Bytes), Cached(Xds.TypeUrls.Route, RouteNames.Of(configuration.Listeners())));
        }

        IEnumerable<ByteString> Cached(string type, IReadOnlyCollection<string>? names) => cache.Resources(snapshot, node, type, names)
            .Select(any => any.Value);
    }, iter: Iterations);

    private static IEnumerable<string> Targets(ProxyConfiguration configuration)
    {
        var actions = Routes(configuration).SelectMany(routes => routes.VirtualHosts).SelectMany(host => host.Routes)
            .Select(route => route.Route_).OfType<RouteAction>();
        foreach (var action in actions)
        {
            if (action.HasCluster) yield return action.Cluster;
            foreach (var weighted in action.WeightedClusters?.Clusters ?? []) yield return weighted.Name;
        }
    }

    private static List<ByteString> All(ProxyConfiguration configuration) =>
        [.. configuration.Clusters().Select(Bytes), .. configuration.Listeners().Select(Bytes), .. Routes(configuration).Select(Bytes)];

    private static ByteString Bytes(IMessage message) => message.ToByteString();

    private static void Unique<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        Assert.Equal(list.Distinct(), list);
    }
}
