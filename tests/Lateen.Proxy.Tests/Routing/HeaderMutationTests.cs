using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Tests.Routing;

public sealed class HeaderMutationTests
{
    private static HeaderMap Apply(string routeMore, string more = "", string vhostMore = "", params (string, string)[] headers)
    {
        var table = RoutingSamples.Routes("{\"match\":{\"prefix\":\"/\"},\"route\":{\"cluster\":\"c\"}" + routeMore + "}", more, vhostMore);
        var exchange = RoutingSamples.Exchange(RoutingSamples.Head("/a?b", "h", "GET", headers));
        table.VirtualHosts[0].Routes[0].FinalizeRequestHeaders(exchange);
        return exchange.Request.Headers;
    }

    private static string Add(string action, string value = "new", string more = "") =>
        ",\"requestHeadersToAdd\":[{\"header\":{\"key\":\"X\",\"value\":\"" + value + "\"},\"appendAction\":\"" + action + "\"" + more + "}]";

    [Theory]
    [InlineData("APPEND_IF_EXISTS_OR_ADD", "old", "old,new")]
    [InlineData("APPEND_IF_EXISTS_OR_ADD", null, "new")]
    [InlineData("ADD_IF_ABSENT", "old", "old")]
    [InlineData("ADD_IF_ABSENT", null, "new")]
    [InlineData("OVERWRITE_IF_EXISTS_OR_ADD", "old", "new")]
    [InlineData("OVERWRITE_IF_EXISTS_OR_ADD", null, "new")]
    [InlineData("OVERWRITE_IF_EXISTS", "old", "new")]
    [InlineData("OVERWRITE_IF_EXISTS", null, null)]
    public void AppendActions(string action, string? before, string? expected)
    {
        var headers = before is null ? Apply(Add(action)) : Apply(Add(action), headers: ("x", before));
        Assert.Equal(expected, headers.GetJoined(HeaderName.Of("x")));
    }

    [Theory]
    [InlineData("true", "old,new")]
    [InlineData("false", "new")]
    public void DeprecatedAppend(string append, string expected) => Assert.Equal(expected, Apply(
        ",\"requestHeadersToAdd\":[{\"header\":{\"key\":\"x\",\"value\":\"new\"},\"append\":" + append + "}]", headers: ("x", "old")).GetJoined(HeaderName.Of("x")));

    [Fact]
    public void EmptyValuesAreSkippedUnlessKept()
    {
        Assert.False(Apply(Add("ADD_IF_ABSENT", "")).Contains(HeaderName.Of("x")));
        Assert.False(Apply(Add("ADD_IF_ABSENT", "%REQ(none)%")).Contains(HeaderName.Of("x")));
        Assert.Equal("", Apply(Add("ADD_IF_ABSENT", "%REQ(none)%", ",\"keepEmptyValue\":true")).GetJoined(HeaderName.Of("x")));
        Assert.Equal("", Apply(Add("ADD_IF_ABSENT", "", ",\"keepEmptyValue\":true")).GetJoined(HeaderName.Of("x")));
    }

    [Fact]
    public void RemovalsComeFirstAndValuesSeeWhatIsLeft()
    {
        var headers = Apply(
            ",\"requestHeadersToRemove\":[\"gone\"],\"requestHeadersToAdd\":["
            + "{\"header\":{\"key\":\"a\",\"value\":\"%REQ(gone)%-%REQ(stays)%-%REQ(:path)%-100%%\"}},"
            + "{\"header\":{\"key\":\"stays\",\"value\":\"changed\"},\"appendAction\":\"OVERWRITE_IF_EXISTS_OR_ADD\"}]",
            headers: [("gone", "1"), ("stays", "2")]);
        Assert.Equal("-2-/a?b-100%", headers.GetString(HeaderName.Of("a")));
        Assert.Equal("changed", headers.GetString(HeaderName.Of("stays")));
    }

    [Theory]
    [InlineData("", "config")]
    [InlineData(",\"mostSpecificHeaderMutationsWins\":true", "route")]
    public void LevelsInEnvoysOrder(string more, string expected)
    {
        static string Level(string name) => Add("OVERWRITE_IF_EXISTS_OR_ADD", name);
        Assert.Equal(expected, Apply(Level("route"), more + Level("config"), Level("vhost")).GetJoined(HeaderName.Of("x")));
    }

    [Fact]
    public void WeightedClustersMutationsRunFirst()
    {
        var table = RoutingSamples.Routes("""
            {"match":{"prefix":"/"},"route":{"weightedClusters":{"clusters":[{"name":"a","weight":1,
              "requestHeadersToAdd":[{"header":{"key":"x","value":"weighted"}}],
              "responseHeadersToAdd":[{"header":{"key":"y","value":"weighted"}}]}]}},
             "requestHeadersToAdd":[{"header":{"key":"x","value":"route"}}],
             "responseHeadersToAdd":[{"header":{"key":"y","value":"route"}}],"responseHeadersToRemove":["z"]}
            """);
        var route = table.VirtualHosts[0].Routes[0];
        var exchange = RoutingSamples.Exchange(RoutingSamples.Head());
        exchange.WeightedCluster = route.ChooseCluster(exchange.Request, 0).Weighted;
        route.FinalizeRequestHeaders(exchange);
        Assert.Equal("weighted,route", exchange.Request.Headers.GetJoined(HeaderName.Of("x")));
        var response = new ResponseHead { Status = 200 };
        response.Headers.Add(HeaderName.Of("z"), "1");
        exchange.Response = response;
        route.FinalizeResponseHeaders(exchange, response);
        Assert.Equal("weighted,route", response.Headers.GetJoined(HeaderName.Of("y")));
        Assert.False(response.Headers.Contains(HeaderName.Of("z")));
    }

    [Fact]
    public void MostSpecificFilterConfigurationWins()
    {
        static string Config(string value) =>
            ",\"typedPerFilterConfig\":{\"f\":{\"@type\":\"type.googleapis.com/google.protobuf.StringValue\",\"value\":\"" + value + "\"}}";
        var extensions = new ExtensionCatalog([new RoutingSamples.EchoFilterFactory()], []);
        Assert.Equal("route", Find(Config("route"), Config("vhost"), Config("config")));
        Assert.Equal("vhost", Find("", Config("vhost"), Config("config")));
        Assert.Equal("config", Find("", "", Config("config")));
        Assert.Null(Find("", "", ""));

        object? Find(string route, string vhost, string config) => RoutingSamples.Table(
            "{\"name\":\"r\"" + config + ",\"virtualHosts\":[{\"name\":\"v\",\"domains\":[\"*\"]" + vhost
            + ",\"routes\":[{\"match\":{\"prefix\":\"/\"},\"route\":{\"cluster\":\"c\"}" + route + "}]}]}",
            extensions).VirtualHosts[0].Routes[0].FilterConfig("f");
    }
}
