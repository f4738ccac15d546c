using Envoy.Service.Discovery.V3;
using Envoy.Service.Secret.V3;
using Grpc.Core;

namespace Lateen.Xds.Server;

/// <summary>The gRPC service <c>envoy.service.discovery.v3.AggregatedDiscoveryService</c>, state of the world.</summary>
public sealed class AggregatedDiscovery<TClient>(DiscoveryServer<TClient> server) : AggregatedDiscoveryService.AggregatedDiscoveryServiceBase
{
    /// <inheritdoc/>
    public override Task StreamAggregatedResources(
        IAsyncStreamReader<DiscoveryRequest> requestStream, IServerStreamWriter<DiscoveryResponse> responseStream, ServerCallContext context) =>
        server.StreamAsync(requestStream, responseStream, context);
}

/// <summary>The gRPC service <c>envoy.service.secret.v3.SecretDiscoveryService</c>, state of the world.</summary>
public sealed class SecretDiscovery<TClient>(DiscoveryServer<TClient> server) : SecretDiscoveryService.SecretDiscoveryServiceBase
{
    /// <inheritdoc/>
    public override Task StreamSecrets(
        IAsyncStreamReader<DiscoveryRequest> requestStream, IServerStreamWriter<DiscoveryResponse> responseStream, ServerCallContext context) =>
        server.StreamAsync(requestStream, responseStream, context, TypeUrls.Secret);
}
