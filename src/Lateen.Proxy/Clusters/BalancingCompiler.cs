using Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3;
using Envoy.Extensions.LoadBalancingPolicies.Maglev.V3;
using Envoy.Extensions.LoadBalancingPolicies.RingHash.V3;
using Envoy.Extensions.LoadBalancingPolicies.RoundRobin.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Cluster.V3.Cluster;
using RandomPolicy = Envoy.Extensions.LoadBalancingPolicies.Random.V3.Random;

namespace Lateen.Proxy.Clusters;

#pragma warning disable CS0612 // fields that Envoy deprecated are still in use

/// <summary>Compiles how hosts are chosen, from <c>lb_policy</c> or <c>load_balancing_policy</c> (which supersedes it).</summary>
internal static class BalancingCompiler
{
    public static BalancingOptions Compile(Proto c, DiscoveryType type)
    {
        var common = new BalancingOptions
        {
            PanicThreshold = c.CommonLbConfig?.HealthyPanicThreshold?.Value ?? 50,
            LocalityWeighted = c.CommonLbConfig?.LocalityWeightedLbConfig is not null,
            HashByHostname = c.CommonLbConfig?.ConsistentHashingLbConfig?.UseHostnameForHashing ?? false,
            CloseConnectionsOnHostSetChange = c.CommonLbConfig?.CloseConnectionsOnHostSetChange ?? false,
        };
        if (c.CommonLbConfig?.ConsistentHashingLbConfig?.HashBalanceFactor is > 0)
            throw new ConfigurationException("common_lb_config.consistent_hashing_lb_config.hash_balance_factor", "bounded loads are not supported");
        var options = Checked(c.LoadBalancingPolicy is { } policy ? FromExtension(policy, common) : FromCluster(c, common));
        if (type == DiscoveryType.OriginalDst != (options.Policy == LoadBalancingPolicy.ClusterProvided))
            throw new ConfigurationException("lb_policy", "CLUSTER_PROVIDED and ORIGINAL_DST need each other");
        return options;
    }

    private static BalancingOptions FromCluster(Proto c, BalancingOptions common) => c.LbPolicy switch
    {
        Proto.Types.LbPolicy.RoundRobin => common with
        {
            Policy = LoadBalancingPolicy.RoundRobin,
            SlowStart = SlowStartOf(c.RoundRobinLbConfig?.SlowStartConfig),
        },
        Proto.Types.LbPolicy.LeastRequest => common with
        {
            Policy = LoadBalancingPolicy.LeastRequest,
            ChoiceCount = (int)Math.Clamp(c.LeastRequestLbConfig?.ChoiceCount ?? 2, 2, 1024),
            ActiveRequestBias = c.LeastRequestLbConfig?.ActiveRequestBias?.DefaultValue ?? 1,
            SlowStart = SlowStartOf(c.LeastRequestLbConfig?.SlowStartConfig),
        },
        Proto.Types.LbPolicy.Random => common with { Policy = LoadBalancingPolicy.Random },
        Proto.Types.LbPolicy.RingHash when c.RingHashLbConfig?.HashFunction == Proto.Types.RingHashLbConfig.Types.HashFunction.MurmurHash2 =>
            throw new ConfigurationException("ring_hash_lb_config.hash_function", "MURMUR_HASH_2 is not supported"),
        Proto.Types.LbPolicy.RingHash => common with
        {
            Policy = LoadBalancingPolicy.RingHash,
            MinimumRingSize = RingSize(c.RingHashLbConfig?.MinimumRingSize, 1024),
            MaximumRingSize = RingSize(c.RingHashLbConfig?.MaximumRingSize, 8 * 1024 * 1024),
        },
        Proto.Types.LbPolicy.Maglev => common with
        {
            Policy = LoadBalancingPolicy.Maglev,
            MaglevTableSize = TableSize(c.MaglevLbConfig?.TableSize),
        },
        Proto.Types.LbPolicy.ClusterProvided => common with { Policy = LoadBalancingPolicy.ClusterProvided },
        _ => throw new ConfigurationException("lb_policy", $"{c.LbPolicy} is not supported"),
    };

    private static BalancingOptions FromExtension(Envoy.Config.Cluster.V3.LoadBalancingPolicy policy, BalancingOptions common)
    {
        foreach (var entry in policy.Policies)
        {
            if (entry.TypedExtensionConfig?.TypedConfig is { } any && FromAny(any, common) is { } options)
                return options;
        }

        throw new ConfigurationException("load_balancing_policy", "none of the policies is supported");
    }

    private static BalancingOptions? FromAny(Any any, BalancingOptions common)
    {
        if (any.TryUnpack<RoundRobin>(out var roundRobin))
            return common with { Policy = LoadBalancingPolicy.RoundRobin, SlowStart = SlowStartOf(roundRobin.SlowStartConfig) };
        if (any.TryUnpack<LeastRequest>(out var least))
        {
            return common with
            {
                Policy = LoadBalancingPolicy.LeastRequest,
                ChoiceCount = (int)Math.Clamp(least.ChoiceCount ?? 2, 2, 1024),
                ActiveRequestBias = least.ActiveRequestBias?.DefaultValue ?? 1,
                FullScan = least.SelectionMethod == LeastRequest.Types.SelectionMethod.FullScan || (least.EnableFullScan ?? false),
                SlowStart = SlowStartOf(least.SlowStartConfig),
                LocalityWeighted = least.LocalityLbConfig?.LocalityWeightedLbConfig is not null,
            };
        }

        if (any.Is(RandomPolicy.Descriptor))
            return common with { Policy = LoadBalancingPolicy.Random };
        if (any.TryUnpack<RingHash>(out var ring) && ring.HashFunction != RingHash.Types.HashFunction.MurmurHash2)
        {
            return common with
            {
                Policy = LoadBalancingPolicy.RingHash,
                MinimumRingSize = RingSize(ring.MinimumRingSize, 1024),
                MaximumRingSize = RingSize(ring.MaximumRingSize, 8 * 1024 * 1024),
                HashByHostname = ring.ConsistentHashingLbConfig?.UseHostnameForHashing ?? false,
            };
        }

        return any.TryUnpack<Maglev>(out var maglev)
            ? common with { Policy = LoadBalancingPolicy.Maglev, MaglevTableSize = TableSize(maglev.TableSize) }
            : null;
    }

    private static SlowStart? SlowStartOf(Proto.Types.SlowStartConfig? c) =>
        c is null ? null : SlowStartOf(c.SlowStartWindow, c.Aggression?.DefaultValue, c.MinWeightPercent?.Value);

    private static SlowStart? SlowStartOf(Envoy.Extensions.LoadBalancingPolicies.Common.V3.SlowStartConfig? c) =>
        c is null ? null : SlowStartOf(c.SlowStartWindow, c.Aggression?.DefaultValue, c.MinWeightPercent?.Value);

    private static SlowStart? SlowStartOf(Duration? window, double? aggression, double? minimum) =>
        Durations.ZeroIsNone(window, "slow_start_config.slow_start_window", null) is { } span
            ? aggression is null or > 0
                ? new SlowStart(span, aggression ?? 1, minimum ?? 10)
                : throw new ConfigurationException("slow_start_config.aggression", "expected more than 0")
            : null;

    private static int RingSize(ulong? size, int fallback) =>
        size is null ? fallback : size <= 8 * 1024 * 1024 ? (int)size
            : throw new ConfigurationException("ring_hash_lb_config", $"expected a ring size of at most 8388608, got {size}");

    private static int TableSize(ulong? size)
    {
        var value = size ?? 65537;
        if (value is < 2 or > 5_000_011)
            throw new ConfigurationException("maglev_lb_config.table_size", $"expected a prime of at most 5000011, got {value}");
        for (ulong d = 2; d * d <= value; d++)
        {
            if (value % d == 0)
                throw new ConfigurationException("maglev_lb_config.table_size", $"expected a prime, got {value}");
        }

        return (int)value;
    }

    private static BalancingOptions Checked(BalancingOptions options) =>
        options.MinimumRingSize <= options.MaximumRingSize ? options
            : throw new ConfigurationException("ring_hash_lb_config", "minimum_ring_size is larger than maximum_ring_size");
}
