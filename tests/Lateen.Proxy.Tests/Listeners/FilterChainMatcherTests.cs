using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Listeners;
using Lateen.Proxy.Listeners.Inspection;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Tests.Support;
using FilterChain = Lateen.Proxy.Listeners.FilterChain;
using SourceType = Envoy.Config.Listener.V3.FilterChainMatch.Types.ConnectionSourceType;

namespace Lateen.Proxy.Tests.Listeners;

public sealed class FilterChainMatcherTests
{
    private static readonly FilterContext Context = new(TestServices.Create([new ManualLoop()]), "test", TrafficDirection.Inbound, "");

    [Theory]
    [InlineData("10.0.0.1:80", "port 80")]
    [InlineData("10.0.0.1:81", "any port")]
    public void PortsComeFirst(string destination, string chain) => Check(
        chain,
        Facts(destination),
        ("port 80", new() { DestinationPort = 80 }),
        ("any port", new()));

    [Fact]
    public void AChainThatNamesThePortAndFailsLaterIsNotReplacedByOneWithoutPort() => Check(
        null,
        Facts("10.0.0.1:80", transport: "raw_buffer"),
        ("port 80 over TLS", new() { DestinationPort = 80, TransportProtocol = "tls" }),
        ("any port", new()));

    [Theory]
    [InlineData("10.1.2.3:1", "16")]
    [InlineData("10.2.2.3:1", "8")]
    [InlineData("11.0.0.1:1", "any")]
    [InlineData("[fd00::1]:1", "v6")]
    public void TheLongestPrefixOfTheDestinationCounts(string destination, string chain) => Check(
        chain,
        Facts(destination),
        ("8", new() { PrefixRanges = { Range("10.0.0.0", 8) } }),
        ("16", new() { PrefixRanges = { Range("10.1.0.0", 16) } }),
        ("v6", new() { PrefixRanges = { Range("fd00::", 8) } }),
        ("any", new()));

    [Theory]
    [InlineData("a.b.example.com", "exact")]
    [InlineData("x.b.example.com", "*.b")]
    [InlineData("x.y.example.com", "*")]
    [InlineData("example.com", "none")]
    [InlineData("other.org", "none")]
    [InlineData(null, "none")]
    public void ServerNamesMatchFromExactToShorterSuffixes(string? name, string chain) => Check(
        chain,
        Facts("10.0.0.1:443", name, "tls"),
        ("exact", new() { ServerNames = { "A.b.example.com" } }),
        ("*.b", new() { ServerNames = { "*.b.example.com" } }),
        ("*", new() { ServerNames = { "*.example.com" } }),
        ("none", new()));

    [Theory]
    [InlineData("tls", "istio-http/1.1,istio", "mutual")]
    [InlineData("tls", "istio", "istio")]
    [InlineData("tls", "h2", "tls")]
    [InlineData("tls", "", "tls")]
    [InlineData("raw_buffer", "http/1.1", "http")]
    [InlineData("raw_buffer", "", "raw")]
    public void TransportThenApplicationProtocolsInTheClientsOrder(string transport, string protocols, string chain) => Check(
        chain,
        Facts("10.0.0.1:80", transport: transport, protocols: protocols.Split(',', StringSplitOptions.RemoveEmptyEntries)),
        ("mutual", new() { TransportProtocol = "tls", ApplicationProtocols = { "istio-http/1.0", "istio-http/1.1", "istio-h2" } }),
        ("istio", new() { TransportProtocol = "tls", ApplicationProtocols = { "istio-peer-exchange", "istio" } }),
        ("tls", new() { TransportProtocol = "tls" }),
        ("http", new() { TransportProtocol = "raw_buffer", ApplicationProtocols = { "http/1.1", "h2c" } }),
        ("raw", new() { TransportProtocol = "raw_buffer" }));

    [Theory]
    [InlineData("127.0.0.1:9", "near")]
    [InlineData("10.0.0.1:9", "near")]
    [InlineData("10.0.0.9:9", "far")]
    public void SourceTypesAreSpecificBeforeAny(string source, string chain) => Check(
        chain,
        Facts("10.0.0.1:80", source: source),
        ("near", new() { SourceType = SourceType.SameIpOrLoopback }),
        ("far", new() { SourceType = SourceType.External }),
        ("any", new() { SourceType = SourceType.Any }));

    [Theory]
    [InlineData("10.5.0.1:1000", "port")]
    [InlineData("10.5.0.1:1001", "range")]
    [InlineData("10.6.0.1:1000", "any")]
    public void SourcesNarrowLast(string source, string chain) => Check(
        chain,
        Facts("10.0.0.1:80", source: source),
        ("port", new() { SourcePrefixRanges = { Range("10.5.0.0", 16) }, SourcePorts = { 1000 } }),
        ("range", new() { SourcePrefixRanges = { Range("10.5.0.0", 16) } }),
        ("any", new()));

    [Fact]
    public void WhatHasNoIpAddressMatchesOnlyUnspecifiedPrefixes()
    {
        var facts = new ConnectionFacts(Info(new System.Net.Sockets.UnixDomainSocketEndPoint("/tmp/x"), new System.Net.Sockets.UnixDomainSocketEndPoint("\0")));
        Check("any", facts, ("range", new() { PrefixRanges = { Range("0.0.0.0", 0) } }), ("any", new()));
    }

    [Fact]
    public void EqualRulesAreRefusedAlsoWithinCrossProducts()
    {
        var error = Assert.Throws<ConfigurationException>(() => Match(
            ("A", new() { ServerNames = { "a", "b" }, SourcePorts = { 1, 2 } }),
            ("B", new() { ServerNames = { "b", "c" }, SourcePorts = { 2, 3 } })));
        Assert.Equal("filter_chains[1].filter_chain_match", error.Path);
        Assert.Equal("error adding listener 'test': filter chain 'B' has the same matching rules defined as 'A'", error.Problem);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("*w.example.com")]
    [InlineData("a.*.com")]
    public void PartialWildcardsAreRefused(string name) =>
        Assert.Throws<ConfigurationException>(() => Match(("A", new() { ServerNames = { name } })));

    private static void Check(string? expected, ConnectionFacts facts, params (string Name, FilterChainMatch Match)[] chains) =>
        Assert.Equal(expected, Match(chains).Find(facts)?.Name);

    private static FilterChainMatcher Match(params (string Name, FilterChainMatch Match)[] chains) => new(
        [.. chains.Select(c => new FilterChain(new() { Name = c.Name, FilterChainMatch = c.Match }, Context, "listener.test."))],
        "test");

    private static CidrRange Range(string address, uint length) => new() { AddressPrefix = address, PrefixLen = length };

    private static ConnectionFacts Facts(
        string destination, string? name = null, string transport = "raw_buffer", string[]? protocols = null, string source = "10.9.9.9:4000")
    {
        var info = Info(IPEndPoint.Parse(destination), IPEndPoint.Parse(source));
        info.ServerName = name;
        return new ConnectionFacts(info) { TransportProtocol = transport, ApplicationProtocols = protocols };
    }

    private static ConnectionInfo Info(EndPoint local, EndPoint remote) =>
        new() { Id = 1, LocalAddress = local, RemoteAddress = remote, DirectRemoteAddress = remote };
}
