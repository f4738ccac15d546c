using System.Net;
using CsCheck;
using Envoy.Config.Core.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Tests.Matching;

public sealed class ValueMatchingTests
{
    private static readonly Metadata Sample = Metadata.Parser.ParseJson(
        """{"filterMetadata":{"f":{"a":{"b":"text","n":3.5,"t":true,"l":["x","y"],"nil":null}}}}""");

    [Theory]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"b"}],"value":{"stringMatch":{"prefix":"te"}}}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"b"}],"value":{"stringMatch":{"exact":"te"}}}""", false)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"b"}],"value":{"stringMatch":{"exact":"te"}},"invert":true}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"n"}],"value":{"doubleMatch":{"exact":3.5}}}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"n"}],"value":{"doubleMatch":{"range":{"start":0,"end":3.5}}}}""", false)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"t"}],"value":{"boolMatch":true}}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"l"}],"value":{"listMatch":{"oneOf":{"stringMatch":{"exact":"y"}}}}}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"nil"}],"value":{"nullMatch":{}}}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"zz"}],"value":{"presentMatch":true}}""", false)]
    [InlineData("""{"filter":"g","path":[{"key":"a"}],"value":{"presentMatch":false}}""", true)]
    [InlineData("""{"filter":"f","path":[{"key":"a"},{"key":"b"}],"value":{"orMatch":{"valueMatchers":[{"boolMatch":true},{"stringMatch":{"exact":"text"}}]}}}""", true)]
    public void MatchesMetadata(string matcher, bool expected) =>
        Assert.Equal(expected, MetadataMatcher.Compile(Envoy.Type.Matcher.V3.MetadataMatcher.Parser.ParseJson(matcher), "m").Matches(Sample));

    [Theory]
    [InlineData("10.0.0.0", 8u, "10.9.8.7", true)]
    [InlineData("10.0.0.5", 8u, "10.9.8.7", true)] // bits beyond the prefix do not count
    [InlineData("10.0.0.0", 8u, "11.0.0.1", false)]
    [InlineData("10.0.0.0", 8u, "::ffff:10.0.0.1", true)]
    [InlineData("fd00::", 8u, "fd12::1", true)]
    [InlineData("fd00::", 8u, "10.0.0.1", false)]
    [InlineData("0.0.0.0", 0u, "1.2.3.4", true)]
    public void MatchesAddresses(string prefix, uint length, string address, bool expected) => Assert.Equal(
        expected,
        Lateen.Proxy.Matching.CidrRange.Compile(new() { AddressPrefix = prefix, PrefixLen = length }, "c").Contains(IPAddress.Parse(address)));

    [Fact]
    public void RejectsBadRanges()
    {
        Assert.Equal("c.prefix_len", Fails(new() { AddressPrefix = "10.0.0.0", PrefixLen = 33 }));
        Assert.Equal("c.address_prefix", Fails(new() { AddressPrefix = "ten" }));

        static string Fails(Envoy.Config.Core.V3.CidrRange range) =>
            Assert.Throws<ConfigurationException>(() => Lateen.Proxy.Matching.CidrRange.Compile(range, "c")).Path;
    }

    [Fact]
    public void FractionsAreExactOverTheirDenominator() =>
        Gen.Select(Gen.UInt[0, 10_000], Gen.OneOf(100u, 10_000u)).Sample((numerator, denominator) =>
        {
            var fraction = new Fraction(numerator, denominator);
            var within = Enumerable.Range(0, (int)denominator).Count(i => fraction.Contains((ulong)i));
            return within == Math.Min(numerator, denominator);
        }, iter: 50);

    [Fact]
    public void HashIsXxHash64()
    {
        Assert.Equal(0xEF46DB3751D8E999ul, XxHash64.Hash([]));
        Assert.Equal(0xD24EC4F1A98C6E5Bul, XxHash64.Hash("a"u8));
        Assert.Equal(0x44BC2CF5AD770999ul, XxHash64.Hash("abc"u8));
        Assert.Equal(0xCFE1F278FA89835Cul, XxHash64.Hash("abcdefghijklmnopqrstuvwxyz"u8));
        Assert.Equal(0xE04A477F19EE145Dul, XxHash64.Hash("12345678901234567890123456789012345678901234567890123456789012345678901234567890"u8));
    }
}
