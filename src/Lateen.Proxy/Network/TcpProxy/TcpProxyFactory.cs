using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Matching;
using Proto = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Lateen.Proxy.Network.TcpProxy;

/// <summary>Builds TCP proxies (<c>envoy.filters.network.tcp_proxy</c>).</summary>
public sealed class TcpProxyFactory : INetworkFilterFactory
{
    private const string LoadBalancerMetadata = "envoy.lb";

    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"];

    /// <inheritdoc/>
    public object Create(ByteString configuration, FilterContext context)
    {
        var proto = Proto.Parser.ParseFrom(configuration);
        if (proto.TunnelingConfig is not null)
        {
            throw new ConfigurationException("tunneling_config", "not supported");
        }

        if (proto.OnDemand is not null)
        {
            throw new ConfigurationException("on_demand", "not supported");
        }

        if (proto.StatPrefix.Length == 0)
        {
            throw new ConfigurationException("stat_prefix", "expected a value");
        }

        return new TcpProxyFilter(
            new TcpProxyOptions
            {
                Clusters = Clusters(proto),
                IdleTimeout = Durations.ZeroIsNone(proto.IdleTimeout, "idle_timeout", TimeSpan.FromHours(1)),
                MaxDuration = Durations.Positive(proto.MaxDownstreamConnectionDuration, "max_downstream_connection_duration"),
                MaxConnectAttempts = (int)(proto.MaxConnectAttempts ?? 1),
                HashBySourceAddress = proto.HashPolicy.Any(p => p.SourceIp is not null),
                AccessLog = AccessLog(proto, context),
                LogOnConnected = proto.AccessLogOptions?.FlushAccessLogOnConnected ?? false,
            },
            new TcpProxyStats(context.Services.Stats, $"tcp.{proto.StatPrefix}."),
            context.Services);
    }

    private static WeightedClusters Clusters(Proto proto)
    {
        var common = Metadata(proto.MetadataMatch);
        switch (proto.ClusterSpecifierCase)
        {
            case Proto.ClusterSpecifierOneofCase.Cluster when proto.Cluster.Length > 0:
                return new WeightedClusters([new TcpCluster(proto.Cluster, 1, common)]);
            case Proto.ClusterSpecifierOneofCase.WeightedClusters when proto.WeightedClusters.Clusters.Any(c => c.Weight > 0):
                return new WeightedClusters(
                    [.. proto.WeightedClusters.Clusters.Select(c => new TcpCluster(c.Name, c.Weight, Metadata(c.MetadataMatch) ?? common))]);
            default:
                throw new ConfigurationException("cluster_specifier", "expected cluster or weighted_clusters with a weight above 0");
        }
    }

    private static Struct? Metadata(Metadata? metadata) =>
        metadata is not null && metadata.FilterMetadata.TryGetValue(LoadBalancerMetadata, out var fields) ? fields : null;

    private static IAccessLog? AccessLog(Proto proto, FilterContext context)
    {
        if (proto.AccessLog.Count == 0)
        {
            return null;
        }

        try
        {
            return context.Services.AccessLogs.Create([.. proto.AccessLog]);
        }
        catch (ConfigurationException e)
        {
            throw e.Within("access_log");
        }
    }
}
