using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Lateen.Identity;
using Lateen.Registry.Sources;
using Lateen.Resources;
using Microsoft.Extensions.Logging;

namespace Lateen.ControlPlane.Tests;

/// <summary>A control plane over a folder of its own, with one reviews replica on this machine.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private const string Reviews = """
        apiVersion: v1
        kind: Service
        metadata: {name: reviews, namespace: default}
        spec:
          selector: {app: reviews}
          ports: [{name: http, port: 9080}]
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("lateen-cp").FullName;
    private ControlPlaneHost? _host;

    private Mesh()
    {
        Directory.CreateDirectory(ConfigFolder);
        Directory.CreateDirectory(StateFolder);
    }

    public string ConfigFolder => Path.Combine(_root, "config");

    public string StateFolder => Path.Combine(_root, "state");

    public ControlPlaneOptions Options => new()
    {
        ConfigFolder = ConfigFolder,
        StateFolder = StateFolder,
        ControlPort = 0,
        LogLevel = LogLevel.Critical,
    };

    public HttpClient Http { get; private set; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Mesh> StartAsync(params (string File, string Yaml)[] files)
    {
        var mesh = new Mesh();
        mesh.Write("reviews.yaml", Reviews);
        foreach (var (file, yaml) in files)
            mesh.Write(file, yaml);
        await mesh.WriteWorkloadsAsync("reviews-v1-1");
        await mesh.StartControlPlaneAsync();
        return mesh;
    }

    public async Task StartControlPlaneAsync()
    {
        _host = await ControlPlaneHost.StartAsync(Options, Cancel);
        Http = new HttpClient { BaseAddress = new(_host.Address) };
        while (!(await Http.GetAsync(new Uri("/ready", UriKind.Relative), Cancel)).IsSuccessStatusCode)
            await Task.Delay(10, Cancel);
    }

    public async Task StopControlPlaneAsync()
    {
        await _host!.DisposeAsync();
        _host = null;
        Http.Dispose();
    }

    public void Write(string file, string yaml) => File.WriteAllText(Path.Combine(ConfigFolder, file), yaml);

    public Task WriteWorkloadsAsync(params string[] names) => LocalWorkloadFile.WriteAsync(
        Path.Combine(StateFolder, LocalWorkloadFile.Name),
        [
            .. names.Select((name, index) => new LocalWorkload
            {
                Name = name,
                Namespace = "default",
                WorkloadName = "reviews-v1",
                ServiceAccount = "bookinfo-reviews",
                Labels = new EquatableMap<string>([new("app", "reviews"), new("version", "v1"), new("security.istio.io/tlsMode", "istio")]),
                Address = $"127.77.1.{index + 1}",
                ApplicationAddress = $"127.77.2.{index + 1}",
                Ports = [new LocalWorkloadPort { Name = "http", Port = 9080 }],
            }),
        ],
        Cancel);

    public Task<string> GetAsync(string path) => Http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);

    /// <summary>Asks until the answer is as expected.</summary>
    public async Task<string> UntilAsync(string path, Func<string, bool> expected)
    {
        while (true)
        {
            var answer = await GetAsync(path);
            if (expected(answer))
                return answer;
            await Task.Delay(20, Cancel);
        }
    }

    public GrpcChannel Channel()
    {
        var socket = Path.Combine(StateFolder, "run", "xds.sock");
        return GrpcChannel.ForAddress("http://xds-grpc", new()
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                },
            },
        });
    }

    public Metadata Token(string serviceAccount, string @namespace = "default")
    {
        using var tokens = WorkloadTokens.LoadOrCreate(Path.Combine(StateFolder, WorkloadTokens.FolderName), TimeProvider.System);
        return new() { { "authorization", $"Bearer {tokens.Issue(@namespace, serviceAccount, TimeSpan.FromHours(1))}" } };
    }

    public static Envoy.Config.Core.V3.Node Node(string pod = "reviews-v1-1", string @namespace = "default", string serviceAccount = "bookinfo-reviews") => new()
    {
        Id = $"sidecar~127.77.1.1~{pod}.{@namespace}~{@namespace}.svc.cluster.local",
        Cluster = $"reviews.{@namespace}",
        Metadata = new()
        {
            Fields =
            {
                ["NAMESPACE"] = Value.ForString(@namespace),
                ["SERVICE_ACCOUNT"] = Value.ForString(serviceAccount),
                ["INTERCEPTION_MODE"] = Value.ForString("NONE"),
                ["HTTP_PROXY_PORT"] = Value.ForString("15080"),
                ["CLUSTER_ID"] = Value.ForString("Kubernetes"),
                ["LABELS"] = Value.ForStruct(new() { Fields = { ["app"] = Value.ForString("reviews"), ["version"] = Value.ForString("v1") } }),
            },
        },
    };

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
