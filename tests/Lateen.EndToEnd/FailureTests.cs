using System.Net;
using System.Text.Json.Nodes;
using Lateen.EndToEnd.Support;

namespace Lateen.EndToEnd;

/// <summary>Things that die or misbehave while traffic flows.</summary>
public sealed class FailureTests
{
    private const string Reviews = "/api/v1/products/0/reviews";

    [Fact]
    public async Task Killing_a_reviews_application_under_load_shows_no_client_an_error()
    {
        await using var mesh = await Mesh.StartAsync();
        await using var load = new Load($"{mesh.Http.BaseAddress}{Reviews[1..]}");
        await load.MoreAsync(300);
        var replica = mesh.Of("reviews-v1")[0];
        foreach (var id in Mesh.ApplicationsOf(replica))
        {
            Signals.Send(id, Signals.Kill);
        }

        await load.MoreAsync(1000);
        await Until.TrueAsync("the application is back", TimeSpan.FromSeconds(20), () => Mesh.ApplicationsOf(replica).Count > 0, () => mesh.Log);
        await load.StopAllOkAsync("killing a replica's application was seen");
    }

    [Fact]
    public async Task Killing_a_sidecar_under_load_shows_no_client_an_error_and_it_serves_again()
    {
        await using var mesh = await Mesh.StartAsync();
        await using var load = new Load($"{mesh.Http.BaseAddress}{Reviews[1..]}");
        await load.MoreAsync(300);
        var replica = mesh.Of("reviews-v1")[0];
        var old = mesh.SidecarsOf(replica);
        Assert.NotEmpty(old);
        foreach (var id in old)
        {
            Signals.Send(id, Signals.Kill);
        }

        await load.MoreAsync(500);
        await Until.TrueAsync("another sidecar runs", TimeSpan.FromSeconds(20), () => mesh.SidecarsOf(replica).Except(old).Any(), () => mesh.Log);
        await Until.TrueAsync(
            "it serves requests",
            TimeSpan.FromSeconds(30),
            async () => (await mesh.MetricsAsync(replica)).Any(s => s.Name == "istio_requests_total" && s["reporter"] == "destination" && s.Value > 0),
            () => mesh.Log);
        await load.StopAllOkAsync("killing a sidecar was seen");
    }

    [Fact]
    public async Task Without_a_control_plane_traffic_goes_on_and_proxies_resync_when_it_is_back()
    {
        await using var mesh = await Mesh.StartAsync();
        await using var load = new Load($"{mesh.Http.BaseAddress}{Reviews[1..]}");
        await load.MoreAsync(200);
        var old = mesh.ControlPlanes();
        Assert.NotEmpty(old);
        foreach (var id in old)
        {
            Signals.Send(id, Signals.Kill);
        }

        await load.MoreAsync(500);
        await Until.TrueAsync("another control plane runs", TimeSpan.FromSeconds(20), () => mesh.ControlPlanes().Except(old).Any(), () => mesh.Log);
        await Until.TrueAsync("every proxy is synced again", TimeSpan.FromSeconds(30), async () =>
        {
            var (exit, text) = await mesh.RunAsync("proxy-status");
            return exit == 0 && mesh.Replicas.All(r => text.Contains(r.Name)) && !text.Contains("STALE") && !text.Contains("NACKED");
        });
        mesh.Edit("routing.yaml", "weight: 90", "weight: 0");
        await Until.TrueAsync("edits count again", TimeSpan.FromSeconds(10), async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                if (JsonNode.Parse(await mesh.Http.GetStringAsync(Reviews))!["version"]!.GetValue<string>() != "v3")
                {
                    return false;
                }
            }

            return true;
        });
        await load.StopAllOkAsync("the control plane's death was seen");
    }

    [Fact]
    public async Task Two_503s_of_ratings_are_retried_and_a_slow_one_is_cut_off()
    {
        await using var mesh = await Mesh.StartAsync();
        var control = $"http://{mesh.Of("ratings-v1")[0].ApplicationAddress}:9080/control";

        (await mesh.Http.PostAsync($"{control}?fail=2", null)).EnsureSuccessStatusCode();
        using (var response = await mesh.GetAsync("/api/v1/products/0/ratings"))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(0, JsonNode.Parse(await mesh.Http.GetStringAsync(control))!["fail"]!.GetValue<int>());

        (await mesh.Http.PostAsync($"{control}?delay=5000", null)).EnsureSuccessStatusCode();
        using (var response = await mesh.GetAsync("/api/v1/products/0/ratings"))
        {
            Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        }

        // The access log of the caller's sidecar: 504 with UT, Envoy's flag for an upstream request timeout.
        await Until.TrueAsync(
            "the access log shows 504 UT",
            TimeSpan.FromSeconds(10),
            () => mesh.Log.Split('\n').Any(l => l.Contains("/ratings/0") && l.Contains(" 504 UT ")),
            () => mesh.Log);
    }
}
