using CsCheck;
using Lateen.Proxy.Clusters;

namespace Lateen.Proxy.Tests.Clusters;

public sealed class OutlierDetectorTests
{
    private static Cluster Make(ClusterSamples samples, int hosts, string options, string more = "") =>
        samples.Static("ROUND_ROBIN", ",\"commonLbConfig\":{\"healthyPanicThreshold\":{}},\"outlierDetection\":{" + options + "}" + more, [.. Enumerable.Repeat(1u, hosts)]);

    private static void Report(Cluster cluster, Host host, int status, int times)
    {
        for (var i = 0; i < times; i++)
            cluster.Outliers!.Report(host, status);
    }

    [Fact]
    public void EjectsAfterConsecutiveErrorsAndComesBack()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 2, "\"consecutive5xx\":3,\"maxEjectionPercent\":50,\"interval\":\"1s\",\"baseEjectionTime\":\"30s\"");
        var drained = new List<Host>();
        cluster.PoolsDrained += (_, hosts) => drained.AddRange(hosts);
        var bad = cluster.Hosts[0];
        Report(cluster, bad, 500, 2);
        Report(cluster, bad, 200, 1); // a success resets
        Report(cluster, bad, 500, 2);
        Assert.Equal(HostHealth.Healthy, bad.Health);
        Report(cluster, bad, 500, 1);
        Assert.Equal(HostHealthFlags.FailedOutlierCheck, bad.HealthFlags);
        Assert.Equal([bad], drained);
        Assert.Equal(1, samples.Gauge("membership_healthy"));
        Assert.Equal(1, samples.Gauge("outlier_detection.ejections_active"));
        Assert.Equal(1, samples.Counter("outlier_detection.ejections_enforced_consecutive_5xx"));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Same(cluster.Hosts[1], samples.Pick(cluster)));
        samples.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(HostHealth.Unhealthy, bad.Health);
        samples.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HostHealth.Healthy, bad.Health);
        Assert.Equal(0, samples.Gauge("outlier_detection.ejections_active"));
        Assert.Contains(bad, Enumerable.Range(0, 4).Select(_ => samples.Pick(cluster)));
    }

    [Fact]
    public void EjectionsGrowAndShrinkAndAreCapped()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 1, "\"consecutive5xx\":1,\"maxEjectionPercent\":100,\"interval\":\"1s\",\"baseEjectionTime\":\"10s\",\"maxEjectionTime\":\"25s\"");
        var host = cluster.Hosts[0];
        Assert.Equal([10, 20, 25, 25], Enumerable.Range(0, 4).Select(_ => EjectedFor(samples, cluster, host)));
        samples.Clock.Advance(TimeSpan.FromSeconds(10)); // ten healthy sweeps
        Assert.Equal(10, EjectedFor(samples, cluster, host));
    }

    private static int EjectedFor(ClusterSamples samples, Cluster cluster, Host host)
    {
        Report(cluster, host, 503, 1);
        var seconds = 0;
        for (; host.Health == HostHealth.Unhealthy; seconds++)
            samples.Clock.Advance(TimeSpan.FromSeconds(1));
        return seconds;
    }

    [Fact]
    public void DefaultPercentageEjectsNobodyOfAFew()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 9, "");
        Report(cluster, cluster.Hosts[0], 500, 5);
        Assert.Equal(HostHealth.Healthy, cluster.Hosts[0].Health);
        Assert.Equal(1, samples.Counter("outlier_detection.ejections_overflow"));
    }

    [Fact]
    public void OneHostCanAlwaysBeEjectedWhereConfigured()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 3, "\"alwaysEjectOneHost\":true");
        Report(cluster, cluster.Hosts[0], 500, 5);
        Report(cluster, cluster.Hosts[1], 500, 5);
        Assert.Equal([HostHealth.Unhealthy, HostHealth.Healthy], cluster.Hosts.Take(2).Select(h => h.Health));
    }

    [Fact]
    public void GatewayFailuresAreOnlyCountedUnlessEnforced()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 1, "\"consecutiveGatewayFailure\":2,\"consecutive5xx\":100,\"maxEjectionPercent\":100");
        Report(cluster, cluster.Hosts[0], 503, 1);
        Report(cluster, cluster.Hosts[0], 500, 1); // resets the gateway counter
        Report(cluster, cluster.Hosts[0], 502, 1);
        Assert.Equal(0, samples.Counter("outlier_detection.ejections_detected_consecutive_gateway_failure"));
        Report(cluster, cluster.Hosts[0], 504, 1);
        Assert.Equal(1, samples.Counter("outlier_detection.ejections_detected_consecutive_gateway_failure"));
        Assert.Equal(HostHealth.Healthy, cluster.Hosts[0].Health);
    }

    [Fact]
    public void LocalErrorsStandForStatusesUnlessSplit()
    {
        using var samples = new ClusterSamples();
        var joined = Make(samples, 1, "\"consecutive5xx\":2,\"maxEjectionPercent\":100");
        joined.Outliers!.Report(joined.Hosts[0], LocalOriginEvent.ConnectFailed);
        joined.Outliers.Report(joined.Hosts[0], LocalOriginEvent.ConnectSuccess); // not a result yet
        joined.Outliers.Report(joined.Hosts[0], LocalOriginEvent.Timeout);
        Assert.Equal(HostHealth.Unhealthy, joined.Hosts[0].Health);

        using var others = new ClusterSamples();
        var split = Make(others, 1, "\"consecutive5xx\":2,\"consecutiveLocalOriginFailure\":3,\"splitExternalLocalOriginErrors\":true,\"maxEjectionPercent\":100");
        for (var i = 0; i < 2; i++)
            split.Outliers!.Report(split.Hosts[0], LocalOriginEvent.ConnectFailed);
        Assert.Equal(HostHealth.Healthy, split.Hosts[0].Health);
        split.Outliers!.Report(split.Hosts[0], LocalOriginEvent.ConnectFailed);
        Assert.Equal(1, others.Counter("outlier_detection.ejections_enforced_consecutive_local_origin_failure"));
    }

    [Fact]
    public void SuccessRateEjectsTheOneThatStandsOut()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 10, "\"consecutive5xx\":1000,\"maxEjectionPercent\":100,\"interval\":\"10s\"");
        foreach (var host in cluster.Hosts)
        {
            for (var i = 0; i < 100; i++)
                cluster.Outliers!.Report(host, host == cluster.Hosts[3] && i % 2 == 0 ? 500 : 200);
        }

        samples.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([cluster.Hosts[3]], cluster.Hosts.Where(h => h.Health == HostHealth.Unhealthy));
        Assert.Equal(1, samples.Counter("outlier_detection.ejections_enforced_success_rate"));
    }

    [Fact]
    public void SuccessRateNeedsEnoughRequestsAndHosts()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 4, "\"consecutive5xx\":1000,\"maxEjectionPercent\":100");
        foreach (var host in cluster.Hosts)
            Report(cluster, host, host == cluster.Hosts[0] ? 500 : 200, 200);
        samples.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.All(cluster.Hosts, h => Assert.Equal(HostHealth.Healthy, h.Health));
    }

    [Fact]
    public void FailurePercentage()
    {
        using var samples = new ClusterSamples();
        var cluster = Make(samples, 5, "\"consecutive5xx\":1000,\"enforcingSuccessRate\":0,\"enforcingFailurePercentage\":100,\"failurePercentageThreshold\":50,\"maxEjectionPercent\":100");
        foreach (var host in cluster.Hosts)
        {
            for (var i = 0; i < 50; i++)
                cluster.Outliers!.Report(host, host == cluster.Hosts[1] && i < 25 ? 500 : 200);
        }

        samples.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([cluster.Hosts[1]], cluster.Hosts.Where(h => h.Health == HostHealth.Unhealthy));
    }

    [Fact]
    public void NeverMoreEjectedThanAllowed()
    {
        var step = Gen.Select(Gen.Int[0, 11], Gen.OneOf(200, 500, 503), Gen.Int[0, 3]);
        Gen.Select(Gen.Int[1, 12], Gen.UInt[0, 100], step.Array[0, 80]).Sample((hosts, percent, steps) =>
        {
            using var samples = new ClusterSamples();
            var cluster = Make(samples, hosts, $"\"consecutive5xx\":2,\"interval\":\"1s\",\"baseEjectionTime\":\"2s\",\"maxEjectionPercent\":{percent}");
            foreach (var (host, status, seconds) in steps)
            {
                Report(cluster, cluster.Hosts[host % hosts], status, 2);
                samples.Clock.Advance(TimeSpan.FromSeconds(seconds));
                var ejected = cluster.Hosts.Count(h => h.Health == HostHealth.Unhealthy);
                if (ejected * 100 > percent * hosts || ejected != cluster.Outliers!.EjectedCount)
                    return false;
            }

            return true;
        }, iter: 100);
    }

    [Fact]
    public void PanicIgnoresEjections()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static(
            "ROUND_ROBIN", ",\"commonLbConfig\":{\"healthyPanicThreshold\":{\"value\":60}},\"outlierDetection\":{\"consecutive5xx\":1,\"maxEjectionPercent\":100}", 1, 1);
        Report(cluster, cluster.Hosts[0], 500, 1);
        Assert.Equal(2, Enumerable.Range(0, 4).Select(_ => samples.Pick(cluster)).Distinct().Count());
        Assert.Equal(4, samples.Counter("lb_healthy_panic"));
    }
}
