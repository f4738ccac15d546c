using System.Text.Json;

namespace Lateen.Cli.Tests;

public sealed class ValidateCommandTests : IDisposable
{
    private const string Bad = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: x}
        spec:
          hosts: [a]
          http:
            - timeout: 0s
              route: [{destination: {host: a}}]
        """;

    private const string Doubtful = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: x}
        spec: {selector: {}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lateen-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Shows_the_line_with_the_place_underlined()
    {
        var file = Write("bad.yaml", Bad);

        var (code, output, _) = await RunAsync("validate", "-f", file);

        Assert.Equal(1, code);
        Assert.Equal(
            $"""
            error: must be at least 1ms [VS-98]
              --> {file}:7:7
               in VirtualService default/x, spec.http[0].timeout
            7 |     - timeout: 0s
              |       ^^^^^^^

            1 objects read, 1 errors, 0 warnings

            """, output);
    }

    [Fact]
    public async Task A_folder_is_read_with_everything_below_it()
    {
        Write("a/bad.yaml", Bad);
        Write("b.json", """{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}""");
        Write("readme.txt", "nothing: [");

        var (code, output, _) = await RunAsync("validate", "-f", _folder);

        Assert.Equal(1, code);
        Assert.EndsWith("2 objects read, 1 errors, 0 warnings\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_alone_are_no_failure()
    {
        var (code, output, _) = await RunAsync("validate", "-f", Write("a.yaml", Doubtful));

        Assert.Equal(0, code);
        Assert.Contains("[SEL-6]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_programs_get_json()
    {
        var file = Write("bad.yaml", Bad);

        var (_, output, _) = await RunAsync("validate", "-f", file, "-o", "json");

        var finding = Assert.Single(JsonDocument.Parse(output).RootElement.EnumerateArray());
        Assert.Equal(
            ("LAT0004", "error", "VirtualService", "default", "x", "spec.http[0].timeout", file, 7, 7, "must be at least 1ms"),
            (Text("code"), Text("severity"), Text("kind"), Text("namespace"), Text("name"), Text("path"), Text("file"),
                finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32(), Text("message")));
        string? Text(string name) => finding.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Code_scanning_gets_sarif()
    {
        var (_, output, _) = await RunAsync("validate", "-f", Write("bad.yaml", Bad), "-o", "sarif");

        var run = JsonDocument.Parse(output).RootElement.GetProperty("runs")[0];
        var result = Assert.Single(run.GetProperty("results").EnumerateArray());
        Assert.Equal(("VS-98", "error"), (result.GetProperty("ruleId").GetString(), result.GetProperty("level").GetString()));
        Assert.Equal(7, result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.Equal("VS-98", run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Pull_requests_get_annotations()
    {
        var file = Write("bad.yaml", Bad);

        var (_, output, _) = await RunAsync("validate", "-f", file, "-o", "github");

        Assert.Equal($"::error file={file},line=7,col=7::VirtualService default/x: spec.http[0].timeout: must be at least 1ms\n", output);
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        var (code, _, error) = await RunAsync("validate", "-f", "none.yaml");

        Assert.Equal((1, "lateen: none.yaml: no such file or folder\n"), (code, error));
    }

    [Fact]
    public async Task A_wrong_line_exits_with_2()
    {
        Assert.Equal(2, (await RunAsync("validate")).Code);
        Assert.Equal(2, (await RunAsync("validate", "-f", "a", "-o", "xml")).Code);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
