using System.Text;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Xds.Istio.PeerMetadata;

namespace Lateen.Proxy.Http.Filters.PeerMetadata;

/// <summary>
/// Exchanges workload metadata with the other side in headers, which neither application sees (Istio: peer_metadata filter). What was
/// learnt is filter state <c>downstream_peer</c> or <c>upstream_peer</c>.
/// </summary>
internal sealed class PeerMetadataFilter(PeerMetadataOptions options, int loops) : IHttpFilter
{
    private const string ReceivedKey = "peer_metadata.received";
    private static readonly object Received = new();
    private readonly PeerCache[] _caches = [.. Enumerable.Range(0, loops).Select(_ => new PeerCache())];

    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange)
    {
        var headers = exchange.Request.Headers;
        if (options.DiscoverDownstream)
        {
            if (Discover(exchange, headers, PeerInfo.DownstreamKey))
            {
                exchange.SetFilterState(ReceivedKey, Received);
            }
        }

        if (options.PropagateUpstream && !(options.SkipExternalUpstream && IsExternal(exchange.Cluster)) && !IsExcluded(exchange.Cluster))
        {
            Inject(headers);
        }

        return new ValueTask<FilterStatus>(FilterStatus.Continue);
    }

    /// <inheritdoc/>
    public void OnResponse(HttpExchange exchange, ResponseHead head)
    {
        if (options.DiscoverUpstream)
        {
            Discover(exchange, head.Headers, PeerInfo.UpstreamKey);
        }

        // Only to a client that told its own: others would not take it off again.
        if (options.PropagateDownstream && exchange.GetFilterState(ReceivedKey) is not null)
        {
            Inject(head.Headers);
        }
    }

    /// <inheritdoc/>
    public void OnComplete(HttpExchange exchange)
    {
    }

    private bool Discover(HttpExchange exchange, HeaderMap headers, string key)
    {
        var received = headers.TryGet(HeaderNames.EnvoyPeerMetadata, out var value);
        if (received && _caches[exchange.Loop.Index].Get(value) is { } peer)
        {
            exchange.SetFilterState(key, peer);
        }

        received |= headers.Remove(HeaderNames.EnvoyPeerMetadataId);
        headers.Remove(HeaderNames.EnvoyPeerMetadata);
        return received;
    }

    private void Inject(HeaderMap headers)
    {
        headers.Set(HeaderNames.EnvoyPeerMetadataId, options.Id);
        headers.Set(HeaderNames.EnvoyPeerMetadata, options.Value);
    }

    private static bool IsExternal(Cluster? cluster) =>
        cluster is not null && (cluster.Name == "PassthroughCluster" || Flag(cluster.Model.Configuration.Metadata, "external"));

    private static bool IsExcluded(Cluster? cluster) => cluster is not null && Flag(cluster.Model.Configuration.Metadata, "disable_mx");

    private static bool Flag(Metadata? metadata, string key) =>
        metadata is not null
        && metadata.FilterMetadata.TryGetValue("istio", out var istio)
        && istio.Fields.TryGetValue(key, out var value)
        && value.KindCase == Value.KindOneofCase.BoolValue
        && value.BoolValue;
}

/// <summary>The filter's configuration.</summary>
internal sealed record PeerMetadataOptions
{
    public required byte[] Id { get; init; }

    public required byte[] Value { get; init; }

    public bool DiscoverDownstream { get; init; }

    public bool DiscoverUpstream { get; init; }

    public bool PropagateDownstream { get; init; }

    public bool PropagateUpstream { get; init; }

    public bool SkipExternalUpstream { get; init; }
}

/// <summary>Builds the peer metadata filter.</summary>
public sealed class PeerMetadataFilterFactory : IHttpFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["io.istio.http.peer_metadata.Config"];

    /// <inheritdoc/>
    public IHttpFilter Create(ByteString configuration, FilterContext context)
    {
        var proto = Config.Parser.ParseFrom(configuration);
        var node = context.Services.Node;
        var options = new PeerMetadataOptions
        {
            Id = Encoding.Latin1.GetBytes(node.Id),
            Value = Encoding.ASCII.GetBytes(PeerInfo.From(node.Metadata).ToHeaderValue()),
            DiscoverDownstream = proto.DownstreamDiscovery.Any(ByHeaders),
            DiscoverUpstream = proto.UpstreamDiscovery.Any(ByHeaders),
            PropagateDownstream = proto.DownstreamPropagation.Any(p => p.IstioHeaders is not null),
            PropagateUpstream = proto.UpstreamPropagation.Any(p => p.IstioHeaders is not null),
            SkipExternalUpstream = proto.UpstreamPropagation.Any(p => p.IstioHeaders?.SkipExternalClusters == true),
        };
        return new PeerMetadataFilter(options, context.Services.Loops.Count);
    }

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) =>
        throw new ConfigurationException("", "peer metadata takes no configuration per route");

    // Workload discovery and baggage add facts where headers give none; without them peers are unknown.
    private static bool ByHeaders(Config.Types.DiscoveryMethod method) => method.IstioHeaders is not null;
}
