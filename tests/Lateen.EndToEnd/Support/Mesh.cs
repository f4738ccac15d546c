using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Lateen.EndToEnd.Support;

/// <summary>A replica as <c>STATE/local-workloads.json</c> lists it.</summary>
internal sealed record Replica(string Name, string Namespace, string WorkloadName, string Address, string ApplicationAddress);

/// <summary>
/// <c>lateen up</c> on a copy of a sample, as a real process with a state folder and ports of its own. Disposing it sends SIGTERM and
/// checks that nothing is left behind.
/// </summary>
internal sealed class Mesh : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly string _root;

    private Mesh(Process process, string root, string folder, string state, int port, int httpsPort)
    {
        (_process, _root, Folder, State, Port, HttpsPort) = (process, root, folder, state, port, httpsPort);
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 64 })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public string Folder { get; }

    public string State { get; }

    public int Port { get; }

    public int HttpsPort { get; }

    public HttpClient Http { get; }

    /// <summary>From start to the first 200 of the page.</summary>
    public TimeSpan BringUp { get; private set; }

    public int ProcessId => _process.Id;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public IReadOnlyList<Replica> Replicas =>
        JsonSerializer.Deserialize<List<Replica>>(File.ReadAllText(Path.Combine(State, "local-workloads.json")), Json)!;

    public static async Task<Mesh> StartAsync(
        string sample = "bookinfo",
        string? proxy = null,
        string readyPath = "/productpage",
        Action<string>? edit = null,
        params string[] arguments)
    {
        var root = Directory.CreateTempSubdirectory("lateen-e2e-").FullName;
        var folder = Path.Combine(root, sample);
        CopySample(Path.Combine(Repository.Root, "samples", sample), folder);
        edit?.Invoke(folder);
        var state = Path.Combine(root, "state");
        var (port, httpsPort) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in (string[])
            [
                "exec", Repository.Cli, "up", folder, "--state", state, "--port", $"{port}", "--https-port", $"{httpsPort}",
                "--control-port", "0", .. arguments,
            ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LATEEN_PROXY"] = proxy ?? Repository.NativeProxy ?? Repository.JitProxy;
        var mesh = new Mesh(Process.Start(start)!, root, folder, state, port, httpsPort);
        mesh.Listen();
        try
        {
            mesh.BringUp = await Until.TrueAsync(
                $"{readyPath} answers 200",
                TimeSpan.FromSeconds(60),
                async () => !mesh._process.HasExited ? (await mesh.Http.GetAsync(readyPath)).StatusCode == HttpStatusCode.OK : throw new InvalidOperationException("lateen up ended:\n" + mesh.Log),
                () => mesh.Log);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }

    /// <summary>Replaces text in one of the sample's files, as an editor does: a new file renamed over the old one.</summary>
    public void Edit(string file, string old, string replacement)
    {
        var path = Path.Combine(Folder, file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text);
        File.WriteAllText(path + ".new", text.Replace(old, replacement));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>The replicas of a Deployment.</summary>
    public IReadOnlyList<Replica> Of(string workload) => [.. Replicas.Where(r => r.WorkloadName == workload)];

    /// <summary>Prometheus metrics of a replica's sidecar (or the gateway's).</summary>
    public async Task<IReadOnlyList<Sample>> MetricsAsync(Replica replica) =>
        Sample.Parse(await Http.GetStringAsync($"http://{replica.Address}:15000/stats/prometheus"));

    /// <summary>Process ids of the sidecar of a replica.</summary>
    public IReadOnlyList<int> SidecarsOf(Replica replica) =>
        ProcessTable.Where(p => p.CommandLine.Contains(State) && p.CommandLine.Contains(replica.Name) && p.CommandLine.Contains("lateen-proxy"));

    /// <summary>Process ids of the application of a replica.</summary>
    public static IReadOnlyList<int> ApplicationsOf(Replica replica) =>
        ProcessTable.Where(p => !p.CommandLine.Contains("lateen-proxy") && p.Environment.Contains($"http://{replica.Address}:15080"));

    /// <summary>Process ids of the control plane.</summary>
    public IReadOnlyList<int> ControlPlanes() => ProcessTable.Where(p => p.CommandLine.Contains(State) && p.CommandLine.Contains("control-plane"));

    /// <summary>Runs another command of the CLI against this mesh.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        await Cli.RunAsync([.. arguments, "--state", State]);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Terminate);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                throw new TimeoutException("lateen up did not end within 30 s of SIGTERM:\n" + Log);
            }
        }

        var left = ProcessTable.Where(p => p.CommandLine.Contains(_root) || p.Environment.Contains(_root));
        Assert.True(left.Count == 0, $"processes left behind: {string.Join(", ", left)}\n{Log}");
        Directory.Delete(_root, recursive: true);
    }

    private static void CopySample(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*.yaml"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        // local.yaml names projects relative to its folder: the copies point back to the built ones.
        var local = Path.Combine(to, "local.yaml");
        File.WriteAllText(local, File.ReadAllText(local).Replace("project: ", $"project: {from}/"));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private void Listen()
    {
        void Add(object _, DataReceivedEventArgs e)
        {
            lock (_log)
            {
                _log.AppendLine(e.Data);
            }
        }

        _process.OutputDataReceived += Add;
        _process.ErrorDataReceived += Add;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }
}
