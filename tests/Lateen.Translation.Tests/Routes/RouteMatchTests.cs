using Envoy.Config.Route.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Routes;

namespace Lateen.Translation.Tests.Routes;

public sealed class RouteMatchTests
{
    [Fact]
    public void Uri_forms()
    {
        Assert.Equal("/a", RouteMatches.Translate(new HttpMatchRequest { Uri = new StringMatch { Exact = "/a" } }).Path);
        Assert.Equal("/a", RouteMatches.Translate(new HttpMatchRequest { Uri = new StringMatch { Prefix = "/a" } }).Prefix);
        Assert.Equal("/a.*", RouteMatches.Translate(new HttpMatchRequest { Uri = new StringMatch { Regex = "/a.*" } }).SafeRegex.Regex);
        Assert.Equal("/", RouteMatches.Translate(new HttpMatchRequest()).Prefix);
        Assert.Equal("/", RouteMatches.Translate(null).Prefix);
    }

    [Fact]
    public void Case_is_ignored_only_when_asked_for()
    {
        Assert.True(RouteMatches.Translate(new HttpMatchRequest()).CaseSensitive);
        Assert.False(RouteMatches.Translate(new HttpMatchRequest { IgnoreUriCase = true }).CaseSensitive);
        Assert.Null(RouteMatches.Translate(null).CaseSensitive);
    }

    [Fact]
    public void Headers_are_sorted_and_pseudo_headers_come_last_in_istios_order()
    {
        var match = RouteMatches.Translate(new HttpMatchRequest
        {
            Headers = new Dictionary<string, StringMatch>
            {
                ["x-z"] = new() { Prefix = "1" },
                ["x-a"] = new(),
                ["x-m"] = new() { Regex = "*" },
                ["uri"] = new() { Exact = "ignored" },
            },
            WithoutHeaders = new Dictionary<string, StringMatch> { ["x-b"] = new(), ["x-c"] = new() { Exact = "2" } },
            Scheme = new StringMatch { Exact = "https" },
            Method = new StringMatch { Exact = "GET" },
            Authority = new StringMatch { Prefix = "a." },
        });
        Assert.Equal(["x-a", "x-b", "x-c", "x-m", "x-z", ":method", ":authority", ":scheme"], match.Headers.Select(header => header.Name));
        Assert.True(Header(match, "x-a").PresentMatch);
        Assert.True(Header(match, "x-m").PresentMatch);
        Assert.True(Header(match, "x-b") is { PresentMatch: true, InvertMatch: true, TreatMissingHeaderAsEmpty: false });
        Assert.True(Header(match, "x-c") is { InvertMatch: true, TreatMissingHeaderAsEmpty: true, StringMatch.Exact: "2" });
        Assert.Equal("1", Header(match, "x-z").StringMatch.Prefix);
    }

    [Fact]
    public void Query_parameters()
    {
        var match = RouteMatches.Translate(new HttpMatchRequest
        {
            QueryParams = new Dictionary<string, StringMatch> { ["b"] = new() { Exact = "" }, ["a"] = new() },
        });
        Assert.Equal(["a", "b"], match.QueryParameters.Select(parameter => parameter.Name));
        Assert.True(match.QueryParameters[0].PresentMatch);
        Assert.Equal("", match.QueryParameters[1].StringMatch.Exact);
    }

    [Theory]
    [InlineData("/", null, true)]
    [InlineData("/a", null, false)]
    [InlineData("/", "x", false)]
    public void Catch_all_has_no_conditions(string prefix, string? header, bool expected)
    {
        var match = new RouteMatch { Prefix = prefix };
        if (header is not null) match.Headers.Add(new HeaderMatcher { Name = header, PresentMatch = true });
        Assert.Equal(expected, RouteMatches.IsCatchAll(match));
    }

    private static HeaderMatcher Header(RouteMatch match, string name) => match.Headers.First(header => header.Name == name);
}
