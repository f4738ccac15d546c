using System.Net;
using System.Text.Json.Nodes;
using Lateen.EndToEnd.Support;

namespace Lateen.EndToEnd;

/// <summary>One mesh for the tests that only ask; they leave it as they found it.</summary>
public sealed class BookinfoMesh : IAsyncLifetime
{
    internal Mesh Mesh { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Mesh = await Mesh.StartAsync();

    public ValueTask DisposeAsync() => Mesh.DisposeAsync();
}

/// <summary>What the bookinfo sample shows: routing, splitting, mutual TLS, metrics.</summary>
public sealed class BookinfoTests(BookinfoMesh fixture, ITestOutputHelper output) : IClassFixture<BookinfoMesh>
{
    private const string Reviews = "/api/v1/products/0/reviews";
    private readonly Mesh _mesh = fixture.Mesh;

    [Fact]
    public async Task The_page_is_served_through_the_gateway()
    {
        using var response = await _mesh.GetAsync("/productpage");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("istio-envoy", response.Headers.GetValues("server").Single());
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains("details-v1", page);
        Assert.Contains("reviews-v", page);
        output.WriteLine($"bring-up to first 200: {_mesh.BringUp.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task Ten_percent_of_2000_requests_reach_v3()
    {
        const int Total = 2000;
        var versions = await VersionsAsync(Total);
        var deviation = Math.Sqrt(Total * 0.1 * 0.9);
        Assert.Equal(Total, versions.GetValueOrDefault("v1") + versions.GetValueOrDefault("v3"));
        Assert.InRange(versions["v3"], (Total * 0.1) - (3 * deviation), (Total * 0.1) + (3 * deviation));
    }

    [Fact]
    public async Task With_end_user_jason_all_reach_v2() =>
        Assert.Equal(["v2"], (await VersionsAsync(100, ("end-user", "jason"))).Keys);

    [Fact]
    public async Task A_path_that_no_route_has_is_404()
    {
        using var response = await _mesh.GetAsync("/nowhere");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Metrics_of_both_reporters_add_up_to_the_requests_sent()
    {
        var before = await CountAsync();
        const int Sent = 200;
        await VersionsAsync(Sent);
        await Until.TrueAsync(
            "both reporters counted every request",
            TimeSpan.FromSeconds(10),
            async () =>
            {
                var now = await CountAsync();
                return now.Source - before.Source == Sent && now.Destination - before.Destination == Sent;
            });

        var destination = (await AllMetricsAsync()).Where(s => s.Name == "istio_requests_total" && s["reporter"] == "destination"
            && s["destination_canonical_service"] == "reviews" && s["source_workload"] == "productpage-v1").ToList();
        Assert.NotEmpty(destination);
        Assert.All(destination, s =>
        {
            Assert.Equal("mutual_tls", s["connection_security_policy"]);
            Assert.Equal("spiffe://cluster.local/ns/default/sa/bookinfo-productpage", s["source_principal"]);
            Assert.Equal("spiffe://cluster.local/ns/default/sa/bookinfo-reviews", s["destination_principal"]);
            Assert.Equal("reviews.default.svc.cluster.local", s["destination_service"]);
            Assert.Equal("reviews", s["destination_service_name"]);
            Assert.Equal("default", s["destination_service_namespace"]);
            Assert.Equal("http", s["request_protocol"]);
            Assert.Equal("200", s["response_code"]);
            Assert.Equal("-", s["response_flags"]);
            Assert.Equal("productpage", s["source_app"]);
            Assert.Equal("Kubernetes", s["destination_cluster"]);
        });
    }

    [Fact]
    public async Task Every_hop_is_mutual_tls()
    {
        for (var i = 0; i < 20; i++)
        {
            (await _mesh.GetAsync("/productpage", ("end-user", "jason"))).Dispose();
        }

        var arrived = (await AllMetricsAsync()).Where(s => s.Name == "istio_requests_total" && s["reporter"] == "destination").ToList();
        foreach (var service in (string[])["productpage", "details", "reviews", "ratings"])
        {
            Assert.Contains(arrived, s => s["destination_canonical_service"] == service);
        }

        Assert.All(arrived, s => Assert.Equal("mutual_tls", s["connection_security_policy"]));
    }

    [Fact]
    public async Task Proxy_status_shows_every_proxy_synced()
    {
        var (exit, text) = await _mesh.RunAsync("proxy-status");
        Assert.Equal(0, exit);
        foreach (var replica in _mesh.Replicas)
        {
            Assert.Contains(replica.Name, text);
        }

        Assert.Contains("SYNCED", text);
        Assert.DoesNotContain("NACKED", text);
        Assert.DoesNotContain("STALE", text);
    }

    [Theory]
    [InlineData("listeners", "15080")]
    [InlineData("routes", "http_proxy")]
    [InlineData("clusters", "reviews.default.svc.cluster.local")]
    [InlineData("endpoints", "HEALTHY")]
    [InlineData("secrets", "ROOTCA")]
    public async Task Proxy_config_shows(string what, string expected)
    {
        var (exit, text) = await _mesh.RunAsync("proxy-config", what, _mesh.Of("productpage-v1")[0].Name);
        Assert.True(exit == 0, text);
        Assert.Contains(expected, text);
        Assert.DoesNotContain("PRIVATE KEY", text);
    }

    [Fact]
    public async Task A_second_mesh_on_the_same_port_says_who_has_it()
    {
        var state = Directory.CreateTempSubdirectory("lateen-e2e-second-").FullName;
        var (exit, text) = await Cli.RunAsync("up", _mesh.Folder, "--port", $"{_mesh.Port}", "--state", state, "--control-port", "0");
        Directory.Delete(state, recursive: true);
        Assert.NotEqual(0, exit);
        Assert.Contains($"{_mesh.Port}", text);
    }

    private async Task<Dictionary<string, int>> VersionsAsync(int requests, params (string, string)[] headers)
    {
        var versions = new Dictionary<string, int>();
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            using var response = await _mesh.GetAsync(Reviews, headers);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var version = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["version"]!.GetValue<string>();
            lock (versions)
            {
                versions[version] = versions.GetValueOrDefault(version) + 1;
            }
        });
        return versions;
    }

    private async Task<List<Sample>> AllMetricsAsync()
    {
        var all = new List<Sample>();
        foreach (var replica in _mesh.Replicas)
        {
            all.AddRange(await _mesh.MetricsAsync(replica));
        }

        return all;
    }

    private async Task<(double Source, double Destination)> CountAsync()
    {
        var calls = (await AllMetricsAsync()).Where(s => s.Name == "istio_requests_total"
            && s["source_workload"] == "productpage-v1" && s["destination_canonical_service"] == "reviews").ToList();
        return (calls.Where(s => s["reporter"] == "source").Sum(s => s.Value), calls.Where(s => s["reporter"] == "destination").Sum(s => s.Value));
    }
}
