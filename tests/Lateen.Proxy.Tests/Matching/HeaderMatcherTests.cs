using System.Text;
using Lateen.Proxy.Http;
using HeaderMatcher = Lateen.Proxy.Matching.HeaderMatcher;
using Proto = Envoy.Config.Route.V3.HeaderMatcher;

namespace Lateen.Proxy.Tests.Matching;

public sealed class HeaderMatcherTests
{
    [Theory]
    [InlineData("""{"name":"x"}""", "v", true)]
    [InlineData("""{"name":"x"}""", null, false)]
    [InlineData("""{"name":"x","invertMatch":true}""", null, true)]
    [InlineData("""{"name":"x","presentMatch":true}""", "v", true)]
    [InlineData("""{"name":"x","presentMatch":true,"invertMatch":true}""", null, true)]
    [InlineData("""{"name":"x","presentMatch":false}""", null, true)]
    [InlineData("""{"name":"x","presentMatch":false}""", "v", false)]
    [InlineData("""{"name":"x","exactMatch":"v"}""", "v", true)]
    [InlineData("""{"name":"x","exactMatch":""}""", "anything", true)]
    [InlineData("""{"name":"X","exactMatch":"v"}""", "w", false)]
    [InlineData("""{"name":"x","exactMatch":"v","invertMatch":true}""", "w", true)]
    [InlineData("""{"name":"x","exactMatch":"v","invertMatch":true}""", null, false)] // missing fails, inverted or not
    [InlineData("""{"name":"x","stringMatch":{"exact":"v"},"invertMatch":true,"treatMissingHeaderAsEmpty":true}""", null, true)]
    [InlineData("""{"name":"x","stringMatch":{"exact":""},"treatMissingHeaderAsEmpty":true}""", null, true)]
    [InlineData("""{"name":"x","prefixMatch":"ab"}""", "abc", true)]
    [InlineData("""{"name":"x","suffixMatch":"bc"}""", "abc", true)]
    [InlineData("""{"name":"x","containsMatch":"b"}""", "abc", true)]
    [InlineData("""{"name":"x","safeRegexMatch":{"regex":"a+"}}""", "aaa", true)]
    [InlineData("""{"name":"x","safeRegexMatch":{"regex":"a+"}}""", "aaab", false)]
    [InlineData("""{"name":"x","stringMatch":{"exact":"ABC","ignoreCase":true}}""", "abc", true)]
    [InlineData("""{"name":"x","rangeMatch":{"start":"-10","end":"0"}}""", "-1", true)]
    [InlineData("""{"name":"x","rangeMatch":{"start":"-10","end":"0"}}""", "0", false)]
    [InlineData("""{"name":"x","rangeMatch":{"start":"-10","end":"0"}}""", "-10", true)]
    [InlineData("""{"name":"x","rangeMatch":{"start":"-10","end":"0"}}""", "-1somestring", false)]
    [InlineData("""{"name":"x","rangeMatch":{"start":"-10","end":"0"},"invertMatch":true}""", "text", true)]
    public void FollowsEnvoysRules(string matcher, string? value, bool expected)
    {
        var headers = new HeaderMap();
        headers.Add(HeaderName.Of("other"), "o");
        if (value is not null)
            headers.Add("X"u8, Encoding.UTF8.GetBytes(value));
        Assert.Equal(expected, HeaderMatcher.Compile(Proto.Parser.ParseJson(matcher), "h").Matches(headers));
    }

    [Fact]
    public void JoinsAllLinesOfAName()
    {
        var headers = new HeaderMap();
        headers.Add(HeaderName.Of("x"), "a");
        headers.Add(HeaderName.Of("y"), "-");
        headers.Add(HeaderName.Of("x"), "b");
        Assert.True(HeaderMatcher.Compile(new Proto { Name = "x", StringMatch = new() { Exact = "a,b" } }, "h").Matches(headers));
        Assert.False(HeaderMatcher.Compile(new Proto { Name = "x", StringMatch = new() { Exact = "a" } }, "h").Matches(headers));
    }

    [Fact]
    public void SeesPseudoHeaders()
    {
        var headers = new HeaderMap();
        headers.Add(HeaderNames.Authority, "shop");
        headers.Add(HeaderNames.Path, "/a?b=c");
        Assert.True(HeaderMatcher.Compile(new Proto { Name = "Host", StringMatch = new() { Exact = "shop" } }, "h").Matches(headers));
        Assert.True(HeaderMatcher.Compile(new Proto { Name = ":path", StringMatch = new() { Suffix = "b=c" } }, "h").Matches(headers));
    }

    [Fact]
    public void SeesAResponsesStatus()
    {
        var response = new ResponseHead { Status = 429 };
        var matcher = new Proto { Name = ":status", RangeMatch = new() { Start = 400, End = 500 } };
        Assert.True(HeaderMatcher.Compile(matcher, "h").Matches(response));
    }

    [Fact]
    public void MatchingAllocatesNothing()
    {
        var headers = new HeaderMap();
        headers.Add(HeaderName.Of("end-user"), "jason");
        HeaderMatcher[] matchers =
        [
            HeaderMatcher.Compile(new Proto { Name = "end-user", StringMatch = new() { Exact = "jason" } }, "h"),
            HeaderMatcher.Compile(new Proto { Name = "end-user", StringMatch = new() { SafeRegex = new() { Regex = "ja.*" } } }, "h"),
        ];
        HeaderMatcher.MatchAll(matchers, headers);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            HeaderMatcher.MatchAll(matchers, headers);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
