using CsCheck;
using Lateen.Proxy.Clusters;

namespace Lateen.Proxy.Tests.Clusters;

public sealed class PriorityLoadTests
{
    // Envoy's documentation of priority levels, over-provisioning factor 1.4: healthy percent of P0 and P1 → load.
    [Theory]
    [InlineData(100, 100, 100, 0)]
    [InlineData(72, 72, 100, 0)]
    [InlineData(71, 71, 99, 1)]
    [InlineData(50, 50, 70, 30)]
    [InlineData(25, 100, 35, 65)]
    [InlineData(25, 25, 50, 50)]
    public void HealthSpillsOver(int first, int second, int firstLoad, int secondLoad)
    {
        var load = PriorityLoad.Compute([new(100, first, 0), new(100, second, 0)], 140, 0);
        Assert.Equal([firstLoad, secondLoad], load.Healthy);
    }

    [Fact]
    public void DegradedHostsTakeWhatHealthyOnesCannot()
    {
        var load = PriorityLoad.Compute([new(100, 50, 20)], 140, 50);
        Assert.Equal([72], load.Healthy); // 70 of 98, rest of rounding
        Assert.Equal([28], load.Degraded);
    }

    [Fact]
    public void PanicBelowTheThreshold()
    {
        Assert.Equal([true], PriorityLoad.Compute([new(10, 4, 0)], 140, 50).Panic);
        Assert.Equal([false], PriorityLoad.Compute([new(10, 4, 0)], 140, 0).Panic);
        Assert.Equal([true, false], PriorityLoad.Compute([new(10, 1, 0), new(10, 5, 0)], 140, 50).Panic);
        Assert.Equal([false, false], PriorityLoad.Compute([new(10, 1, 0), new(10, 10, 0)], 140, 50).Panic); // others can take all
    }

    [Fact]
    public void InTotalPanicLoadFollowsHostCounts()
    {
        var load = PriorityLoad.Compute([new(30, 0, 0), new(10, 0, 0)], 140, 50);
        Assert.Equal([75, 25], load.Healthy);
        Assert.Equal([true, true], load.Panic);
    }

    [Fact]
    public void WithoutPanicNobodyIsThere() => Assert.Equal([100, 0], PriorityLoad.Compute([new(3, 0, 0), new(3, 0, 0)], 140, 0).Healthy);

    [Fact]
    public void LoadAlwaysAddsUpTo100()
    {
        var counts = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 20], (h, d, u) => new PriorityLoad.Counts(h + d + u, h, d));
        Gen.Select(counts.Array[1, 5], Gen.UInt[1, 300], Gen.OneOf(0.0, 50.0, 100.0)).Sample((priorities, factor, threshold) =>
        {
            var load = PriorityLoad.Compute(priorities, factor, threshold);
            var chosen = Enumerable.Range(0, 100).Select(i => load.Choose((ulong)i)).ToArray();
            return load.Healthy.Sum() + load.Degraded.Sum() == 100
                && load.Healthy.All(l => l >= 0) && load.Degraded.All(l => l >= 0)
                && Enumerable.Range(0, priorities.Length).All(p => chosen.Count(c => c == (p, false)) == load.Healthy[p])
                && Enumerable.Range(0, priorities.Length).All(p => chosen.Count(c => c == (p, true)) == load.Degraded[p]);
        }, iter: 2000);
    }
}
