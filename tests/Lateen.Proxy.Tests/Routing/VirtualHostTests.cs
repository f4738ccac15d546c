using CsCheck;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Tests.Routing;

public sealed class VirtualHostTests
{
    private static RouteTable Table(bool ignorePort, params string[] domains)
    {
        var configuration = new RouteConfiguration { Name = "r", IgnorePortInHostMatching = ignorePort };
        foreach (var domain in domains)
            configuration.VirtualHosts.Add(new Envoy.Config.Route.V3.VirtualHost { Name = domain, Domains = { domain } });
        return RouteTable.Compile(configuration, RoutingSamples.NoExtensions);
    }

    [Theory]
    [InlineData("www.foo.com", "www.foo.com")]
    [InlineData("WWW.Foo.Com", "www.foo.com")]
    [InlineData("a.foo.com", "*.foo.com")]
    [InlineData("a.b.foo.com", "*.b.foo.com")]
    [InlineData("a-bar.foo.com", "*-bar.foo.com")]
    [InlineData(".foo.com", "*")]
    [InlineData("foo.com", "foo.*")]
    [InlineData("foo.bar.org", "foo.bar.*")]
    [InlineData("foo.", "*")]
    [InlineData("www.foo.com:8080", "*")]
    [InlineData("port.com:80", "port.com:80")]
    [InlineData("", "*")]
    public void MostSpecificDomainWins(string host, string expected)
    {
        var table = Table(false, "*", "foo.*", "foo.bar.*", "*.foo.com", "*.b.foo.com", "*-bar.foo.com", "www.foo.com", "port.com:80");
        Assert.Equal(expected, table.Select(RoutingSamples.Head(authority: host), default).VirtualHost!.Name);
    }

    [Theory]
    [InlineData("www.foo.com:8080", "www.foo.com")]
    [InlineData("a.foo.com:1", "*.foo.com")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    public void PortCanBeIgnored(string host, string expected) =>
        Assert.Equal(expected, Table(true, "www.foo.com", "*.foo.com", "[::1]").Select(RoutingSamples.Head(authority: host), default).VirtualHost!.Name);

    [Fact]
    public void NoDomainNoVirtualHost() => Assert.Null(Table(false, "a.com").Select(RoutingSamples.Head(authority: "b.com"), default).VirtualHost);

    [Fact]
    public void DuplicatesAreRejected()
    {
        var error = Assert.Throws<ConfigurationException>(() => Table(false, "a.com", "A.com"));
        Assert.Contains("Only unique values for domains are permitted. Duplicate entry of domain A.com in route r", error.Message);
        Assert.Equal("virtual_hosts[1].domains[0]", error.Path);
        Assert.Throws<ConfigurationException>(() => Table(false, "*", "*"));
        Assert.Throws<ConfigurationException>(() => Table(false, "a.*.com"));
    }

    [Fact]
    public void EqualsANaiveSearch()
    {
        var label = Gen.OneOf("a", "b", "ab", "foo", "x-y");
        var host = label.Array[1, 4].Select(l => string.Join('.', l));
        var domain = Gen.Select(host, Gen.Int[0, 4], (h, kind) => kind switch
        {
            0 => "*." + h,
            1 => h + ".*",
            2 => "*-" + h,
            3 => "*",
            _ => h,
        });
        Gen.Select(domain.Array[0, 12].Select(d => d.Distinct().ToArray()), host.Array[1, 10]).Sample((domains, hosts) =>
        {
            var table = Table(false, domains);
            return hosts.All(h => table.Select(RoutingSamples.Head(authority: h), default).VirtualHost?.Name == Naive(domains, h));
        }, iter: 2000);
    }

    private static string? Naive(string[] domains, string host)
    {
        if (domains.Contains(host))
            return host;
        var suffix = domains.Where(d => d.Length > 1 && d[0] == '*' && host.Length >= d.Length && host.EndsWith(d[1..], StringComparison.Ordinal));
        var prefix = domains.Where(d => d.Length > 1 && d[^1] == '*' && host.Length >= d.Length && host.StartsWith(d[..^1], StringComparison.Ordinal));
        return suffix.MaxBy(d => d.Length) ?? prefix.MaxBy(d => d.Length) ?? domains.FirstOrDefault(d => d == "*");
    }

    [Fact]
    public void TlsIsRequiredBeforeRoutes()
    {
        var table = RoutingSamples.Routes("""{"name":"a","match":{"prefix":"/"},"route":{"cluster":"c"}}""", vhostMore: ",\"requireTls\":\"ALL\"");
        var redirected = table.Select(RoutingSamples.Head("/x?y", "shop:80", "GET", ("x-forwarded-proto", "http")), default).Route!;
        Assert.Equal(301, redirected.Redirect!.Status);
        Assert.Equal("https://shop/x?y", redirected.Redirect.BuildRedirectLocation(
            RoutingSamples.Head("/x?y", "shop:80", "GET", ("x-forwarded-proto", "http")), redirected));
        Assert.Equal("a", RoutingSamples.RouteOf(table, RoutingSamples.Head("/", "shop", "GET", ("x-forwarded-proto", "https"))));
    }

    [Fact]
    public void TlsIsRequiredOfExternalRequestsOnly()
    {
        var table = RoutingSamples.Routes("""{"name":"a","match":{"prefix":"/"},"route":{"cluster":"c"}}""", vhostMore: ",\"requireTls\":\"EXTERNAL_ONLY\"");
        Assert.Equal("a", table.Select(RoutingSamples.Head(), new RouteInput(0, IsInternal: true)).Route!.Name);
        Assert.NotNull(table.Select(RoutingSamples.Head(), new RouteInput(0)).Route!.Redirect);
    }

    [Fact]
    public void NoFallBackToALessSpecificVirtualHost()
    {
        var table = RoutingSamples.Table("""
            {"name":"r","virtualHosts":[
              {"name":"any","domains":["*"],"routes":[{"name":"any","match":{"prefix":"/"},"route":{"cluster":"c"}}]},
              {"name":"a","domains":["a.com"],"routes":[{"name":"a","match":{"path":"/a"},"route":{"cluster":"c"}}]}]}
            """);
        var selection = table.Select(RoutingSamples.Head("/other", "a.com"), default);
        Assert.Equal("a", selection.VirtualHost!.Name);
        Assert.Null(selection.Route);
    }
}
