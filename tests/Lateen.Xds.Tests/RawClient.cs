using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Grpc.Net.Client;

namespace Lateen.Xds.Tests;

/// <summary>A client that sends exactly the requests a test says.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> _call;

    public RawClient(string socketPath, string nodeId)
    {
        NodeId = nodeId;
        _channel = Unix.Channel(socketPath);
        _call = new AggregatedDiscoveryService.AggregatedDiscoveryServiceClient(_channel).StreamAggregatedResources();
    }

    public string NodeId { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task SendAsync(DiscoveryRequest request)
    {
        request.Node = new() { Id = NodeId };
        return _call.RequestStream.WriteAsync(request, Cancel);
    }

    public Task SubscribeAsync(string typeUrl, params string[] names) => SendAsync(new() { TypeUrl = typeUrl, ResourceNames = { names } });

    public Task AckAsync(DiscoveryResponse response, params string[] names) => SendAsync(
        new() { TypeUrl = response.TypeUrl, VersionInfo = response.VersionInfo, ResponseNonce = response.Nonce, ResourceNames = { names } });

    public Task NackAsync(DiscoveryResponse response, string error, params string[] names) => SendAsync(new()
    {
        TypeUrl = response.TypeUrl,
        ResponseNonce = response.Nonce,
        ResourceNames = { names },
        ErrorDetail = new() { Code = 13, Message = error },
    });

    public async Task<DiscoveryResponse> ReceiveAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext(Cancel), "the stream ended");
        return _call.ResponseStream.Current;
    }

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }
}
