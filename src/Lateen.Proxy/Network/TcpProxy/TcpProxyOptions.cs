using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Network.TcpProxy;

/// <summary>A cluster that a TCP proxy may choose.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="Weight">Its share.</param>
/// <param name="MetadataMatch">The <c>envoy.lb</c> metadata asked for; null for none.</param>
internal sealed record TcpCluster(string Name, uint Weight, Struct? MetadataMatch);

/// <summary>Clusters by weight.</summary>
internal sealed class WeightedClusters(IReadOnlyList<TcpCluster> clusters)
{
    private readonly long _total = clusters.Sum(c => c.Weight);

    /// <summary>Chooses one in proportion to the weights.</summary>
    public TcpCluster Choose(Random random)
    {
        var at = _total > 1 ? random.NextInt64(_total) : 0;
        foreach (var cluster in clusters)
        {
            at -= cluster.Weight;
            if (at < 0)
            {
                return cluster;
            }
        }

        return clusters[^1];
    }
}

/// <summary>A TCP proxy's configuration, compiled.</summary>
internal sealed record TcpProxyOptions
{
    public required WeightedClusters Clusters { get; init; }

    /// <summary>How long no byte may flow either way; null for ever.</summary>
    public required TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a connection may live; null for ever.</summary>
    public required TimeSpan? MaxDuration { get; init; }

    public required int MaxConnectAttempts { get; init; }

    public required bool HashBySourceAddress { get; init; }

    public required IAccessLog? AccessLog { get; init; }

    /// <summary>Log a line when the upstream connection stands, too.</summary>
    public required bool LogOnConnected { get; init; }
}
