using CsCheck;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Tests.Routing;

public sealed class ActionTests
{
    private static RouteEntry Route(string action, string match = """{"prefix":"/"}""", string more = "", string vhostMore = "") =>
        RoutingSamples.Routes("{\"name\":\"n\",\"match\":" + match + "," + action + more + "}", vhostMore: vhostMore).VirtualHosts[0].Routes[0];

    [Theory]
    [InlineData(0u, "a")]
    [InlineData(29u, "a")]
    [InlineData(30u, "c")] // b has no weight
    [InlineData(99u, "c")]
    [InlineData(100u, "a")]
    public void WeightedClustersAreHalfOpenIntervals(uint random, string expected)
    {
        var route = Route("""
            "route":{"weightedClusters":{"clusters":[{"name":"a","weight":30},{"name":"b","weight":0},{"name":"c","weight":70}]}}
            """);
        var choice = route.ChooseCluster(RoutingSamples.Head(), random);
        Assert.Equal(expected, choice.Name);
        Assert.Equal(expected, choice.Weighted!.Name);
    }

    [Fact]
    public void WeightedClustersFollowTheirWeightsExactly() =>
        Gen.UInt[0, 50].Array[1, 6].Where(w => w.Any(x => x > 0)).Sample(weights =>
        {
            var clusters = string.Join(',', weights.Select((w, i) => $"{{\"name\":\"{i}\",\"weight\":{w}}}"));
            var route = Route("\"route\":{\"weightedClusters\":{\"clusters\":[" + clusters + "]}}");
            var total = weights.Sum(w => w);
            var counts = new long[weights.Length];
            for (ulong random = 0; random < (ulong)total; random++)
                counts[int.Parse(route.ChooseCluster(RoutingSamples.Head(), random).Name!)]++;
            return counts.Select(c => (uint)c).SequenceEqual(weights);
        }, iter: 50);

    [Fact]
    public void ARequestHeaderCanCarryTheRandomValue()
    {
        var route = Route("""
            "route":{"weightedClusters":{"headerName":"x-random","clusters":[{"name":"a","weight":50},{"name":"b","weight":50}]}}
            """);
        Assert.Equal("b", route.ChooseCluster(RoutingSamples.Head(headers: ("x-random", "150")), 0).Name);
        Assert.Equal("a", route.ChooseCluster(RoutingSamples.Head(headers: ("x-random", "x")), 0).Name);
    }

    [Fact]
    public void AHeaderCanNameTheCluster()
    {
        var route = Route("\"route\":{\"clusterHeader\":\"x-cluster\"}");
        Assert.Equal("named", route.ChooseCluster(RoutingSamples.Head(headers: ("x-cluster", "named")), 0).Name);
        Assert.Null(route.ChooseCluster(RoutingSamples.Head(), 0).Name);
    }

    [Theory]
    [InlineData("\"httpsRedirect\":true", "http", "host", "/p?q=1", "https://host/p?q=1")]
    [InlineData("\"httpsRedirect\":true", "http", "host:80", "/p", "https://host/p")]
    [InlineData("\"httpsRedirect\":true", "http", "host:8080", "/p", "https://host:8080/p")]
    [InlineData("\"schemeRedirect\":\"http\"", "https", "host:443", "/p", "http://host/p")]
    [InlineData("\"hostRedirect\":\"new\"", "http", "host", "/p?q=1", "http://new/p?q=1")]
    [InlineData("\"portRedirect\":8443", "http", "host:80", "/p", "http://host:8443/p")]
    [InlineData("\"hostRedirect\":\"new\",\"portRedirect\":81", "http", "host:80", "/p", "http://new:81/p")]
    [InlineData("\"portRedirect\":81", "http", "[::1]:80", "/p", "http://[::1]:81/p")]
    [InlineData("\"pathRedirect\":\"/new\"", "http", "host", "/p?q=1", "http://host/new?q=1")]
    [InlineData("\"pathRedirect\":\"/new?n=2\"", "http", "host", "/p?q=1", "http://host/new?n=2")]
    [InlineData("\"pathRedirect\":\"/new?n=2\",\"stripQuery\":true", "http", "host", "/p?q=1", "http://host/new?n=2")]
    [InlineData("\"pathRedirect\":\"new\",\"stripQuery\":true", "http", "host", "/p?q=1", "http://host/new")]
    [InlineData("\"stripQuery\":true", "http", "host", "/p?q=1", "http://host/p")]
    [InlineData("\"prefixRewrite\":\"/n\"", "http", "host", "/p/x?q=1", "http://host/n/x?q=1")]
    [InlineData("\"regexRewrite\":{\"pattern\":{\"regex\":\"/p/(.*)\"},\"substitution\":\"/\\\\1\"}", "http", "host", "/p/x?q=1", "http://host/x?q=1")]
    public void Redirects(string action, string scheme, string authority, string path, string expected)
    {
        var route = Route("\"redirect\":{" + action + "}", """{"prefix":"/p"}""");
        var head = RoutingSamples.Head(path, authority, "GET", ("x-forwarded-proto", scheme));
        head.Headers.Set(HeaderNames.Scheme, scheme);
        Assert.Equal(301, route.Redirect!.Status);
        Assert.Equal(expected, route.Redirect.BuildRedirectLocation(head, route));
    }

    [Theory]
    [InlineData("FOUND", 302)]
    [InlineData("SEE_OTHER", 303)]
    [InlineData("TEMPORARY_REDIRECT", 307)]
    [InlineData("PERMANENT_REDIRECT", 308)]
    public void RedirectCodes(string code, int expected) =>
        Assert.Equal(expected, Route("\"redirect\":{\"responseCode\":\"" + code + "\"}").Redirect!.Status);

    [Fact]
    public void DirectResponses()
    {
        var route = Route("""
            "directResponse":{"status":418,"body":{"inlineString":"teapot"}}
            """);
        Assert.Equal(418, route.DirectResponse!.Status);
        Assert.Equal("teapot"u8, route.DirectResponse.Body.Span);
        var tooLong = new string('x', 4097);
        Assert.Throws<ConfigurationException>(() => Route("\"directResponse\":{\"status\":200,\"body\":{\"inlineString\":\"" + tooLong + "\"}}"));
    }

    [Theory]
    [InlineData("""{"prefix":"/foo"}""", "\"prefixRewrite\":\"/bar\"", "/foo/x?q#f", "/bar/x?q#f")]
    [InlineData("""{"prefix":"/foo"}""", "\"prefixRewrite\":\"/\"", "/foo/x", "//x")] // as Envoy: users write two routes
    [InlineData("""{"path":"/foo"}""", "\"prefixRewrite\":\"/bar\"", "/foo?q", "/bar?q")]
    [InlineData("""{"pathSeparatedPrefix":"/foo"}""", "\"prefixRewrite\":\"/bar\"", "/foo/x", "/bar/x")]
    [InlineData("""{"safeRegex":{"regex":"/f.*"}}""", "\"prefixRewrite\":\"/bar\"", "/foo/x?q", "/bar?q")]
    [InlineData("""{"prefix":"/"}""", "\"regexRewrite\":{\"pattern\":{\"regex\":\"o\"},\"substitution\":\"0\"}", "/foo?o", "/f00?o")]
    public void RewritesPaths(string match, string rewrite, string path, string expected)
    {
        var exchange = RoutingSamples.Exchange(RoutingSamples.Head(path));
        Route("\"route\":{\"cluster\":\"c\"," + rewrite + "}", match).FinalizeRequestHeaders(exchange);
        Assert.Equal(expected, exchange.Request.Headers.GetString(HeaderNames.Path));
        Assert.Equal(path, exchange.Request.Headers.GetString(HeaderNames.EnvoyOriginalPath));
    }

    [Theory]
    [InlineData("\"hostRewriteLiteral\":\"new\"", "new")]
    [InlineData("\"hostRewriteHeader\":\"x-host\"", "from-header")]
    [InlineData("\"hostRewriteHeader\":\"x-none\"", "old:80")]
    [InlineData("\"hostRewritePathRegex\":{\"pattern\":{\"regex\":\"^/(.+)/x$\"},\"substitution\":\"\\\\1\"}", "tenant")]
    public void RewritesHosts(string rewrite, string expected)
    {
        var exchange = RoutingSamples.Exchange(RoutingSamples.Head("/tenant/x?q", "old:80", "GET", ("x-host", "from-header")));
        Route("\"route\":{\"cluster\":\"c\",\"appendXForwardedHost\":true," + rewrite + "}").FinalizeRequestHeaders(exchange);
        Assert.Equal(expected, exchange.Request.Headers.GetString(HeaderNames.Authority));
        Assert.Equal(expected == "old:80" ? null : "old:80", exchange.Request.Headers.GetString(HeaderNames.ForwardedHost));
    }

    [Fact]
    public void RouteHostRewriteWinsOverTheWeightedClusters()
    {
        const string Clusters = "\"weightedClusters\":{\"clusters\":[{\"name\":\"a\",\"weight\":1,\"hostRewriteLiteral\":\"weighted\"}]}";
        Assert.Equal("weighted", HostAfter("\"route\":{" + Clusters + "}"));
        Assert.Equal("route", HostAfter("\"route\":{\"hostRewriteLiteral\":\"route\"," + Clusters + "}"));

        static string? HostAfter(string action)
        {
            var route = Route(action);
            var exchange = RoutingSamples.Exchange(RoutingSamples.Head());
            exchange.WeightedCluster = route.ChooseCluster(exchange.Request, 0).Weighted;
            route.FinalizeRequestHeaders(exchange);
            return exchange.Request.Headers.GetString(HeaderNames.Authority);
        }
    }

    [Fact]
    public void TimeoutsDefaultTo15Seconds()
    {
        Assert.Equal(TimeSpan.FromSeconds(15), Route("\"route\":{\"cluster\":\"c\"}").Forward!.Timeouts.Total);
        Assert.Null(Route("\"route\":{\"cluster\":\"c\",\"timeout\":\"0s\"}").Forward!.Timeouts.Total);
        var timeouts = Route("""
            "route":{"cluster":"c","timeout":"3s","idleTimeout":"0s","maxStreamDuration":{"grpcTimeoutHeaderMax":"0s"}}
            """).Forward!.Timeouts;
        Assert.True(timeouts is { HasIdle: true, Idle: null, MaxStreamDuration: { HasLimit: false } });
        Assert.Equal(TimeSpan.Zero, timeouts.MaxStreamDuration.GrpcHeaderMax);
    }

    [Fact]
    public void ReadsIstiosRetryPolicy()
    {
        var policy = Route("""
            "route":{"cluster":"c","retryPolicy":{"retryOn":"connect-failure,refused-stream, unavailable,cancelled,retriable-status-codes,nonsense",
              "numRetries":2,"perTryTimeout":"2s","retriableStatusCodes":[503],"hostSelectionRetryMaxAttempts":"5",
              "retryHostPredicate":[{"name":"envoy.retry_host_predicates.previous_hosts",
                "typedConfig":{"@type":"type.googleapis.com/google.protobuf.Empty"}}]}}
            """.Replace("""
            ,
                "typedConfig":{"@type":"type.googleapis.com/google.protobuf.Empty"}
            """, "")).Forward!.Retry!;
        Assert.Equal(
            RetryOn.ConnectFailure | RetryOn.RefusedStream | RetryOn.GrpcUnavailable | RetryOn.GrpcCancelled | RetryOn.RetriableStatusCodes,
            policy.On);
        Assert.Equal(2, policy.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(2), policy.PerTryTimeout);
        Assert.Equal([503], policy.RetriableStatusCodes);
        Assert.True(policy is { AvoidPreviousHosts: true, HostSelectionAttempts: 5 });
        Assert.Equal((TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(250)), (policy.BackOffBase, policy.BackOffMax));
    }

    [Fact]
    public void VirtualHostsRetryPolicyHoldsWhereTheRouteHasNone()
    {
        const string Host = ",\"retryPolicy\":{\"retryOn\":\"5xx\",\"numRetries\":7}";
        Assert.Equal(7, Route("\"route\":{\"cluster\":\"c\"}", vhostMore: Host).Forward!.Retry!.MaxRetries);
        Assert.Equal(1, Route("\"route\":{\"cluster\":\"c\",\"retryPolicy\":{\"retryOn\":\"reset\"}}", vhostMore: Host).Forward!.Retry!.MaxRetries);
    }

    [Fact]
    public void VirtualHostsBufferLimitAndHedgingHoldWhereTheRouteSaysNothing()
    {
        const string Host = ",\"perRequestBufferLimitBytes\":10,\"hedgePolicy\":{\"hedgeOnPerTryTimeout\":true}";
        var forward = Route("\"route\":{\"cluster\":\"c\"}", vhostMore: Host).Forward!;
        Assert.Equal((10u, true), (forward.BufferLimit, forward.HedgeOnPerTryTimeout));
        Assert.Equal(5u, Route("\"route\":{\"cluster\":\"c\"}", more: ",\"perRequestBufferLimitBytes\":5", vhostMore: Host).Forward!.BufferLimit);
    }

    [Fact]
    public void MirrorsOfTheRouteElseOfTheVirtualHost()
    {
        const string Host = ",\"requestMirrorPolicies\":[{\"cluster\":\"host\"}]";
        Assert.Equal("host", Assert.Single(Route("\"route\":{\"cluster\":\"c\"}", vhostMore: Host).Forward!.Mirrors).Cluster);
        var own = Assert.Single(Route("""
            "route":{"cluster":"c","requestMirrorPolicies":[{"cluster":"own","runtimeFraction":{"defaultValue":{"numerator":5}}}]}
            """, vhostMore: Host).Forward!.Mirrors);
        Assert.Equal(("own", new Lateen.Proxy.Matching.Fraction(5, 100), true), (own.Cluster, own.Share, own.AppendShadowSuffix));
    }

    [Theory]
    [InlineData("""{"header":{"headerName":"x"}}""", "v")]
    [InlineData("""{"queryParameter":{"name":"q"}}""", "1")]
    [InlineData("""{"connectionProperties":{"sourceIp":true}}""", "10.1.1.1")]
    [InlineData("""{"cookie":{"name":"c"}}""", "k")]
    public void HashesAsEnvoyDoes(string policy, string hashed)
    {
        var exchange = RoutingSamples.Exchange(RoutingSamples.Head("/?q=1", "h", "GET", ("x", "v"), ("cookie", "b=1; c=\"k\"")));
        var hash = Route("\"route\":{\"cluster\":\"c\",\"hashPolicy\":[" + policy + "]}").Forward!.HashPolicy!.Compute(exchange, out var cookie);
        Assert.Equal(Lateen.Proxy.Matching.XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(hashed)), hash);
        Assert.Null(cookie);
    }

    [Fact]
    public void CookieWithTtlIsMade()
    {
        var exchange = RoutingSamples.Exchange(RoutingSamples.Head());
        var policy = Route("""
            "route":{"cluster":"c","hashPolicy":[{"header":{"headerName":"none"}},{"cookie":{"name":"s","ttl":"60s","path":"/p"}}]}
            """).Forward!.HashPolicy!;
        var hash = policy.Compute(exchange, out var cookie);
        Assert.Matches("^s=\"[0-9a-f]{16}\"; Max-Age=60; Path=/p; HttpOnly$", cookie);
        var again = RoutingSamples.Exchange(RoutingSamples.Head(headers: ("cookie", cookie!.Split(';')[0])));
        Assert.Equal(hash, policy.Compute(again, out cookie));
        Assert.Null(cookie);
    }

    [Fact]
    public void MetadataMatchOfAWeightedClusterIsMergedOverTheRoutes()
    {
        var route = Route("""
            "route":{"metadataMatch":{"filterMetadata":{"envoy.lb":{"a":"1","b":"1"}}},"weightedClusters":{"clusters":[
              {"name":"x","weight":1,"metadataMatch":{"filterMetadata":{"envoy.lb":{"b":"2"}}}}]}}
            """);
        var merged = route.Forward!.Weighted!.Entries[0].MetadataMatch!.Fields;
        Assert.Equal(("1", "2"), (merged["a"].StringValue, merged["b"].StringValue));
    }
}
