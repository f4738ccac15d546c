using CsCheck;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Tests.Support;
using Lateen.Xds.Istio;
using Lateen.Xds.Istio.PeerMetadata;

namespace Lateen.Proxy.Tests.Http;

public sealed class FilterTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: reviews:9080\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    private static readonly PeerInfo Peer = new()
    {
        InstanceName = "p-1",
        WorkloadName = "productpage-v1",
        Namespace = "default",
        Owner = "o",
        ClusterId = "Kubernetes",
        CanonicalName = "productpage",
        CanonicalRevision = "v1",
        App = "productpage",
        Version = "v1",
    };

    [Fact]
    public void Peer_metadata_is_read_taken_off_and_answered_inbound()
    {
        using var proxy = WithFilters(HttpProxy.DefaultRoutes, TrafficDirection.Inbound, ("mx", new Config
        {
            DownstreamDiscovery = { new Config.Types.DiscoveryMethod { IstioHeaders = new() } },
            DownstreamPropagation = { new Config.Types.PropagationMethod { IstioHeaders = new() } },
        }));
        proxy.AddCluster();
        var told = proxy.Exchange(
            $"GET / HTTP/1.1\r\nHost: a\r\nx-envoy-peer-metadata-id: id\r\nx-envoy-peer-metadata: {Peer.ToHeaderValue()}\r\n\r\n", Ok, out var forwarded);
        Assert.DoesNotContain("peer-metadata", forwarded, StringComparison.Ordinal);
        Assert.Contains($"x-envoy-peer-metadata-id: {proxy.Node.Id}\r\n", told, StringComparison.Ordinal);
        Assert.Contains("x-envoy-peer-metadata: ", told, StringComparison.Ordinal);

        var untold = proxy.Exchange(Get, Ok, out _);
        Assert.DoesNotContain("peer-metadata", untold, StringComparison.Ordinal);
    }

    [Fact]
    public void Peer_metadata_is_told_to_the_mesh_only_and_taken_off_responses_outbound()
    {
        using var proxy = WithFilters(
            """
            {"virtualHosts":[{"name":"all","domains":["*"],"routes":[
              {"match":{"prefix":"/out"},"route":{"cluster":"PassthroughCluster"}},{"match":{"prefix":"/"},"route":{"cluster":"a"}}]}]}
            """,
            TrafficDirection.Outbound,
            ("mx", new Config
            {
                UpstreamDiscovery = { new Config.Types.DiscoveryMethod { IstioHeaders = new() } },
                UpstreamPropagation = { new Config.Types.PropagationMethod { IstioHeaders = new() { SkipExternalClusters = true } } },
            }));
        proxy.AddCluster();
        proxy.AddCluster("PassthroughCluster");
        var answer = proxy.Exchange(
            Get, $"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-envoy-peer-metadata: {Peer.ToHeaderValue()}\r\nx-envoy-peer-metadata-id: i\r\n\r\n", out var forwarded);
        Assert.Contains("x-envoy-peer-metadata: ", forwarded, StringComparison.Ordinal);
        Assert.DoesNotContain("peer-metadata", answer, StringComparison.Ordinal);
        _ = proxy.Exchange("GET /out HTTP/1.1\r\nHost: x\r\n\r\n", Ok, out var outside);
        Assert.DoesNotContain("peer-metadata", outside, StringComparison.Ordinal);
    }

    [Fact]
    public void Peers_survive_their_header() => Assert.Equal(Peer, PeerInfo.From(Struct.Parser.ParseFrom(Convert.FromBase64String(Peer.ToHeaderValue()))));

    [Fact]
    public void The_destination_counts_requests_with_all_labels()
    {
        using var proxy = WithFilters(
            HttpProxy.RouteTo("\"cluster\":\"inbound|9080||\""),
            TrafficDirection.Inbound,
            ("mx", new Config { DownstreamDiscovery = { new Config.Types.DiscoveryMethod { IstioHeaders = new() } } }),
            ("istio.stats", new PluginConfig { DisableHostHeaderFallback = true }));
        proxy.AddCluster("inbound|9080||", configure: c => c.Metadata = Services("reviews.default.svc.cluster.local", "reviews", "default"));
        _ = proxy.Exchange(
            $"GET / HTTP/1.1\r\nHost: a\r\nx-envoy-peer-metadata: {Peer.ToHeaderValue()}\r\n\r\n",
            Ok,
            out _,
            c => c.Tls = new TlsInfo
            {
                PeerCertificatePresented = true,
                PeerUriSans = ["spiffe://cluster.local/ns/default/sa/productpage"],
                LocalUriSans = ["spiffe://cluster.local/ns/default/sa/reviews"],
            });

        var counter = Assert.Single(proxy.Stats.Counters, c => c.Name == "istiocustom.istio_requests_total");
        Assert.Equal(1, counter.Value);
        Assert.Equal(
            "reporter=destination,source_workload=productpage-v1,source_canonical_service=productpage,source_canonical_revision=v1,"
            + "source_workload_namespace=default,source_principal=spiffe://cluster.local/ns/default/sa/productpage,source_app=productpage,"
            + "source_version=v1,source_cluster=Kubernetes,destination_workload=reviews-v2,destination_workload_namespace=default,"
            + "destination_principal=spiffe://cluster.local/ns/default/sa/reviews,destination_app=reviews,destination_version=v2,"
            + "destination_service=reviews.default.svc.cluster.local,destination_canonical_service=reviews,destination_canonical_revision=v2,"
            + "destination_service_name=reviews,destination_service_namespace=default,destination_cluster=Kubernetes,request_protocol=http,"
            + "response_code=200,grpc_response_status=,response_flags=-,connection_security_policy=mutual_tls",
            Labels(counter.Tags));
        var duration = Assert.Single(proxy.Stats.Histograms, h => h.Name == "istiocustom.istio_request_duration_milliseconds");
        Assert.Equal(1, duration.Read().Counts.Sum());
    }

    [Fact]
    public void The_source_counts_what_it_knows_and_falls_back_to_the_host()
    {
        using var proxy = WithFilters(
            HttpProxy.RouteTo("\"cluster\":\"a\",\"timeout\":\"0s\""), TrafficDirection.Outbound, ("istio.stats", new PluginConfig()));
        proxy.AddCluster(configure: c => c.LoadAssignment.Endpoints[0].LbEndpoints[0].Metadata = new Metadata
        {
            FilterMetadata = { ["istio"] = new Struct { Fields = { ["workload"] = Value.ForString("reviews-v3;default;reviews;v3;Kubernetes") } } },
        });
        _ = proxy.Exchange(Get, "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n", out _);
        var counter = Assert.Single(proxy.Stats.Counters, c => c.Name == "istiocustom.istio_requests_total");
        var labels = counter.Tags.ToDictionary(t => t.Name, t => t.Value);
        Assert.Equal("source", labels["reporter"]);
        Assert.Equal("reviews-v3", labels["destination_workload"]);
        Assert.Equal("reviews:9080", labels["destination_service"]);
        Assert.Equal("reviews:9080", labels["destination_service_name"]);
        Assert.Equal("unknown", labels["destination_principal"]);
        Assert.Equal("unknown", labels["connection_security_policy"]);
        Assert.Equal("503", labels["response_code"]);
    }

    [Fact]
    public void Metric_rules_leave_out_metrics_and_labels()
    {
        using var proxy = WithFilters(HttpProxy.DefaultRoutes, TrafficDirection.Outbound, ("istio.stats", new PluginConfig
        {
            Metrics =
            {
                new MetricConfig { Name = "request_bytes", Drop = true },
                new MetricConfig { Name = "requests_total", TagsToRemove = { "source_app" }, Dimensions = { ["fixed"] = "\"value\"" } },
            },
        }));
        proxy.AddCluster();
        _ = proxy.Exchange(Get, Ok, out _);
        Assert.DoesNotContain(proxy.Stats.Histograms, h => h.Name == "istiocustom.istio_request_bytes");
        var labels = Labels(proxy.Stats.Counters.Single(c => c.Name == "istiocustom.istio_requests_total").Tags);
        Assert.DoesNotContain("source_app", labels, StringComparison.Ordinal);
        Assert.EndsWith("fixed=value", labels, StringComparison.Ordinal);
    }

    [Fact]
    public void Alpn_offers_istios_list_except_where_the_cluster_says_no()
    {
        var alpn = new Lateen.Xds.Istio.Alpn.FilterConfig();
        alpn.AlpnOverride.Add(new Lateen.Xds.Istio.Alpn.FilterConfig.Types.AlpnOverride
        {
            UpstreamProtocol = Lateen.Xds.Istio.Alpn.FilterConfig.Types.Protocol.Http11,
            AlpnOverride_ = { "istio-http/1.1", "istio", "http/1.1" },
        });
        using var proxy = WithFilters(HttpProxy.DefaultRoutes, TrafficDirection.Outbound, ("istio.alpn", alpn));
        proxy.AddCluster();
        _ = proxy.Exchange(Get, Ok, out _);
        Assert.Equal(["istio-http/1.1", "istio", "http/1.1"], proxy.Upstreams.Asked[0].Tls.ApplicationProtocols);
        proxy.AddCluster(configure: c => c.Metadata = new Metadata
        {
            FilterMetadata = { ["istio"] = new Struct { Fields = { ["alpn_override"] = Value.ForString("false") } } },
        });
        _ = proxy.Exchange(Get, Ok, out _);
        Assert.Null(proxy.Upstreams.Asked[^1].Tls.ApplicationProtocols);
    }

    [Fact]
    public void Faults_delay_and_abort()
    {
        using var proxy = WithFilters(
            HttpProxy.DefaultRoutes,
            TrafficDirection.Outbound,
            ("envoy.filters.http.fault", new Envoy.Extensions.Filters.Http.Fault.V3.HTTPFault
            {
                Delay = new() { FixedDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)), Percentage = new() { Numerator = 100 } },
                Abort = new() { HttpStatus = 418, Percentage = new() { Numerator = 100 } },
            }));
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Loop.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(proxy.Received(client));
        proxy.Loop.Advance(TimeSpan.FromSeconds(0.2));
        var answer = proxy.Received(client);
        Assert.StartsWith("HTTP/1.1 418", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nfault filter abort", answer, StringComparison.Ordinal);
        Assert.Equal((418, "DI,FI", "fault_filter_abort"), (proxy.Log.Last.Status, proxy.Log.Last.Flags, proxy.Log.Last.Details));
        Assert.Equal(1, proxy.Count("http.test.fault.delays_injected"));
        Assert.Equal(1, proxy.Count("http.test.fault.aborts_injected"));
        Assert.Equal(0, proxy.Stats.Gauge("http.test.fault.active_faults").Value);
    }

    [Fact]
    public void A_client_that_leaves_during_a_delay_ends_it()
    {
        using var proxy = WithFilters(
            HttpProxy.DefaultRoutes,
            TrafficDirection.Outbound,
            ("envoy.filters.http.fault", new Envoy.Extensions.Filters.Http.Fault.V3.HTTPFault
            {
                Delay = new() { FixedDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)), Percentage = new() { Numerator = 100 } },
            }));
        proxy.AddCluster();
        var client = proxy.Connect();
        proxy.Send(client, Get);
        client.Close();
        proxy.Loop.RunUntilIdle();
        Assert.Equal((0, "DI,DC"), (proxy.Log.Last.Status, proxy.Log.Last.Flags));
        Assert.Empty(proxy.Upstreams.Connections);
        Assert.Equal(0, proxy.Stats.Gauge("http.test.fault.active_faults").Value);
    }

    [Fact]
    public void Grpc_messages_are_counted_however_they_are_cut()
    {
        Gen.Select(Gen.Int[0, 300].Array[0, 8], Gen.Int[1, 20].Array[1, 40]).Sample((lengths, cuts) =>
        {
            var bytes = lengths.SelectMany(n => (byte[])[0, 0, 0, (byte)(n >> 8), (byte)n, .. new byte[n]]).ToArray();
            var frames = new Lateen.Proxy.Http.Filters.GrpcStats.GrpcFrames();
            for (int at = 0, i = 0; at < bytes.Length; i++)
            {
                var length = Math.Min(cuts[i % cuts.Length], bytes.Length - at);
                frames.Count(bytes.AsSpan(at, length));
                at += length;
            }

            Assert.Equal(lengths.Length, frames.Messages);
        });
    }

    [Fact]
    public void Grpc_streams_are_counted_with_their_status_and_messages()
    {
        using var proxy = WithFilters(
            HttpProxy.DefaultRoutes,
            TrafficDirection.Outbound,
            ("envoy.filters.http.grpc_stats", new Envoy.Extensions.Filters.Http.GrpcStats.V3.FilterConfig { EmitFilterState = true }),
            ("istio.stats", new PluginConfig()));
        proxy.AddCluster();
        _ = proxy.Exchange(
            "POST /s/m HTTP/1.1\r\nHost: a\r\ncontent-type: application/grpc\r\ncontent-length: 6\r\n\r\n\0\0\0\0\u0001x",
            "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ngrpc-status: 7\r\ncontent-length: 10\r\n\r\n\0\0\0\0\0\0\0\0\0\0",
            out _);
        var requests = proxy.Stats.Counters.Single(c => c.Name == "istiocustom.istio_requests_total");
        Assert.Contains("request_protocol=grpc,response_code=200,grpc_response_status=7", Labels(requests.Tags), StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.Counters.Single(c => c.Name == "istiocustom.istio_request_messages_total").Value);
        Assert.Equal(2, proxy.Stats.Counters.Single(c => c.Name == "istiocustom.istio_response_messages_total").Value);
    }

    [Fact]
    public void Grpc_requests_get_grpc_answers()
    {
        using var proxy = new HttpProxy();
        var client = proxy.Connect();
        proxy.Send(client, "POST /s/m HTTP/1.1\r\nHost: a\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n\r\n");
        var answer = proxy.Received(client);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("content-type: application/grpc\r\ngrpc-status: 14\r\n", answer, StringComparison.Ordinal);
        Assert.Equal("NC", proxy.Log.Last.Flags);
    }

    [Theory]
    [InlineData("http://good.test", true)]
    [InlineData("http://bad.test", false)]
    public void Cors_answers_preflights_of_allowed_origins(string origin, bool allowed)
    {
        const string routes =
            """
            {"virtualHosts":[{"name":"all","domains":["*"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"a"}}]}]}
            """;
        using var proxy = WithFilters(routes, TrafficDirection.Outbound, ("envoy.filters.http.cors", new Envoy.Extensions.Filters.Http.Cors.V3.Cors()));
        proxy.Configure(p => p.RouteConfig.VirtualHosts[0].TypedPerFilterConfig["envoy.filters.http.cors"] = Any.Pack(
            new Envoy.Extensions.Filters.Http.Cors.V3.CorsPolicy
            {
                AllowOriginStringMatch = { new Envoy.Type.Matcher.V3.StringMatcher { Exact = "http://good.test" } },
                AllowMethods = "GET,POST",
                AllowHeaders = "*",
                MaxAge = "600",
                AllowCredentials = true,
                ExposeHeaders = "x-e",
                ForwardNotMatchingPreflights = false,
            }));
        proxy.AddCluster();
        var client = proxy.Connect();
        proxy.Send(client, $"OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n\r\n");
        var preflight = proxy.Received(client);
        Assert.StartsWith("HTTP/1.1 200", preflight, StringComparison.Ordinal);
        Assert.Equal("cors_response", proxy.Log.Last.Details);
        Assert.Equal(allowed, preflight.Contains(
            $"access-control-allow-origin: {origin}\r\naccess-control-allow-credentials: true\r\naccess-control-allow-methods: GET,POST\r\n"
            + "access-control-allow-headers: x-a\r\naccess-control-max-age: 600\r\n",
            StringComparison.Ordinal));

        var answer = proxy.Exchange($"GET / HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n\r\n", Ok, out _);
        Assert.Equal(allowed, answer.Contains($"access-control-allow-origin: {origin}\r\n", StringComparison.Ordinal));
        Assert.Equal(allowed ? 2 : 0, proxy.Count("http.test.cors.origin_valid"));
    }

    private static HttpProxy WithFilters(string routes, TrafficDirection direction, params (string Name, IMessage Config)[] filters)
    {
        var proxy = new HttpProxy(
            routes,
            p =>
            {
                for (var i = 0; i < filters.Length; i++)
                {
                    p.HttpFilters.Insert(i, new HttpFilter { Name = filters[i].Name, TypedConfig = Any.Pack(filters[i].Config) });
                }
            },
            direction);
        proxy.Node.Metadata = new Struct
        {
            Fields =
            {
                ["WORKLOAD_NAME"] = Value.ForString("reviews-v2"),
                ["NAMESPACE"] = Value.ForString("default"),
                ["CLUSTER_ID"] = Value.ForString("Kubernetes"),
                ["LABELS"] = Value.ForStruct(new Struct
                {
                    Fields =
                    {
                        ["app"] = Value.ForString("reviews"),
                        ["version"] = Value.ForString("v2"),
                        ["service.istio.io/canonical-name"] = Value.ForString("reviews"),
                        ["service.istio.io/canonical-revision"] = Value.ForString("v2"),
                    },
                }),
            },
        };
        return proxy;
    }

    private static Metadata Services(string host, string name, string space) => new()
    {
        FilterMetadata =
        {
            ["istio"] = new Struct
            {
                Fields =
                {
                    ["services"] = Value.ForList(Value.ForStruct(new Struct
                    {
                        Fields = { ["host"] = Value.ForString(host), ["name"] = Value.ForString(name), ["namespace"] = Value.ForString(space) },
                    })),
                },
            },
        },
    };

    private static string Labels(IReadOnlyList<Tag> tags) => string.Join(',', tags.Select(t => $"{t.Name}={t.Value}"));
}
