using System.Runtime.CompilerServices;
using Lateen.Registry;
using Lateen.Registry.Building;

namespace Lateen.Translation.Tests;

/// <summary>The samples' own YAML, as a sidecar of the mesh on one machine gets it.</summary>
public sealed class SampleTests
{
    private static readonly ProxyNode Local = Nodes.Sidecar(address: "127.64.1.9", mode: InterceptionMode.None);

    [Theory]
    [InlineData("bookinfo")]
    [InlineData("my-service")]
    public void Everything_in_a_sample_has_an_effect(string sample) => Assert.Empty(TranslationNotes.Of(Read(sample)));

    [Fact]
    public void Bookinfo_splits_reviews_and_sends_jason_to_v2()
    {
        var routes = new ProxyConfiguration(Read("bookinfo"), Local).Routes(["http_proxy"])[0];
        var reviews = routes.VirtualHosts.Single(host => host.Name == "reviews.default.svc.cluster.local:9080");
        Assert.Contains("reviews:9080", reviews.Domains);
        Assert.Equal("outbound|9080|v2|reviews.default.svc.cluster.local", reviews.Routes[0].Route_.Cluster);
        Assert.Equal([90u, 10u], reviews.Routes[1].Route_.WeightedClusters.Clusters.Select(cluster => cluster.Weight!.Value));
    }

    [Fact]
    public void The_external_service_is_reached_at_its_endpoint()
    {
        var configuration = new ProxyConfiguration(Read("my-service"), Local);
        Assert.Contains(configuration.Clusters(), cluster => cluster.Name == "outbound|80||external-service.example");
        var address = configuration.Endpoints(["outbound|80||external-service.example"])[0].Endpoints[0].LbEndpoints[0].Endpoint.Address.SocketAddress;
        Assert.Equal(("127.0.0.1", 19090u), (address.Address, address.PortValue));
    }

    private static MeshSnapshot Read(string sample, [CallerFilePath] string here = "")
    {
        var folder = Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "samples", sample);
        var files = Directory.EnumerateFiles(folder, "*.yaml").Where(file => Path.GetFileName(file) != "local.yaml")
            .Order(StringComparer.Ordinal);
        return SnapshotBuilder.FromYaml(string.Join("\n---\n", files.Select(File.ReadAllText)));
    }
}
