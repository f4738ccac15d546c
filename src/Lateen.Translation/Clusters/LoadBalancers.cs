using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using LbPolicy = Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy;

namespace Lateen.Translation.Clusters;

/// <summary>The load balancer of a cluster. Istio's default is LEAST_REQUEST.</summary>
internal static class LoadBalancers
{
    private const ulong DefaultRingSize = 1024;
    private const double DefaultWarmupPercent = 10;

    public static void Apply(Cluster cluster, LoadBalancerSettings? settings)
    {
        if (cluster.LbPolicy == LbPolicy.ClusterProvided) return;
        if (settings?.ConsistentHash is { } hash)
        {
            ApplyHash(cluster, hash);
            return;
        }
        switch (settings?.Simple)
        {
            case SimpleLoadBalancer.Random: cluster.LbPolicy = LbPolicy.Random; break;
            case SimpleLoadBalancer.RoundRobin: cluster.LbPolicy = LbPolicy.RoundRobin; break;
            case SimpleLoadBalancer.Passthrough: PassThrough(cluster); return;
            default: cluster.LbPolicy = LbPolicy.LeastRequest; break;
        }
        if (SlowStart(settings) is not { } slowStart) return;
        if (cluster.LbPolicy == LbPolicy.RoundRobin)
            cluster.RoundRobinLbConfig = new Cluster.Types.RoundRobinLbConfig { SlowStartConfig = slowStart };
        if (cluster.LbPolicy == LbPolicy.LeastRequest)
            cluster.LeastRequestLbConfig = new Cluster.Types.LeastRequestLbConfig { SlowStartConfig = slowStart };
    }

    /// <summary>Connections go to the address the client asked for.</summary>
    public static void PassThrough(Cluster cluster)
    {
        cluster.LbPolicy = LbPolicy.ClusterProvided;
        cluster.Type = Cluster.Types.DiscoveryType.OriginalDst;
        cluster.LoadAssignment = null;
        cluster.EdsClusterConfig = null;
    }

    private static void ApplyHash(Cluster cluster, ConsistentHashLoadBalancer hash)
    {
        if (hash.Maglev is { } maglev)
        {
            cluster.LbPolicy = LbPolicy.Maglev;
            if (maglev.TableSize > 0) cluster.MaglevLbConfig = new Cluster.Types.MaglevLbConfig { TableSize = maglev.TableSize };
            return;
        }
        cluster.LbPolicy = LbPolicy.RingHash;
        var size = hash.RingHash?.MinimumRingSize ?? hash.MinimumRingSize;
        cluster.RingHashLbConfig = new Cluster.Types.RingHashLbConfig { MinimumRingSize = size > 0 ? size : DefaultRingSize };
    }

    private static Cluster.Types.SlowStartConfig? SlowStart(LoadBalancerSettings? settings)
    {
        if ((settings?.Warmup?.Duration ?? settings?.WarmupDurationSecs) is not { } window) return null;
        var config = new Cluster.Types.SlowStartConfig { SlowStartWindow = window.Value.ToProto() };
        if (settings?.Warmup is not { } warmup) return config;
        config.MinWeightPercent = new Envoy.Type.V3.Percent { Value = warmup.MinimumPercent ?? DefaultWarmupPercent };
        if (warmup.Aggression is { } aggression) config.Aggression = new RuntimeDouble { DefaultValue = aggression };
        return config;
    }
}
