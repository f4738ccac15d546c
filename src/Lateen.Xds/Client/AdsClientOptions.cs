using Envoy.Config.Core.V3;

namespace Lateen.Xds.Client;

/// <summary>The gRPC method that carries a client's streams.</summary>
public enum DiscoveryMethod
{
    /// <summary><c>AggregatedDiscoveryService/StreamAggregatedResources</c>: every type on one stream.</summary>
    AggregatedResources,

    /// <summary><c>SecretDiscoveryService/StreamSecrets</c>: secrets only.</summary>
    Secrets,
}

/// <summary>How a client introduces itself and how it reconnects.</summary>
public sealed record AdsClientOptions
{
    /// <summary>Who the client is.</summary>
    public required Node Node { get; init; }

    /// <summary>The method to call.</summary>
    public DiscoveryMethod Method { get; init; } = DiscoveryMethod.AggregatedResources;

    /// <summary>Whether the node is left out of every request of a stream but the first (bootstrap: <c>set_node_on_first_message_only</c>).</summary>
    public bool SetNodeOnFirstMessageOnly { get; init; }

    /// <summary>Sent with every stream (bootstrap: <c>grpc_services[].initial_metadata</c>).</summary>
    public Grpc.Core.Metadata InitialMetadata { get; init; } = [];

    /// <summary>The first back-off interval (Envoy: 500 ms).</summary>
    public TimeSpan BackOffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest back-off interval (Envoy: 30 s).</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(30);
}
