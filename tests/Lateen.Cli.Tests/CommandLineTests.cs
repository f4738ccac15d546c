namespace Lateen.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lateen-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--help")]
    [InlineData("up --help")]
    [InlineData("control-plane --help")]
    [InlineData("proxy-status --help")]
    [InlineData("ps --help")]
    [InlineData("proxy-config --help")]
    [InlineData("pc routes --help")]
    [InlineData("version")]
    [InlineData("--version")]
    public async Task Tells_about_itself(string line)
    {
        var (code, output, error) = await RunAsync(line.Split(' '));

        Assert.Equal(0, code);
        Assert.NotEmpty(output);
        Assert.Empty(error);
    }

    [Theory]
    [InlineData("", "Required command was not provided.")]
    [InlineData("sail", "Unrecognized command or argument 'sail'.")]
    [InlineData("up", "Required argument 'FOLDER' missing for command: 'up'.")]
    [InlineData("up . --port 65536", "--port must be from 1 to 65535, not 65536.")]
    [InlineData("up . --port none", "Cannot parse argument 'none'")]
    [InlineData("up . --https-port 0", "--https-port must be from 1 to 65535, not 0.")]
    [InlineData("up . --control-port -1", "--control-port must be from 0 to 65535, not -1.")]
    [InlineData("proxy-config routes", "Required argument 'PROXY' missing for command: 'routes'.")]
    [InlineData("proxy-config routes a -o xml", "Cannot parse argument 'xml'")]
    public async Task A_wrong_line_is_told_and_exits_with_2(string line, string message)
    {
        var (code, _, error) = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy-status")]
    [InlineData("proxy-config clusters reviews")]
    public async Task Without_a_mesh_there_is_nothing_to_look_at(string line)
    {
        var (code, output, error) = await RunAsync([.. line.Split(' '), "--state", _folder]);

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Equal($"lateen: no mesh runs with the state folder {_folder}; start one with lateen up, or name its folder with --state\n", error);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        var folder = Path.Combine(_folder, "none");

        var (code, _, error) = await RunAsync("control-plane", folder, "--state", _folder);

        Assert.Equal(1, code);
        Assert.Equal($"lateen: {folder}: no such folder\n", error);
    }

    [Fact]
    public async Task A_control_plane_that_was_killed_does_not_answer()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "control-plane.json"),
            """{ "address": "http://127.0.0.1:1", "processId": 1, "adminToken": "x" }""", TestContext.Current.CancellationToken);

        var (code, _, error) = await RunAsync("proxy-status", "--state", _folder);

        Assert.Equal(1, code);
        Assert.StartsWith("lateen: the control plane does not answer at http://127.0.0.1:1/debug/syncz", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
