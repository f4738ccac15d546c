using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Clusters;

/// <summary>What the choice of a host may depend on.</summary>
public readonly struct LoadBalancerContext
{
    /// <summary>The loop's source of chance.</summary>
    public required Random Random { get; init; }

    /// <summary>The request's hash by the route's hash policy; null without one.</summary>
    public ulong? Hash { get; init; }

    /// <summary>The retry policy in force, for its host predicates; null when this is not a retry or there are none.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Hosts that earlier attempts of this request were given; null on the first.</summary>
    public IReadOnlyList<Host>? Attempted { get; init; }

    /// <summary>The <c>envoy.lb</c> metadata that the route asks for; null when it asks for none.</summary>
    public Struct? MetadataMatch { get; init; }

    /// <summary>The client's connection, for original destinations.</summary>
    public ConnectionInfo? Downstream { get; init; }

    /// <summary>The request's headers, for original destinations by header; null for TCP.</summary>
    public HeaderMap? RequestHeaders { get; init; }
}
