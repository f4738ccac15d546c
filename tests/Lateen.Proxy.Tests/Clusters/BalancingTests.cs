using CsCheck;
using Envoy.Config.Endpoint.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Tests.Clusters;

public sealed class BalancingTests
{
    private static Dictionary<Host, int> Picks(ClusterSamples samples, Cluster cluster, int count)
    {
        var picks = cluster.Hosts.ToDictionary(h => h, _ => 0);
        for (var i = 0; i < count; i++)
            picks[samples.Pick(cluster)!]++;
        return picks;
    }

    [Fact]
    public void RoundRobinTakesTurns() => Gen.Int[1, 20].Sample(hosts =>
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("ROUND_ROBIN", [.. Enumerable.Repeat(1u, hosts)]);
        return Picks(samples, cluster, hosts * 3).Values.All(n => n == 3);
    }, iter: 20);

    [Fact]
    public void RoundRobinFollowsWeights() => Gen.UInt[1, 20].Array[2, 8].Sample(weights =>
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("ROUND_ROBIN", weights);
        var total = weights.Sum(w => w);
        const int Count = 20_000;
        return Picks(samples, cluster, Count).All(p => Math.Abs(p.Value - Count * p.Key.Weight / (double)total) < 0.01 * Count);
    }, iter: 30);

    [Fact]
    public void RoundRobinSpreadsAHeavyHostsTurns()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("ROUND_ROBIN", 2, 1, 1);
        var heavy = cluster.Hosts[0];
        var picks = Enumerable.Range(0, 400).Select(_ => samples.Pick(cluster) == heavy).ToArray();
        Assert.All(picks.Chunk(8), window => Assert.InRange(window.Count(p => p), 3, 5));
    }

    [Theory]
    [InlineData("RANDOM", true)]
    [InlineData("LEAST_REQUEST", false)]
    public void RandomIgnoresWeightsAndIdleLeastRequestFollowsThem(string policy, bool equal)
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static(policy, 1, 2, 5);
        const int Count = 40_000;
        foreach (var (host, picks) in Picks(samples, cluster, Count))
        {
            var share = equal ? 1 / 3.0 : host.Weight / 8.0;
            Assert.InRange(picks, Count * share - 3.5 * Math.Sqrt(Count * share * (1 - share)), Count * share + 3.5 * Math.Sqrt(Count * share * (1 - share)));
        }
    }

    [Fact]
    public void LeastRequestPrefersTheLessLoadedOfTwo()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("LEAST_REQUEST", 1, 1);
        cluster.Hosts[0].Stats.RequestStarted();
        var picks = Picks(samples, cluster, 10_000);
        Assert.InRange(picks[cluster.Hosts[0]], 2_300, 2_700); // only when both draws hit it
    }

    [Fact]
    public void FullScanTakesTheLeastLoaded()
    {
        using var samples = new ClusterSamples();
        var policy = new Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3.LeastRequest
        {
            SelectionMethod = Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3.LeastRequest.Types.SelectionMethod.FullScan,
        };
        var configuration = ClusterSamples.Parse("{\"name\":\"c\",\"type\":\"STATIC\"}");
        configuration.LoadBalancingPolicy = new()
        {
            Policies = { new Envoy.Config.Cluster.V3.LoadBalancingPolicy.Types.Policy { TypedExtensionConfig = new() { TypedConfig = Google.Protobuf.WellKnownTypes.Any.Pack(policy) } } },
        };
        configuration.LoadAssignment = ClusterSamples.Assignment("c", ("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0), ("10.0.0.3", 1, 0));
        var cluster = samples.Add(configuration);
        cluster.Hosts[0].Stats.RequestStarted();
        cluster.Hosts[2].Stats.RequestStarted();
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Same(cluster.Hosts[1], samples.Pick(cluster)));
    }

    [Theory]
    [InlineData("ROUND_ROBIN")]
    [InlineData("LEAST_REQUEST")]
    [InlineData("RANDOM")]
    [InlineData("RING_HASH")]
    [InlineData("MAGLEV")]
    public void PickingAllocatesNothing(string policy)
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static(policy, 1, 2, 3);
        samples.Pick(cluster, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 0; i < 100; i++)
            samples.Pick(cluster, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("RING_HASH")]
    [InlineData("MAGLEV")]
    public void ConsistentHashingIsStableAndMovesLittle(string policy)
    {
        using var before = new ClusterSamples(seed: 1);
        using var after = new ClusterSamples(seed: 2);
        var ten = before.Static(policy, [.. Enumerable.Repeat(1u, 10)]);
        var nine = after.Static(policy, [.. Enumerable.Repeat(1u, 9)]);
        var moved = 0;
        var counts = new Dictionary<string, int>();
        for (ulong i = 0; i < 10_000; i++)
        {
            var hash = i * 0x9E3779B97F4A7C15;
            var host = before.Pick(ten, hash)!.AddressText;
            Assert.Equal(host, before.Pick(ten, hash)!.AddressText);
            counts[host] = counts.GetValueOrDefault(host) + 1;
            if (host != "10.0.0.10:80" && after.Pick(nine, hash)!.AddressText != host)
                moved++;
        }

        Assert.InRange(moved, 0, 900); // of about 9,000
        Assert.All(counts.Values, n => Assert.InRange(n, 500, 1600));
    }

    [Fact]
    public void MaglevFollowsWeights()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("MAGLEV", 1, 3);
        var heavy = Enumerable.Range(0, 65537).Count(i => samples.Pick(cluster, (ulong)i) == cluster.Hosts[1]);
        Assert.InRange(heavy / 65537.0, 0.74, 0.76);
    }

    [Fact]
    public void RetriesAvoidHostsThatWereTried()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("ROUND_ROBIN", 1, 1);
        var tried = new[] { cluster.Hosts[0] };
        var context = new LoadBalancerContext
        {
            Random = samples.Random,
            Retry = new RetryPolicy { AvoidPreviousHosts = true, HostSelectionAttempts = 5 },
            Attempted = tried,
        };
        for (var i = 0; i < 20; i++)
            Assert.Same(cluster.Hosts[1], cluster.Pick(context));
        var all = new LoadBalancerContext { Random = samples.Random, Retry = context.Retry, Attempted = cluster.Hosts };
        Assert.NotNull(cluster.Pick(all)); // accepts what it has in the end
    }

    [Fact]
    public void LocalitiesByWeight()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds(",\"commonLbConfig\":{\"localityWeightedLbConfig\":{}}");
        var assignment = new ClusterLoadAssignment { ClusterName = "s" };
        foreach (var (zone, weight, address) in new[] { ("a", 80u, "10.0.0.1"), ("b", 20u, "10.0.0.2"), ("c", 0u, "10.0.0.3") })
        {
            assignment.Endpoints.Add(new LocalityLbEndpoints
            {
                Locality = new() { Zone = zone },
                LoadBalancingWeight = weight,
                LbEndpoints = { ClusterSamples.Endpoint(address) },
            });
        }

        samples.Manager.UpdateEndpoints(assignment);
        var picks = Picks(samples, cluster, 10_000);
        Assert.Equal([8000, 2000, 0], cluster.Hosts.Select(h => (int)Math.Round(picks[h] / 100.0) * 100));
    }

    [Fact]
    public void SlowStartGrowsAHostsShare()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds(",\"roundRobinLbConfig\":{\"slowStartConfig\":{\"slowStartWindow\":\"60s\"}}");
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0)));
        samples.Clock.Advance(TimeSpan.FromSeconds(120));
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0)));
        Assert.InRange(Share(), 0.08, 0.10); // 10 % of the old host's weight
        samples.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.InRange(Share(), 0.32, 0.345);
        samples.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.InRange(Share(), 0.499, 0.501);

        double Share() => Picks(samples, cluster, 10_000)[cluster.Hosts[1]] / 10_000.0;
    }
}
