using Lateen.EndToEnd.Support;

namespace Lateen.EndToEnd;

/// <summary>Start and stop, with each build of the proxy.</summary>
public sealed class LifeTests(ITestOutputHelper output)
{
    public static TheoryData<string> Proxies => [.. ((string?[])[Repository.JitProxy, Repository.NativeProxy]).OfType<string>()];

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task The_mesh_comes_up_serves_and_leaves_nothing_behind(string proxy)
    {
        var mesh = await Mesh.StartAsync(proxy: proxy);
        output.WriteLine($"{Path.GetFileName(proxy)}: bring-up to first 200 in {mesh.BringUp.TotalSeconds:0.0} s");
        (await mesh.GetAsync("/productpage")).EnsureSuccessStatusCode();
        await mesh.DisposeAsync();
    }

    [Fact]
    public async Task The_second_sample_calls_an_external_service()
    {
        await using var mesh = await Mesh.StartAsync("my-service", readyPath: "/advice/1");
        for (var i = 0; i < 20; i++)
        {
            (await mesh.GetAsync("/advice/1")).EnsureSuccessStatusCode();
        }
    }
}
