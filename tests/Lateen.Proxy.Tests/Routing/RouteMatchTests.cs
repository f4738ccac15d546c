using System.Net;
using CsCheck;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Tests.Routing;

public sealed class RouteMatchTests
{
    private static bool Matches(string match, RequestHead head, ulong random = 0, ConnectionInfo? downstream = null) =>
        RoutingSamples.RouteOf(
            RoutingSamples.Routes("{\"name\":\"hit\",\"match\":" + match + ",\"route\":{\"cluster\":\"c\"}}"), head, random, downstream) == "hit";

    [Theory]
    [InlineData("""{"prefix":"/"}""", "/", true)]
    [InlineData("""{"prefix":"/foo"}""", "/foobar", true)]
    [InlineData("""{"prefix":"/foo"}""", "/fo", false)]
    [InlineData("""{"prefix":"/foo?x"}""", "/foo?x", false)] // the query does not count
    [InlineData("""{"prefix":"/FOO","caseSensitive":false}""", "/fooBAR", true)]
    [InlineData("""{"prefix":""}""", "/", true)]
    [InlineData("""{"path":"/foo"}""", "/foo", true)]
    [InlineData("""{"path":"/foo"}""", "/foo?a=b", true)]
    [InlineData("""{"path":"/foo"}""", "/foo#frag", true)]
    [InlineData("""{"path":"/foo"}""", "/foo/", false)]
    [InlineData("""{"path":"/foo"}""", "/Foo", false)]
    [InlineData("""{"path":"/foo","caseSensitive":false}""", "/Foo", true)]
    [InlineData("""{"pathSeparatedPrefix":"/foo"}""", "/foo", true)]
    [InlineData("""{"pathSeparatedPrefix":"/foo"}""", "/foo/bar", true)]
    [InlineData("""{"pathSeparatedPrefix":"/foo"}""", "/foobar", false)]
    [InlineData("""{"pathSeparatedPrefix":"/Foo","caseSensitive":false}""", "/foo/bar", true)]
    [InlineData("""{"safeRegex":{"regex":"/b[io]t"}}""", "/bit", true)]
    [InlineData("""{"safeRegex":{"regex":"/b[io]t"}}""", "/bite", false)]
    [InlineData("""{"safeRegex":{"regex":"/b[io]t"}}""", "/bit?x=y", true)]
    [InlineData("""{"safeRegex":{"regex":"/b[io]t"},"caseSensitive":false}""", "/BIT", false)]
    [InlineData("""{"connectMatcher":{}}""", "/", false)]
    public void Paths(string match, string path, bool expected) => Assert.Equal(expected, Matches(match, RoutingSamples.Head(path)));

    [Theory]
    [InlineData("""{"name":"a"}""", "/?a", true)]
    [InlineData("""{"name":"a"}""", "/?b=1&a=2", true)]
    [InlineData("""{"name":"a"}""", "/?ab=1", false)]
    [InlineData("""{"name":"a","stringMatch":{"exact":"1"}}""", "/?a=1&a=2", true)]
    [InlineData("""{"name":"a","stringMatch":{"exact":"2"}}""", "/?a=1&a=2", false)] // the first value counts
    [InlineData("""{"name":"a","stringMatch":{"exact":"a b"}}""", "/?a=a%20b", false)] // not decoded
    [InlineData("""{"name":"a","presentMatch":false}""", "/?b", true)]
    [InlineData("""{"name":"a","presentMatch":false}""", "/?a", false)]
    [InlineData("""{"name":"a","presentMatch":true}""", "/", false)]
    [InlineData("""{"name":"a","stringMatch":{"prefix":"x"}}""", "/?a=xyz#a=b", true)]
    public void QueryParameters(string matcher, string path, bool expected) =>
        Assert.Equal(expected, Matches("{\"prefix\":\"/\",\"queryParameters\":[" + matcher + "]}", RoutingSamples.Head(path)));

    [Fact]
    public void AllHeadersHaveToMatch()
    {
        const string Match = """{"prefix":"/","headers":[{"name":"a","stringMatch":{"exact":"1"}},{"name":":method","stringMatch":{"exact":"PUT"}}]}""";
        Assert.True(Matches(Match, RoutingSamples.Head("/", "h", "PUT", ("a", "1"))));
        Assert.False(Matches(Match, RoutingSamples.Head("/", "h", "GET", ("a", "1"))));
        Assert.False(Matches(Match, RoutingSamples.Head("/", "h", "PUT", ("a", "2"))));
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("text/plain", false)]
    public void Grpc(string contentType, bool expected) =>
        Assert.Equal(expected, Matches("""{"prefix":"/","grpc":{}}""", RoutingSamples.Head("/", "h", "POST", ("content-type", contentType))));

    [Theory]
    [InlineData(24u, true)]
    [InlineData(25u, false)]
    [InlineData(124u, true)]
    public void RuntimeFraction(uint random, bool expected) => Assert.Equal(
        expected, Matches("""{"prefix":"/","runtimeFraction":{"defaultValue":{"numerator":25}}}""", RoutingSamples.Head(), random));

    [Theory]
    [InlineData("""{"presented":true}""", true, true)]
    [InlineData("""{"presented":true}""", false, false)]
    [InlineData("""{"presented":false}""", false, true)]
    [InlineData("""{"validated":true}""", true, true)]
    [InlineData("""{"validated":true}""", null, false)]
    public void TlsContext(string options, bool? presented, bool expected)
    {
        var address = new IPEndPoint(IPAddress.Loopback, 1);
        var connection = new ConnectionInfo
        {
            Id = 1,
            LocalAddress = address,
            RemoteAddress = address,
            DirectRemoteAddress = address,
            Tls = presented is { } p ? new TlsInfo { PeerCertificatePresented = p } : null,
        };
        Assert.Equal(expected, Matches("{\"prefix\":\"/\",\"tlsContext\":" + options + "}", RoutingSamples.Head(), 0, connection));
    }

    [Fact]
    public void ConnectNeedsItsMatcher()
    {
        var connect = new RequestHead();
        connect.Headers.Add(HeaderNames.Method, "CONNECT");
        connect.Headers.Add(HeaderNames.Authority, "host:443");
        Assert.True(Matches("""{"connectMatcher":{}}""", connect));
        Assert.False(Matches("""{"prefix":""}""", connect));
        Assert.False(Matches("""{"safeRegex":{"regex":".*"}}""", connect));
    }

    [Fact]
    public void PathParametersCanBeIgnored()
    {
        var table = RoutingSamples.Routes("""{"name":"a","match":{"path":"/a"},"route":{"cluster":"c"}}""", ",\"ignorePathParametersInPathMatching\":true");
        Assert.Equal("a", RoutingSamples.RouteOf(table, RoutingSamples.Head("/a;v=1?x")));
    }

    [Fact]
    public void FirstMatchWinsAndTheTraceTellsWhy()
    {
        var table = RoutingSamples.Routes("""
            {"name":"jason","match":{"prefix":"/","headers":[{"name":"end-user","stringMatch":{"exact":"jason"}}]},"route":{"cluster":"v2"}},
            {"name":"api","match":{"prefix":"/api"},"route":{"cluster":"api"}},
            {"name":"all","match":{"prefix":"/"},"route":{"cluster":"v1"}}
            """);
        var trace = new Trace();
        var route = table.Select(RoutingSamples.Head("/x", "Shop.com"), default, trace).Route;
        Assert.Equal("all", route!.Name);
        Assert.Equal(
            ["v shop.com *", "jason: header end-user exact \"jason\"", "api: path prefix \"/api\"", "all: matched"], trace.Lines);
    }

    [Theory]
    [InlineData("""{"match":{"prefix":"/"}}""", "virtual_hosts[0].routes[0]")]
    [InlineData("""{"match":{},"route":{"cluster":"c"}}""", "virtual_hosts[0].routes[0].match")]
    [InlineData("""{"match":{"pathSeparatedPrefix":"/a/"},"route":{"cluster":"c"}}""", "virtual_hosts[0].routes[0].match.path_separated_prefix")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"clusterSpecifierPlugin":"x"}}""", "virtual_hosts[0].routes[0].route.cluster_specifier_plugin")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"weightedClusters":{"clusters":[{"name":"a","weight":0}]}}}""", "virtual_hosts[0].routes[0].route.weighted_clusters")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"cluster":"c","prefixRewrite":"/a","regexRewrite":{"pattern":{"regex":"a"},"substitution":"b"}}}""", "virtual_hosts[0].routes[0].route.regex_rewrite")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"cluster":"c","internalRedirectPolicy":{}}}""", "virtual_hosts[0].routes[0].route.internal_redirect_policy")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"cluster":"c"},"requestHeadersToAdd":[{"header":{"key":":path","value":"x"}}]}""", "virtual_hosts[0].routes[0].request_headers_to_add[0].header.key")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"cluster":"c"},"requestHeadersToAdd":[{"header":{"key":"a","value":"%NOPE%"}}]}""", "virtual_hosts[0].routes[0].request_headers_to_add[0].header.value")]
    [InlineData("""{"match":{"prefix":"/"},"route":{"cluster":"c"},"responseHeadersToRemove":["Host"]}""", "virtual_hosts[0].routes[0].response_headers_to_remove[0]")]
    [InlineData("""{"match":{"prefix":"/"},"directResponse":{"status":199}}""", "virtual_hosts[0].routes[0].direct_response.status")]
    [InlineData("""{"match":{"prefix":"/","headers":[{"name":"a","stringMatch":{"safeRegex":{"regex":"("}}}]},"route":{"cluster":"c"}}""", "virtual_hosts[0].routes[0].match.headers[0].string_match.safe_regex.regex")]
    public void ErrorsNameTheField(string route, string path)
    {
        var error = Assert.Throws<ConfigurationException>(() => RoutingSamples.Routes(route));
        Assert.StartsWith(path, error.Path);
    }

    [Fact]
    public void IndexYieldsWhatALinearScanYields()
    {
        var path = Gen.OneOf("a", "b", "ab", "A").Array[0, 3].Select(p => "/" + string.Join('/', p));
        var match = Gen.Select(path, Gen.Int[0, 5], Gen.Bool, (p, kind, withHeader) =>
        {
            var m = kind switch
            {
                0 or 1 => new RouteMatch { Path = p },
                2 => new RouteMatch { Prefix = p, CaseSensitive = false },
                3 when p.Length > 1 => new RouteMatch { PathSeparatedPrefix = p },
                4 => new RouteMatch { SafeRegex = new() { Regex = p + ".*" } },
                _ => new RouteMatch { Prefix = p },
            };
            if (withHeader)
                m.Headers.Add(new Envoy.Config.Route.V3.HeaderMatcher { Name = "h", PresentMatch = true });
            return m;
        });
        Gen.Select(match.Array[1, 40], path, Gen.Bool).Sample((matches, requested, withHeader) =>
        {
            var configuration = new RouteConfiguration { Name = "r" };
            var host = new Envoy.Config.Route.V3.VirtualHost { Name = "v", Domains = { "*" } };
            host.Routes.AddRange(matches.Select((m, i) => new Route { Name = $"{i}", Match = m, NonForwardingAction = new() }));
            configuration.VirtualHosts.Add(host);
            var routes = RouteTable.Compile(configuration, RoutingSamples.NoExtensions).VirtualHosts[0].Routes;
            var head = withHeader ? RoutingSamples.Head(requested, headers: ("h", "1")) : RoutingSamples.Head(requested);
            var context = new MatchContext(head, default, false);
            return ReferenceEquals(RouteIndex.Build(routes, true).Find(context), RouteIndex.Build(routes, false).Find(context));
        }, iter: 400);
    }

    [Fact]
    public void SelectingAllocatesNothing()
    {
        var routes = string.Join(',', Enumerable.Range(0, 50).Select(i =>
            $"{{\"name\":\"{i}\",\"match\":{{\"prefix\":\"/p{i}/\",\"headers\":[{{\"name\":\"a\",\"stringMatch\":{{\"exact\":\"1\"}}}}]}},\"route\":{{\"cluster\":\"c\"}}}}"));
        var table = RoutingSamples.Routes(routes + """,{"name":"e","match":{"path":"/exact"},"route":{"cluster":"c"}}""");
        var head = RoutingSamples.Head("/p49/x?q=1", headers: ("a", "1"));
        var exact = RoutingSamples.Head("/exact");
        Assert.Equal("49", RoutingSamples.RouteOf(table, head));
        Assert.Equal("e", RoutingSamples.RouteOf(table, exact));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            table.Select(head, default);
            table.Select(exact, default);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class Trace : IRouteTrace
    {
        public List<string> Lines { get; } = [];

        public void OnVirtualHost(Lateen.Proxy.Routing.VirtualHost? virtualHost, string host, string? domain) =>
            Lines.Add($"{virtualHost?.Name} {host} {domain}");

        public void OnRoute(RouteEntry route, string? mismatch) => Lines.Add($"{route.Name}: {mismatch ?? "matched"}");
    }
}
