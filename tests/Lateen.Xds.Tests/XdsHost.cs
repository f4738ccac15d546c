using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Lateen.Xds.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Xds.Tests;

/// <summary>A discovery server behind Kestrel on a UNIX socket.</summary>
internal sealed class XdsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Meter _meter = new("test");

    private XdsHost(WebApplication app, DiscoveryServer<string> server, Meter meter)
    {
        _app = app;
        _meter = meter;
        Server = server;
    }

    public DiscoveryServer<string> Server { get; }

    public static async Task<XdsHost> StartAsync(string socketPath)
    {
        var meter = new Meter("test");
        var server = new DiscoveryServer<string>("test-control-plane", new AdmitByNodeId(), meter, TimeProvider.System, NullLogger.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socketPath, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new AggregatedDiscovery<string>(server));
        builder.Services.AddSingleton(new SecretDiscovery<string>(server));
        var app = builder.Build();
        app.MapGrpcService<AggregatedDiscovery<string>>();
        app.MapGrpcService<SecretDiscovery<string>>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, server, meter);
    }

    public async ValueTask DisposeAsync()
    {
        Server.Stop();
        await _app.DisposeAsync();
        Server.Dispose();
        _meter.Dispose();
    }

    private sealed class AdmitByNodeId : IClientAdmission<string>
    {
        public ValueTask<string> AdmitAsync(Node node, ServerCallContext context) => node.Id == "stranger"
            ? throw new RpcException(new(StatusCode.PermissionDenied, "no strangers"))
            : new(node.Id);
    }
}

/// <summary>Resources by type and name.</summary>
internal sealed class TableGenerator(params (string TypeUrl, string Name, string Content)[] resources) : IResourceGenerator<string>
{
    public ConcurrentQueue<(string Client, string Type, string Names)> Queries { get; } = new();

    public IReadOnlyList<Any>? Generate(string client, ResourceQuery query)
    {
        Queries.Enqueue((client, TypeUrls.ShortName(query.TypeUrl), query.Names is null ? "*" : string.Join(',', query.Names.Order())));
        return
        [
            .. resources
                .Where(r => r.TypeUrl == query.TypeUrl && (query.Names is null || query.Names.Contains(r.Name)))
                .Select(r => new Any { TypeUrl = r.TypeUrl, Value = Google.Protobuf.ByteString.CopyFromUtf8($"{r.Name}={r.Content}") }),
        ];
    }
}

internal static class Unix
{
    public static string NewSocketPath() => Path.Combine(Directory.CreateTempSubdirectory("lateen-xds").FullName, "xds.sock");

    public static GrpcChannel Channel(string path) => GrpcChannel.ForAddress("http://localhost", new()
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });
}
