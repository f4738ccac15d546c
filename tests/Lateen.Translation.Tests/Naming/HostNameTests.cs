using CsCheck;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Tests.Naming;

public sealed class HostNameTests
{
    private static readonly Gen<string> Host = Gen.Select(
        Any.Of("", "", "*."), Any.Of("a", "b", "a.b", "x.a.b"), (star, rest) => star + rest);

    [Theory]
    [InlineData("a.com", "a.com", true)]
    [InlineData("a.com", "b.com", false)]
    [InlineData("*.com", "a.com", true)]
    [InlineData("*.foo.com", "foo.com", false)]
    [InlineData("*.foo.com", "a.b.foo.com", true)]
    [InlineData("*.com", "*.foo.com", true)]
    [InlineData("*", "anything", true)]
    [InlineData("*.org", "*.com", false)]
    public void Matches_is_symmetric_overlap(string a, string b, bool expected)
    {
        Assert.Equal(expected, HostName.Matches(a, b));
        Assert.Equal(expected, HostName.Matches(b, a));
    }

    [Theory]
    [InlineData("a.com", "*.com", true)]
    [InlineData("*.com", "a.com", false)]
    [InlineData("*.foo.com", "*.com", true)]
    [InlineData("*.com", "*.foo.com", false)]
    public void Subset_has_a_direction(string a, string b, bool expected) => Assert.Equal(expected, HostName.IsSubsetOf(a, b));

    [Fact]
    public void Most_specific_prefers_exact_then_longer()
    {
        Assert.Equal("a.foo.com", Find("a.foo.com", "*", "*.foo.com", "a.foo.com", "*.com"));
        Assert.Equal("*.foo.com", Find("a.foo.com", "*", "*.foo.com", "*.com"));
        Assert.Null(Find("a.foo.com", "b.com"));
        Assert.Equal("*.com", Find("*.foo.com", "a.foo.com", "*.com"));

        static string? Find(string host, params string[] names) => new HostIndex<string>(names.Select(name => (name, name))).Find(host);
    }

    [Fact]
    public void A_subset_matches() =>
        Gen.Select(Host, Host).Sample((a, b) => !HostName.IsSubsetOf(a, b) || HostName.Matches(a, b));

    [Fact]
    public void Subset_is_transitive() => Gen.Select(Host, Host, Host).Sample((a, b, c) =>
        !(HostName.IsSubsetOf(a, b) && HostName.IsSubsetOf(b, c)) || HostName.IsSubsetOf(a, c));
}
