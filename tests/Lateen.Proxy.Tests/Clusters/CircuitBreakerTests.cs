using CsCheck;
using Envoy.Config.Core.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Stats;
using Proto = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Lateen.Proxy.Tests.Clusters;

public sealed class CircuitBreakerTests
{
    private static (CircuitBreakers Breakers, StatsStore Stats) Make(string json)
    {
        var stats = new StatsStore();
        var breakers = new CircuitBreakers(stats, "cluster.c.");
        breakers.Configure(Proto.Parser.ParseJson(json));
        return (breakers, stats);
    }

    [Fact]
    public void DefaultsAreEnvoys()
    {
        var limits = Make("{}").Breakers.For(RoutingPriority.Default);
        Assert.Equal((1024, 1024, 1024, 3), (limits.Connections.Max, limits.PendingRequests.Max, limits.Requests.Max, limits.Retries.Max));
    }

    [Fact]
    public void PrioritiesAreApart()
    {
        var (breakers, stats) = Make("""{"thresholds":[{"maxRequests":1},{"priority":"HIGH","maxRequests":2,"trackRemaining":true}]}""");
        Assert.True(breakers.For(RoutingPriority.Default).Requests.TryAcquire());
        Assert.False(breakers.For(RoutingPriority.Default).Requests.TryAcquire());
        Assert.Equal(1, stats.Gauge("cluster.c.circuit_breakers.default.rq_open").Value);
        Assert.True(breakers.For(RoutingPriority.High).Requests.TryAcquire());
        Assert.Equal(0, stats.Gauge("cluster.c.circuit_breakers.high.rq_open").Value);
        Assert.Equal(1, stats.Gauge("cluster.c.circuit_breakers.high.remaining_rq").Value);
        breakers.For(RoutingPriority.Default).Requests.Release();
        Assert.Equal(0, stats.Gauge("cluster.c.circuit_breakers.default.rq_open").Value);
    }

    [Fact]
    public void ABudgetReplacesMaxRetries()
    {
        var limits = Make("""{"thresholds":[{"maxRetries":1,"retryBudget":{"budgetPercent":{"value":50},"minRetryConcurrency":2}}]}""")
            .Breakers.For(RoutingPriority.Default);
        Assert.True(limits.TryAcquireRetry());
        Assert.True(limits.TryAcquireRetry());
        Assert.False(limits.TryAcquireRetry());
        for (var i = 0; i < 6; i++)
            limits.Requests.Acquire();
        Assert.True(limits.TryAcquireRetry()); // half of 6
        Assert.False(limits.TryAcquireRetry());
    }

    [Fact]
    public void NeverBelowZeroNorAboveItsLimit() => Gen.Select(Gen.UInt[0, 5], Gen.Bool.Array[0, 40]).Sample((max, steps) =>
    {
        var limit = Make("{\"thresholds\":[{\"maxRequests\":" + max + "}]}").Breakers.For(RoutingPriority.Default).Requests;
        var held = 0;
        foreach (var acquire in steps)
        {
            if (acquire)
                held += limit.TryAcquire() ? 1 : 0;
            else if (held > 0)
                (held, _) = (held - 1, Release(limit));
            if (limit.Current != held || held > max)
                return false;
        }

        return true;

        static bool Release(ResourceLimit limit)
        {
            limit.Release();
            return true;
        }
    });

    [Fact]
    public void ConcurrentUseKeepsTheLimit()
    {
        var limit = Make("""{"thresholds":[{"maxRequests":3}]}""").Breakers.For(RoutingPriority.Default).Requests;
        long inside = 0, most = 0;
        Parallel.For(0, 20_000, _ =>
        {
            if (!limit.TryAcquire())
                return;
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Interlocked.Decrement(ref inside);
            limit.Release();
        });
        Assert.Equal(0, limit.Current);
        Assert.InRange(most, 1, 3);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }

    [Fact]
    public void ReleasingTooMuchIsAnError()
    {
        var limit = Make("{}").Breakers.For(RoutingPriority.Default).Requests;
        Assert.Throws<InvalidOperationException>(limit.Release);
        Assert.Equal(0, limit.Current);
    }
}
