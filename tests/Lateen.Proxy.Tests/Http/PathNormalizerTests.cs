using System.Text;
using CsCheck;
using Lateen.Proxy.Http.ConnectionManager;

namespace Lateen.Proxy.Tests.Http;

public sealed class PathNormalizerTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b?c=/../d", "/a/b?c=/../d")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/..", "/")]
    [InlineData("/..", "/")]
    [InlineData("/../../a", "/a")]
    [InlineData("/a/b/../../c/.", "/c/")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/a/.%2e/b", "/b")]
    [InlineData("/a/...", "/a/...")]
    [InlineData("/a/..b", "/a/..b")]
    [InlineData("/a\\b", "/a/b")]
    [InlineData("/a\\..\\b", "/b")]
    [InlineData("/%41%7a%5F", "/Az_")]
    [InlineData("/%2f%20", "/%2f%20")]
    [InlineData("/a%zz%4", "/a%zz%4")]
    [InlineData("/<\"`{}^>", "/%3C%22%60%7B%7D%5E%3E")]
    [InlineData("/é", "/%E9")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/style.css", "/style.css")]
    public void Normalizes_as_browsers_do(string path, string expected) => Assert.Equal(expected, Normalize(path, new() { StatPrefix = "x", NormalizePath = true }));

    [Theory]
    [InlineData("/a#b")]
    [InlineData("/%00")]
    public void Refuses(string path) => Assert.Null(Normalize(path, new() { StatPrefix = "x", NormalizePath = true }));

    [Theory]
    [InlineData("/a//b///c?d=//", "/a/b/c?d=//")]
    [InlineData("//", "/")]
    public void Merges_slashes(string path, string expected) => Assert.Equal(expected, Normalize(path, new() { StatPrefix = "x", MergeSlashes = true }));

    [Theory]
    [InlineData("Keep", "/a%2fb%5Cc", "/a%2fb%5Cc")]
    [InlineData("Reject", "/a%2fb", null)]
    [InlineData("Reject", "/a?b=%2f", "/a?b=%2f")]
    [InlineData("UnescapeAndForward", "/a%2Fb%5cc", "/a/b/c")]
    [InlineData("UnescapeAndForward", "/a%2F..%2Fb", "/b")]
    [InlineData("UnescapeAndRedirect", "/a%2Fb?c", "redirect /a/b?c")]
    public void Escaped_slashes(string action, string path, string? expected) => Assert.Equal(
        expected,
        Normalize(path, new() { StatPrefix = "x", NormalizePath = true, EscapedSlashes = Enum.Parse<EscapedSlashesAction>(action) }));

    [Fact]
    public void Normalizing_twice_changes_nothing_more_and_leaves_no_dot_segment()
    {
        var options = new ConnectionManagerOptions { StatPrefix = "x", NormalizePath = true, MergeSlashes = true };
        Gen.Char["ab./\\%2eEfF?"].Array[0, 30].Sample(chars =>
        {
            if (Normalize("/" + new string(chars), options) is not { } once)
            {
                return;
            }

            Assert.Equal(once, Normalize(once, options));
            var path = once.Split('?')[0] + "/";
            Assert.DoesNotContain("/../", path, StringComparison.Ordinal);
            Assert.DoesNotContain("/./", path, StringComparison.Ordinal);
        });
    }

    private static string? Normalize(string path, ConnectionManagerOptions options)
    {
        var result = new PathNormalizer(options).Normalize(Encoding.Latin1.GetBytes(path), out var changed);
        return result switch
        {
            PathResult.Refused => null,
            PathResult.Unchanged => path,
            PathResult.Redirect => "redirect " + Encoding.Latin1.GetString(changed),
            _ => Encoding.Latin1.GetString(changed),
        };
    }
}
