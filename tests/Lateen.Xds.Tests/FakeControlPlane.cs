using System.Threading.Channels;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Lateen.Xds.Tests;

/// <summary>Stands in for the channel: a test reads the client's requests and writes the responses, stream after stream.</summary>
internal sealed class FakeControlPlane : CallInvoker
{
    private readonly Channel<FakeStream> _streams = Channel.CreateUnbounded<FakeStream>();

    public List<string> Methods { get; } = [];

    public ValueTask<FakeStream> AcceptAsync() => _streams.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Methods.Add(method.FullName);
        var stream = new FakeStream();
        _streams.Writer.TryWrite(stream);
        return (AsyncDuplexStreamingCall<TRequest, TResponse>)(object)new AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse>(
            stream, stream, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], stream.End);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
}

internal sealed class FakeStream : IClientStreamWriter<DiscoveryRequest>, IAsyncStreamReader<DiscoveryResponse>
{
    private readonly Channel<DiscoveryRequest> _requests = Channel.CreateUnbounded<DiscoveryRequest>();
    private readonly Channel<DiscoveryResponse> _responses = Channel.CreateUnbounded<DiscoveryResponse>();
    private int _nonce;

    public DiscoveryResponse Current { get; private set; } = new();

    public WriteOptions? WriteOptions { get; set; }

    public ValueTask<DiscoveryRequest> NextRequestAsync() => _requests.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public bool HasRequest => _requests.Reader.TryPeek(out _);

    public void Respond(string typeUrl, string version, params string[] contents) => Respond(new()
    {
        TypeUrl = typeUrl,
        VersionInfo = version,
        Nonce = $"nonce{++_nonce}",
        Resources = { contents.Select(c => new Any { TypeUrl = typeUrl, Value = Google.Protobuf.ByteString.CopyFromUtf8(c) }) },
    });

    public void Respond(DiscoveryResponse response) => _responses.Writer.TryWrite(response);

    public void End() => _responses.Writer.TryComplete();

    public void Break() => _responses.Writer.TryComplete(new RpcException(new(StatusCode.Unavailable, "gone")));

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!await _responses.Reader.WaitToReadAsync(cancellationToken) || !_responses.Reader.TryRead(out var response))
            return false;
        Current = response;
        return true;
    }

    public Task WriteAsync(DiscoveryRequest message) => _requests.Writer.WriteAsync(message).AsTask();

    Task IAsyncStreamWriter<DiscoveryRequest>.WriteAsync(DiscoveryRequest message, CancellationToken cancellationToken) =>
        _requests.Writer.WriteAsync(message, cancellationToken).AsTask();

    public Task CompleteAsync() => Task.CompletedTask;
}
