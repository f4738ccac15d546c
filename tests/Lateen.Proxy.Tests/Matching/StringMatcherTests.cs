using System.Text;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using Proto = Envoy.Type.Matcher.V3.StringMatcher;

namespace Lateen.Proxy.Tests.Matching;

public sealed class StringMatcherTests
{
    [Theory]
    [InlineData("""{"exact":"abc"}""", "abc", true)]
    [InlineData("""{"exact":"abc"}""", "abcd", false)]
    [InlineData("""{"exact":"abc"}""", "ABC", false)]
    [InlineData("""{"exact":"abc","ignoreCase":true}""", "aBC", true)]
    [InlineData("""{"exact":""}""", "", true)]
    [InlineData("""{"prefix":"ab"}""", "abc", true)]
    [InlineData("""{"prefix":"ab"}""", "a", false)]
    [InlineData("""{"prefix":"ab","ignoreCase":true}""", "ABC", true)]
    [InlineData("""{"suffix":"bc"}""", "abc", true)]
    [InlineData("""{"suffix":"bc"}""", "abcd", false)]
    [InlineData("""{"suffix":"bc","ignoreCase":true}""", "aBC", true)]
    [InlineData("""{"contains":"b"}""", "abc", true)]
    [InlineData("""{"contains":"B"}""", "abc", false)]
    [InlineData("""{"contains":"B","ignoreCase":true}""", "abc", true)]
    [InlineData("""{"contains":"bcd"}""", "bc", false)]
    [InlineData("""{"safeRegex":{"regex":"a.c"}}""", "abc", true)]
    [InlineData("""{"safeRegex":{"regex":"a.c"}}""", "xabcx", false)]
    [InlineData("""{"safeRegex":{"regex":"a|ab"}}""", "ab", true)]
    public void Matches(string matcher, string value, bool expected)
    {
        var compiled = StringMatcher.Compile(Proto.Parser.ParseJson(matcher), "m");
        Assert.Equal(expected, compiled.Matches(Encoding.UTF8.GetBytes(value)));
        Assert.Equal(expected, compiled.Matches(value));
    }

    [Theory]
    [InlineData("{}", "m: ")]
    [InlineData("""{"prefix":""}""", "m.prefix: ")]
    [InlineData("""{"safeRegex":{"regex":"a("}}""", "m.safe_regex.regex: ")]
    [InlineData("""{"safeRegex":{"regex":"(a)\\1"}}""", "m.safe_regex.regex: ")]
    [InlineData("""{"safeRegex":{"regex":"(?=a)"}}""", "m.safe_regex.regex: ")]
    public void RejectsWhatItCannotHonour(string matcher, string start)
    {
        var error = Assert.Throws<ConfigurationException>(() => StringMatcher.Compile(Proto.Parser.ParseJson(matcher), "m"));
        Assert.StartsWith(start, error.Message);
    }

    [Theory]
    [InlineData("(?P<name>a+)b", "aab", true)]
    [InlineData("[[:alpha:]]+", "abc", true)]
    [InlineData("[[:alpha:]]+", "ab1", false)]
    [InlineData("[^[:digit:]]+", "abc", true)]
    [InlineData(@"\d+", "12", true)]
    [InlineData(@"\d+", "\u0661", false)] // RE2: ASCII digits only
    [InlineData(@"[\w-]+", "a-b_1", true)]
    [InlineData(@"[\W]", "-", true)]
    [InlineData(@"[\W]", "a", false)]
    [InlineData("[]a]+", "]a", true)]
    [InlineData("[a[]+", "[a", true)]
    [InlineData(@"\Qa.b\E+", "a.bb", true)]
    [InlineData("a$", "a\n", false)]
    [InlineData("(?i)abc", "ABC", true)]
    [InlineData("(?im)a$(.|\n)*", "A\nb", true)]
    [InlineData("/v[0-9]+/.*", "/v12/x", true)]
    public void ReadsRe2Syntax(string pattern, string value, bool expected) =>
        Assert.Equal(expected, CompiledRegex.Compile(new() { Regex = pattern }, "r").IsFullMatch(value));

    [Theory]
    [InlineData("/service/([^/]+)(/.*)", @"\2/instance/\1", "/service/foo/v1/api", "/v1/api/instance/foo")]
    [InlineData("one", "two", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz")]
    [InlineData("(?i)/xxx/", "/yyy/", "/aaa/XxX/bbb", "/aaa/yyy/bbb")]
    [InlineData("a", @"$1\\\0", "a", @"$1\a")]
    public void Substitutes(string pattern, string substitution, string input, string expected)
    {
        var proto = new Envoy.Type.Matcher.V3.RegexMatchAndSubstitute { Pattern = new() { Regex = pattern }, Substitution = substitution };
        Assert.Equal(expected, RegexSubstitution.Compile(proto, "r").Apply(input));
    }
}
