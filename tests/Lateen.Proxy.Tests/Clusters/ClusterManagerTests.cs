using System.Net;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Tests.Clusters;

public sealed class ClusterManagerTests
{
    [Fact]
    public void EndpointUpdatesKeepHostsWhoseAddressStays()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds();
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0)));
        var (stays, leaves) = (cluster.Hosts[0], cluster.Hosts[1]);
        stays.LoopSlots[1] = "pool";
        stays.Stats.RequestStarted();
        var drained = new List<Host>();
        cluster.PoolsDrained += (_, hosts) => drained.AddRange(hosts);
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.3", 1, 0), ("10.0.0.1", 7, 1)));
        Assert.Same(stays, cluster.Hosts[1]);
        Assert.Equal((7u, 1, "pool", 1L), (stays.Weight, stays.Priority, stays.LoopSlots[1], stays.Stats.RequestsActive));
        Assert.Equal([leaves], drained);
        Assert.True(leaves.IsRemoved);
        Assert.Equal(2, samples.Counter("membership_change"));
        Assert.Equal(2, samples.Gauge("membership_total"));
    }

    [Fact]
    public void EjectedHostsStayEjectedAcrossUpdatesAndLeaveTheCountWhenGone()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds(",\"outlierDetection\":{\"consecutive5xx\":1,\"maxEjectionPercent\":50}");
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0)));
        cluster.Outliers!.Report(cluster.Hosts[0], 500);
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 2, 0), ("10.0.0.2", 1, 0)));
        Assert.Equal(HostHealth.Unhealthy, cluster.Hosts[0].Health);
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.2", 1, 0)));
        Assert.Equal(0, cluster.Outliers.EjectedCount);
    }

    [Fact]
    public void FirstOfDuplicateAddressesCounts()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds();
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 3, 0), ("10.0.0.1", 5, 0)));
        Assert.Equal(3u, Assert.Single(cluster.Hosts).Weight);
    }

    [Theory]
    [InlineData(HealthStatus.Unknown, HostHealth.Healthy)]
    [InlineData(HealthStatus.Healthy, HostHealth.Healthy)]
    [InlineData(HealthStatus.Unhealthy, HostHealth.Unhealthy)]
    [InlineData(HealthStatus.Timeout, HostHealth.Unhealthy)]
    [InlineData(HealthStatus.Draining, HostHealth.Unhealthy)]
    [InlineData(HealthStatus.Degraded, HostHealth.Degraded)]
    public void HealthOfEds(HealthStatus status, HostHealth expected)
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds();
        var assignment = ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0));
        assignment.Endpoints[0].LbEndpoints[0].HealthStatus = status;
        samples.Manager.UpdateEndpoints(assignment);
        Assert.Equal(expected, cluster.Hosts[0].Health);
    }

    [Fact]
    public void SpillsOverToTheNextPriority()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds(",\"commonLbConfig\":{\"healthyPanicThreshold\":{}}");
        var assignment = ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0), ("10.0.1.1", 1, 1));
        assignment.Endpoints[0].LbEndpoints[0].HealthStatus = HealthStatus.Unhealthy;
        samples.Manager.UpdateEndpoints(assignment);
        const int Count = 20_000;
        var first = Enumerable.Range(0, Count).Count(_ => samples.Pick(cluster)!.Priority == 0);
        Assert.InRange(first / (double)Count, 0.69, 0.71); // 50 % healthy × 1.4
    }

    [Fact]
    public async Task EdsClustersWarmWithTheirFirstEndpoints()
    {
        using var samples = new ClusterSamples();
        var warm = samples.Manager.AddOrUpdate(ClusterSamples.Parse("{\"name\":\"c\",\"type\":\"EDS\"}"));
        Assert.Equal(["c"], samples.Manager.EndpointNames);
        Assert.False(warm.IsCompleted);
        Assert.Null(samples.Pick(samples.Manager.Find("c")!));
        samples.Manager.UpdateEndpoints(new ClusterLoadAssignment { ClusterName = "c" }); // empty is valid
        await warm.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var late = samples.Manager.AddOrUpdate(ClusterSamples.Parse("{\"name\":\"d\",\"type\":\"EDS\"}"));
        samples.Manager.EndpointsUnavailable("d");
        await late.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void ARejectedConfigurationChangesNothing()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("ROUND_ROBIN", 1);
        var bad = ClusterSamples.Parse("{\"name\":\"b\",\"type\":\"STATIC\",\"lbSubsetConfig\":{\"subsetSelectors\":[{\"keys\":[\"a\"]}]}}");
        var error = Assert.Throws<ConfigurationException>(() =>
        {
            _ = samples.Manager.AddOrUpdate([ClusterSamples.Parse("{\"name\":\"a\",\"type\":\"STATIC\"}"), bad]);
        });
        Assert.Equal("b.lb_subset_config", error.Path);
        Assert.Equal([cluster], samples.Manager.Clusters);
    }

    [Theory]
    [InlineData("\"type\":\"EDS\",\"loadAssignment\":{\"clusterName\":\"c\"}", "load_assignment")]
    [InlineData("\"type\":\"ORIGINAL_DST\"", "lb_policy")]
    [InlineData("\"type\":\"STATIC\",\"lbPolicy\":\"CLUSTER_PROVIDED\"", "lb_policy")]
    [InlineData("\"type\":\"LOGICAL_DNS\",\"loadAssignment\":{\"clusterName\":\"c\"}", "load_assignment.endpoints")]
    [InlineData("\"type\":\"STATIC\",\"healthChecks\":[{}]", "health_checks")]
    [InlineData("\"type\":\"STATIC\",\"lbPolicy\":\"MAGLEV\",\"maglevLbConfig\":{\"tableSize\":\"100\"}", "maglev_lb_config.table_size")]
    [InlineData("\"type\":\"STATIC\",\"lbPolicy\":\"RING_HASH\",\"ringHashLbConfig\":{\"minimumRingSize\":\"10\",\"maximumRingSize\":\"5\"}", "ring_hash_lb_config")]
    [InlineData("\"type\":\"STATIC\",\"outlierDetection\":{\"maxEjectionPercent\":101}", "outlier_detection.max_ejection_percent")]
    [InlineData("\"type\":\"STATIC\",\"connectTimeout\":\"0s\"", "connect_timeout")]
    [InlineData("\"type\":\"STATIC\",\"loadAssignment\":{\"clusterName\":\"c\",\"endpoints\":[{\"lbEndpoints\":[{\"endpoint\":{\"address\":{\"socketAddress\":{\"address\":\"name\",\"portValue\":1}}}}]}]}", "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address")]
    public void ErrorsNameTheField(string fields, string path)
    {
        using var samples = new ClusterSamples();
        var error = Assert.Throws<ConfigurationException>(() => samples.Manager.Compile(ClusterSamples.Parse("{\"name\":\"c\"," + fields + "}")));
        Assert.Equal(path, error.Path);
    }

    [Fact]
    public void RemovalDrainsAndForgets()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Static("ROUND_ROBIN", 1, 1);
        var drained = new List<Host>();
        cluster.PoolsDrained += (_, hosts) => drained.AddRange(hosts);
        samples.Manager.Remove(["c", "unknown"]);
        Assert.Null(samples.Manager.Find("c"));
        Assert.True(cluster.IsRemoved);
        Assert.Equal(2, drained.Count);
        Assert.DoesNotContain(samples.Stats.Gauges, g => g.Name.StartsWith("cluster.c.", StringComparison.Ordinal));
    }

    [Fact]
    public void ReconfigurationKeepsHostsAndReplacesHowTheyAreTalkedTo()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds();
        samples.Manager.UpdateEndpoints(ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0)));
        var host = cluster.Hosts[0];
        var drained = new List<Host>();
        cluster.PoolsDrained += (_, hosts) => drained.AddRange(hosts);
        Assert.Same(cluster, samples.Eds()); // unchanged: nothing happens
        Assert.Empty(drained);
        Assert.Same(cluster, samples.Eds(",\"connectTimeout\":\"9s\",\"transportSocket\":{\"name\":\"envoy.transport_sockets.tls\"}"));
        Assert.Same(host, cluster.Hosts[0]);
        Assert.True(host.Transport.IsSecure);
        Assert.Equal(TimeSpan.FromSeconds(9), cluster.Model.ConnectTimeout);
        Assert.Equal([host], drained);
        Assert.False(host.IsRemoved);
    }

    [Fact]
    public void FieldsWithoutEffectAreTold()
    {
        using var samples = new ClusterSamples();
        var model = samples.Manager.Compile(ClusterSamples.Parse("{\"name\":\"c\",\"type\":\"STATIC\",\"preconnectPolicy\":{}}"));
        Assert.Equal(["envoy.config.cluster.v3.Cluster.preconnect_policy"], model.IgnoredFields);
    }

    [Fact]
    public void OnlyTheBootstrapsClustersMaySpeakHttp2()
    {
        using var samples = new ClusterSamples();
        var configuration = ClusterSamples.Parse("{\"name\":\"xds-grpc\",\"type\":\"STATIC\",\"http2ProtocolOptions\":{}}");
        var error = Assert.Throws<ConfigurationException>(() =>
        {
            _ = samples.Manager.AddOrUpdate(configuration);
        });
        Assert.Equal("xds-grpc.typed_extension_protocol_options", error.Path);
        _ = samples.Manager.AddStatic(configuration);
        Assert.Equal(UpstreamHttp.Http2, samples.Manager.Find("xds-grpc")!.Model.Http.Protocol);
    }

    [Fact]
    public void HttpOptions()
    {
        using var samples = new ClusterSamples();
        var options = new Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions
        {
            CommonHttpProtocolOptions = new() { IdleTimeout = new() { Seconds = 0 }, MaxRequestsPerConnection = 7 },
            UseDownstreamProtocolConfig = new() { Http2ProtocolOptions = new() },
        };
        var configuration = ClusterSamples.Parse("{\"name\":\"c\",\"type\":\"STATIC\"}");
        configuration.TypedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] =
            Google.Protobuf.WellKnownTypes.Any.Pack(options);
        var http = samples.Manager.Compile(configuration).Http;
        Assert.Equal((UpstreamHttp.UseDownstream, (TimeSpan?)null, 7u), (http.Protocol, http.IdleTimeout, http.MaxRequestsPerConnection));
    }

    [Fact]
    public void TransportSocketsAreChosenByEndpointMetadata()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Eds("""
            ,"transportSocketMatches":[
              {"name":"tlsMode-istio","match":{"tlsMode":"istio"},"transportSocket":{"name":"envoy.transport_sockets.tls"}},
              {"name":"tlsMode-disabled","match":{},"transportSocket":{"name":"envoy.transport_sockets.raw_buffer"}}]
            """);
        var assignment = ClusterSamples.Assignment("s", ("10.0.0.1", 1, 0), ("10.0.0.2", 1, 0));
        assignment.Endpoints[0].LbEndpoints[0].Metadata =
            Metadata.Parser.ParseJson("""{"filterMetadata":{"envoy.transport_socket_match":{"tlsMode":"istio"}}}""");
        samples.Manager.UpdateEndpoints(assignment);
        Assert.Equal(("tlsMode-istio", true), (cluster.Hosts[0].Transport.Name, cluster.Hosts[0].Transport.IsSecure));
        Assert.Equal(("tlsMode-disabled", false), (cluster.Hosts[1].Transport.Name, cluster.Hosts[1].Transport.IsSecure));
    }

    [Fact]
    public void ReadsIstiosServicesAndAlternativeName()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Add(ClusterSamples.Parse("""
            {"name":"outbound|80||a.b.svc.cluster.local","altStatName":"outbound|80||a.b;","type":"STATIC",
             "metadata":{"filterMetadata":{"istio":{"services":[{"host":"a.b.svc.cluster.local","name":"a","namespace":"b"}]}}}}
            """));
        Assert.Equal([new IstioService("a.b.svc.cluster.local", "a", "b")], cluster.Model.IstioServices);
        Assert.Equal("cluster.outbound|80||a.b;.", cluster.Stats.Prefix);
    }

    [Fact]
    public void OriginalDestinationsAreMadeOnDemandAndForgotten()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Add(ClusterSamples.Parse("{\"name\":\"c\",\"type\":\"ORIGINAL_DST\",\"lbPolicy\":\"CLUSTER_PROVIDED\"}"));
        var address = new IPEndPoint(IPAddress.Parse("10.9.9.9"), 443);
        var connection = new ConnectionInfo
        {
            Id = 1,
            LocalAddress = address,
            RemoteAddress = address,
            DirectRemoteAddress = address,
            LocalAddressRestored = true,
        };
        var host = cluster.Pick(new LoadBalancerContext { Random = samples.Random, Downstream = connection })!;
        Assert.Equal(address, host.Address);
        Assert.Same(host, cluster.Pick(new LoadBalancerContext { Random = samples.Random, Downstream = connection }));
        connection.LocalAddressRestored = false;
        Assert.Null(cluster.Pick(new LoadBalancerContext { Random = samples.Random, Downstream = connection }));
        host.Stats.ConnectionStarted();
        samples.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal([host], cluster.Hosts);
        host.Stats.ConnectionEnded(connected: true);
        samples.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(cluster.Hosts);
        Assert.True(host.IsRemoved);
    }

    [Fact]
    public void OriginalDestinationFromAHeader()
    {
        using var samples = new ClusterSamples();
        var cluster = samples.Add(ClusterSamples.Parse("""
            {"name":"c","type":"ORIGINAL_DST","lbPolicy":"CLUSTER_PROVIDED","originalDstLbConfig":{"useHttpHeader":true,"upstreamPortOverride":15008}}
            """));
        var headers = new Lateen.Proxy.Http.HeaderMap();
        headers.Add(HeaderName.Of("x-envoy-original-dst-host"), "10.0.0.1:80");
        Assert.Equal("10.0.0.1:15008", cluster.Pick(new LoadBalancerContext { Random = samples.Random, RequestHeaders = headers })!.AddressText);
        headers.Set(HeaderName.Of("x-envoy-original-dst-host"), "nonsense");
        Assert.Null(cluster.Pick(new LoadBalancerContext { Random = samples.Random, RequestHeaders = headers }));
        Assert.Equal(1, samples.Counter("original_dst_host_invalid"));
    }

    [Fact]
    public async Task StrictDnsFollowsItsNameAndKeepsHostsOnFailure()
    {
        var dns = new FakeDns();
        using var samples = new ClusterSamples(dns);
        dns.Answer = ["10.0.0.1", "10.0.0.2"];
        var cluster = samples.Add(Dns("STRICT_DNS"));
        await cluster.Ready.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], cluster.Hosts.Select(h => h.AddressText));
        Assert.Equal("name", cluster.Hosts[0].Hostname);
        dns.Answer = null;
        await dns.NextAsync(samples);
        Assert.Equal(2, cluster.Hosts.Count);
        dns.Answer = ["10.0.0.2"];
        await dns.NextAsync(samples);
        await Eventually(() => cluster.Hosts is [{ AddressText: "10.0.0.2:80" }]);
    }

    [Fact]
    public async Task LogicalDnsMovesItsOneHost()
    {
        var dns = new FakeDns { Answer = ["10.0.0.1", "10.0.0.2"] };
        using var samples = new ClusterSamples(dns);
        var cluster = samples.Add(Dns("LOGICAL_DNS"));
        await cluster.Ready.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var host = Assert.Single(cluster.Hosts);
        dns.Answer = ["10.0.0.3"];
        await dns.NextAsync(samples);
        await Eventually(() => cluster.Hosts is [{ AddressText: "10.0.0.3:80" }]);
        Assert.Same(host, cluster.Hosts[0]);
        Assert.False(host.IsRemoved);
    }

    private static Envoy.Config.Cluster.V3.Cluster Dns(string type)
    {
        var configuration = ClusterSamples.Parse("{\"name\":\"c\",\"type\":\"" + type + "\",\"dnsLookupFamily\":\"V4_ONLY\"}");
        configuration.LoadAssignment = new ClusterLoadAssignment
        {
            ClusterName = "c",
            Endpoints = { new LocalityLbEndpoints { LbEndpoints = { ClusterSamples.Endpoint("name") } } },
        };
        return configuration;
    }

    private static async Task Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }

    private sealed class FakeDns : IDnsResolver
    {
        private volatile string[]? _answer;
        private int _calls;

        public string[]? Answer
        {
            get => _answer;
            set => _answer = value;
        }

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, AddressFamily family, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _calls);
            return _answer is { } answer
                ? Task.FromResult<IReadOnlyList<IPAddress>>([.. answer.Select(IPAddress.Parse)])
                : Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.HostNotFound));
        }

        /// <summary>Moves the clock on until the name was asked for once more.</summary>
        public async Task NextAsync(ClusterSamples samples)
        {
            var before = Volatile.Read(ref _calls);
            await Eventually(() =>
            {
                samples.Clock.Advance(TimeSpan.FromSeconds(5));
                return Volatile.Read(ref _calls) > before;
            });
        }
    }
}
