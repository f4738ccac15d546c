using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Secret.V3;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Lateen.ControlPlane.Tests;

/// <summary>A proxy's stream, worked by hand: every response is acknowledged unless a test says otherwise.</summary>
internal sealed class XdsStream : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> _call;
    private readonly Node _node;
    private readonly Dictionary<string, string[]> _names = [];

    private XdsStream(GrpcChannel channel, AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> call, Node node)
    {
        _channel = channel;
        _call = call;
        _node = node;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static XdsStream Aggregated(Mesh mesh, Grpc.Core.Metadata token, Node? node = null)
    {
        var channel = mesh.Channel();
        return new(channel, new AggregatedDiscoveryService.AggregatedDiscoveryServiceClient(channel).StreamAggregatedResources(token), node ?? Mesh.Node());
    }

    public static XdsStream Secrets(Mesh mesh, Grpc.Core.Metadata token, Node? node = null)
    {
        var channel = mesh.Channel();
        return new(channel, new SecretDiscoveryService.SecretDiscoveryServiceClient(channel).StreamSecrets(token), node ?? Mesh.Node());
    }

    public Task SubscribeAsync(string typeUrl, params string[] names)
    {
        _names[typeUrl] = names;
        return _call.RequestStream.WriteAsync(new() { Node = _node, TypeUrl = typeUrl, ResourceNames = { names } }, Cancel);
    }

    public async Task<DiscoveryResponse> ReceiveAsync(string? rejectedFor = null)
    {
        Assert.True(await _call.ResponseStream.MoveNext(Cancel), "the stream ended");
        var response = _call.ResponseStream.Current;
        var request = new DiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce, ResourceNames = { _names[response.TypeUrl] } };
        if (rejectedFor is null)
            request.VersionInfo = response.VersionInfo;
        else
            request.ErrorDetail = new() { Code = 13, Message = rejectedFor };
        await _call.RequestStream.WriteAsync(request, Cancel);
        return response;
    }

    /// <summary>Receives until a response of a type satisfies.</summary>
    public async Task<DiscoveryResponse> UntilAsync(string typeUrl, Func<DiscoveryResponse, bool> satisfies)
    {
        while (true)
        {
            var response = await ReceiveAsync();
            if (response.TypeUrl == typeUrl && satisfies(response))
                return response;
        }
    }

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }
}

internal static class Responses
{
    public static IReadOnlyList<T> Of<T>(this DiscoveryResponse response)
        where T : IMessage<T>, new() => [.. response.Resources.Select(resource => resource.Unpack<T>())];
}
