using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Lateen.EndToEnd.Support;

namespace Lateen.EndToEnd;

/// <summary>Edits of the YAML while traffic flows.</summary>
public sealed class LiveEditTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_weight_takes_effect_within_a_second_and_no_request_fails()
    {
        await using var mesh = await Mesh.StartAsync();
        var lastOld = 0L;
        await using var load = new Load($"{mesh.Http.BaseAddress}api/v1/products/0/reviews", answered: (asked, body) =>
        {
            if (body.Contains("\"version\":\"v1\""))
            {
                lastOld = Math.Max(asked, lastOld);
            }
        });
        await load.MoreAsync(300);
        mesh.Edit("routing.yaml", "weight: 90\n", "weight: 0\n");
        var edited = Stopwatch.GetTimestamp();
        await Until.TrueAsync("nothing comes from v1 any more", TimeSpan.FromSeconds(20), () => Stopwatch.GetElapsedTime(lastOld) > TimeSpan.FromSeconds(2) || lastOld == 0);
        var inForce = Stopwatch.GetElapsedTime(edited, Math.Max(edited, lastOld));
        output.WriteLine($"the last request that went by the old weights was sent {inForce.TotalMilliseconds:0} ms after the edit; {load.Requests} requests");
        await load.MoreAsync(200);
        await load.StopAllOkAsync("a request failed while the weights changed");
        Assert.InRange(inForce, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_mistake_is_reported_with_its_place_and_traffic_stays()
    {
        await using var mesh = await Mesh.StartAsync();
        var lines = File.ReadAllLines(Path.Combine(mesh.Folder, "routing.yaml"));
        var line = Array.FindIndex(lines, l => l.Contains("retryOn: 5xx,reset")) + 2;
        mesh.Edit("routing.yaml", "refused-stream\n      route:\n        - destination:\n            host: reviews", "refused-stream\n      rout:\n        - destination:\n            host: reviews");
        await Until.TrueAsync("the mistake is reported", TimeSpan.FromSeconds(10), () => mesh.Log.Contains($"routing.yaml:{line}:"), () => mesh.Log);
        Assert.Contains("did you mean \"route\"?", mesh.Log);
        for (var i = 0; i < 20; i++)
        {
            Assert.Contains(await VersionAsync(mesh), (string[])["v1", "v3"]);
        }

        mesh.Edit("routing.yaml", "rout:", "route:");
        mesh.Edit("routing.yaml", "weight: 90", "weight: 0");
        await Until.TrueAsync("the mended file counts", TimeSpan.FromSeconds(10), async () => await VersionAsync(mesh) == "v3" && await VersionAsync(mesh) == "v3" && await VersionAsync(mesh) == "v3");
    }

    [Fact]
    public async Task Rotating_all_certificates_under_load_drops_nothing()
    {
        await using var mesh = await Mesh.StartAsync();
        await using var load = new Load($"{mesh.Http.BaseAddress}api/v1/products/0/reviews");
        var serial = await Tls.SerialAsync(mesh, "reviews-v1");
        for (var round = 0; round < 3; round++)
        {
            await load.MoreAsync(200);
            var control = JsonNode.Parse(File.ReadAllText(Path.Combine(mesh.State, "control-plane.json")))!;
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{control["address"]}/debug/rotate");
            request.Headers.Authorization = new("Bearer", control["adminToken"]!.GetValue<string>());
            using var rotated = await mesh.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, rotated.StatusCode);
            await Until.TrueAsync("a new certificate is shown", TimeSpan.FromSeconds(10), async () => await Tls.SerialAsync(mesh, "reviews-v1") != serial);
            serial = await Tls.SerialAsync(mesh, "reviews-v1");
        }

        await load.MoreAsync(200);
        await load.StopAllOkAsync("a request failed while certificates were rotated");
    }

    private static async Task<string> VersionAsync(Mesh mesh) =>
        JsonNode.Parse(await mesh.Http.GetStringAsync("/api/v1/products/0/reviews"))!["version"]!.GetValue<string>();
}
