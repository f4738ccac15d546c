using System.Threading.Channels;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Secret.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Lateen.Xds;

namespace Lateen.Proxy.Tests.Configuration;

/// <summary>A control plane on a UNIX socket that a test speaks through: it reads requests and writes responses.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<DiscoveryRequest> _requests = Channel.CreateUnbounded<DiscoveryRequest>();
    private readonly TaskCompletionSource<IServerStreamWriter<DiscoveryResponse>> _aggregated = new();
    private readonly TaskCompletionSource<IServerStreamWriter<DiscoveryResponse>> _secrets = new();
    private int _nonce;

    private ControlPlane(WebApplication app, string path) => (_app, SocketPath) = (app, path);

    public string SocketPath { get; }

    /// <summary>The metadata of the aggregated stream.</summary>
    public Metadata Metadata { get; private set; } = [];

    /// <summary>The metadata of the stream of secrets.</summary>
    public Metadata SecretMetadata { get; private set; } = [];

    public static async Task<ControlPlane> StartAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"xds-{Guid.NewGuid():N}.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Streams>();
        var app = builder.Build();
        app.MapGrpcService<Aggregated>();
        app.MapGrpcService<Secrets>();
        var plane = new ControlPlane(app, path);
        app.Services.GetRequiredService<Streams>().Plane = plane;
        await app.StartAsync(TestContext.Current.CancellationToken);
        return plane;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        File.Delete(SocketPath);
    }

    /// <summary>The next request of a type; others are skipped.</summary>
    public async Task<DiscoveryRequest> RequestAsync(string typeUrl)
    {
        while (true)
        {
            var request = await _requests.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            if (request.TypeUrl == typeUrl)
                return request;
        }
    }

    /// <summary>Sends resources and returns the proxy's verdict: null for ACK, else the reason.</summary>
    public async Task<string?> PushAsync(string typeUrl, string version, params IMessage[] resources)
    {
        var nonce = await SendAsync(typeUrl, version, resources);
        while (true)
        {
            var request = await RequestAsync(typeUrl);
            if (request.ResponseNonce == nonce)
                return request.ErrorDetail?.Message;
        }
    }

    /// <summary>Sends resources; the nonce.</summary>
    public async Task<string> SendAsync(string typeUrl, string version, params IMessage[] resources)
    {
        var stream = await (typeUrl == TypeUrls.Secret ? _secrets : _aggregated).Task.WaitAsync(TimeSpan.FromSeconds(10));
        var response = new DiscoveryResponse { TypeUrl = typeUrl, VersionInfo = version, Nonce = $"n{++_nonce}" };
        response.Resources.AddRange(resources.Select(r => Any.Pack(r)));
        await stream.WriteAsync(response);
        return response.Nonce;
    }

    private async Task ServeAsync(
        TaskCompletionSource<IServerStreamWriter<DiscoveryResponse>> opened,
        IAsyncStreamReader<DiscoveryRequest> requests,
        IServerStreamWriter<DiscoveryResponse> responses,
        ServerCallContext context)
    {
        if (opened == _secrets)
            SecretMetadata = context.RequestHeaders;
        else
            Metadata = context.RequestHeaders;
        opened.TrySetResult(responses);
        while (await requests.MoveNext(context.CancellationToken))
            await _requests.Writer.WriteAsync(requests.Current);
    }

    private sealed class Streams
    {
        public ControlPlane Plane { get; set; } = null!;
    }

    private sealed class Aggregated(Streams streams) : AggregatedDiscoveryService.AggregatedDiscoveryServiceBase
    {
        public override Task StreamAggregatedResources(
            IAsyncStreamReader<DiscoveryRequest> requestStream, IServerStreamWriter<DiscoveryResponse> responseStream, ServerCallContext context) =>
            streams.Plane.ServeAsync(streams.Plane._aggregated, requestStream, responseStream, context);
    }

    private sealed class Secrets(Streams streams) : SecretDiscoveryService.SecretDiscoveryServiceBase
    {
        public override Task StreamSecrets(
            IAsyncStreamReader<DiscoveryRequest> requestStream, IServerStreamWriter<DiscoveryResponse> responseStream, ServerCallContext context) =>
            streams.Plane.ServeAsync(streams.Plane._secrets, requestStream, responseStream, context);
    }
}
