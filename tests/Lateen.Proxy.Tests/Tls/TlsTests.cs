using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Tests.Support;
using Lateen.Proxy.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using SanType = Envoy.Extensions.TransportSockets.Tls.V3.SubjectAltNameMatcher.Types.SanType;
using DownstreamTlsContext = Lateen.Proxy.Tls.DownstreamTlsContext;
using UpstreamTlsContext = Lateen.Proxy.Tls.UpstreamTlsContext;
using StringMatcher = Envoy.Type.Matcher.V3.StringMatcher;

namespace Lateen.Proxy.Tests.Tls;

public sealed class TlsTests
{
    private const string ServerUri = "spiffe://cluster.local/ns/default/sa/reviews";
    private const string ClientUri = "spiffe://cluster.local/ns/default/sa/productpage";

    private readonly ManualLoop _loop = new();
    private readonly TestCertificates _authority = new();
    private readonly TestSecrets _secrets = new();
    private readonly ProxyServices _services;

    public TlsTests()
    {
        _services = TestServices.Create([_loop], _secrets);
        _secrets.Set("server", _authority.Issue(ServerUri));
        _secrets.Set("client", _authority.Issue(ClientUri));
        _secrets.Set("ROOTCA", _authority.Trust);
    }

    private long Count(string name) => _services.Stats.Counters.FirstOrDefault(c => c.Name == name)?.Value ?? 0;

    [Fact]
    public void MutualTlsCarriesBytesAndKnowsBothIdentities()
    {
        var (client, server) = Connect(Downstream(), Upstream(ServerUri));
        Assert.Equal([ClientUri], server.Info.Tls!.PeerUriSans);
        Assert.Equal([ServerUri], server.Info.Tls.LocalUriSans);
        Assert.Equal([ServerUri], client.Info.Tls!.PeerUriSans);
        Assert.Equal("CN=leaf,O=test", server.Info.Tls.PeerSubject);
        Assert.Equal(64, server.Info.Tls.PeerCertificateHash.Length);
        Assert.Equal("TLSv1.3", server.Info.Tls.Version);
        Assert.StartsWith("TLS_AES_", server.Info.Tls.CipherSuite, StringComparison.Ordinal);
        Assert.Equal("istio", server.Info.Tls.ApplicationProtocol);
        Assert.True(server.Info.Tls.PeerCertificatePresented);
        Assert.Equal(1, Count("listener.test.ssl.handshake"));
        Assert.Equal(1, Count("listener.test.ssl.versions.TLSv1.3"));

        var data = new byte[100_000];
        new Random(3).NextBytes(data);
        var sending = client.SendAsync(data).AsTask();
        var received = new MemoryStream();
        var buffer = new byte[5000];
        while (received.Length < data.Length)
        {
            Assert.Equal(0, _loop.Run(server.ReceiveAsync(Memory<byte>.Empty)));
            received.Write(buffer, 0, _loop.Run(server.ReceiveAsync(buffer)));
        }

        Assert.True(sending.IsCompletedSuccessfully);
        Assert.Equal(data, received.ToArray());
    }

    [Fact]
    public void ClosingIsSeenAsTheEnd()
    {
        var (client, server) = Connect(Downstream(), Upstream(ServerUri));
        var reading = server.ReceiveAsync(new byte[10]);
        _loop.Run(client.ShutdownAsync());
        Assert.Equal(0, _loop.Run(reading));
        Assert.True(server.PeerClosed);
        _loop.Run(server.SendAsync("bye"u8.ToArray()));
        var buffer = new byte[10];
        Assert.Equal(3, _loop.Run(client.ReceiveAsync(buffer)));
        server.Close();
        Assert.Equal(0, _loop.Run(client.ReceiveAsync(buffer)));
    }

    [Fact]
    public void AServerOfAnotherRootIsRefused()
    {
        _secrets.Set("server", new TestCertificates("other").Issue(ServerUri));
        var (clientError, _) = Fail(Downstream(), Upstream(ServerUri));
        Assert.StartsWith("TLS_error:|CERTIFICATE_VERIFY_FAILED", clientError!.Message, StringComparison.Ordinal);
        Assert.Equal(1, Count("cluster.test.ssl.fail_verify_error"));
    }

    [Fact]
    public void AServerOfAnotherNameIsRefused()
    {
        var (clientError, _) = Fail(Downstream(), Upstream("spiffe://cluster.local/ns/default/sa/ratings"));
        Assert.Equal("TLS_error:|CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher:TLS_error_end", clientError!.Message);
        Assert.Equal(1, Count("cluster.test.ssl.fail_verify_san"));
    }

    [Fact]
    public void AClientOfAnotherRootIsRefused()
    {
        _secrets.Set("client", new TestCertificates("other").Issue(ClientUri));
        var (_, serverError) = Fail(Downstream(), Upstream(ServerUri));
        Assert.StartsWith("TLS_error:|CERTIFICATE_VERIFY_FAILED", serverError!.Message, StringComparison.Ordinal);
        Assert.Equal(1, Count("listener.test.ssl.fail_verify_error"));
    }

    [Fact]
    public void AClientWithoutCertificateIsRefusedWhereOneIsRequired()
    {
        var upstream = Upstream(ServerUri);
        upstream.CommonTlsContext.TlsCertificateSdsSecretConfigs.Clear();
        var (_, serverError) = Fail(Downstream(), upstream);
        Assert.NotNull(serverError);
        Assert.Equal(1, Count("listener.test.ssl.fail_verify_no_cert") + Count("listener.test.ssl.connection_error"));

        var optional = Downstream();
        optional.RequireClientCertificate = false;
        var (_, server) = Connect(optional, upstream);
        Assert.False(server.Info.Tls!.PeerCertificatePresented);
        Assert.Equal(1, Count("listener.test.ssl.no_certificate"));
    }

    [Fact]
    public void AnExpiredCertificateIsRefused()
    {
        _secrets.Set("server", _authority.Issue(DateTimeOffset.UtcNow.AddMinutes(-1), ServerUri));
        var (clientError, _) = Fail(Downstream(), Upstream(ServerUri));
        Assert.NotNull(clientError);
    }

    [Fact]
    public void ARotatedCertificateServesNewConnectionsAndOldOnesStay()
    {
        var downstream = new DownstreamTlsContext(Downstream(), _services, "listener.test.");
        var upstream = new UpstreamTlsContext(Upstream(ServerUri), _secrets, _services.Stats, NullLoggerFactory.Instance);
        var (client, server) = Connect(downstream, upstream);
        _secrets.Set("server", _authority.Issue(ServerUri));
        var (client2, _) = Connect(downstream, upstream);
        Assert.NotEqual(client.Info.Tls!.PeerCertificateHash, client2.Info.Tls!.PeerCertificateHash);
        _loop.Run(client.SendAsync("still"u8.ToArray()));
        var buffer = new byte[10];
        Assert.Equal(5, _loop.Run(server.ReceiveAsync(buffer)));
    }

    [Fact]
    public void ABrokenRotationKeepsTheLastGoodCertificate()
    {
        var downstream = new DownstreamTlsContext(Downstream(), _services, "listener.test.");
        var upstream = new UpstreamTlsContext(Upstream(ServerUri), _secrets, _services.Stats, NullLoggerFactory.Instance);
        Connect(downstream, upstream);
        _secrets.Set("server", new TlsCertificate
        {
            CertificateChain = new() { InlineString = "not PEM" },
            PrivateKey = new() { InlineString = "not PEM" },
        });
        Connect(downstream, upstream);
        Assert.True(downstream.IsReady);
    }

    [Fact]
    public void AMissingSecretClosesTheConnection()
    {
        var configuration = Downstream();
        configuration.CommonTlsContext.TlsCertificateSdsSecretConfigs[0].Name = "later";
        var downstream = new DownstreamTlsContext(configuration, _services, "listener.test.");
        Assert.False(downstream.IsReady);
        Assert.False(Task.WhenAll(downstream.Warming).IsCompleted);
        _secrets.Set("later", _authority.Issue(ServerUri));
        Assert.True(downstream.IsReady);
        Assert.True(Task.WhenAll(downstream.Warming).IsCompleted);
    }

    [Fact]
    public void AHandshakeThatTakesTooLongFails()
    {
        var (_, server) = PipeTransport.Pair(_loop);
        var accepting = new DownstreamTlsContext(Downstream(), _services, "listener.test.")
            .AcceptAsync(server, null, TimeSpan.FromSeconds(5)).AsTask();
        _loop.Advance(TimeSpan.FromSeconds(6));
        var error = Assert.IsType<TransportException>(accepting.Exception!.InnerException);
        Assert.True(error.IsTimeout);
        Assert.True(server.IsClosed);
    }

    [Theory]
    [InlineData(new[] { "istio", "http/1.1" }, new[] { "http/1.1", "istio" }, "istio")]
    [InlineData(new[] { "h2", "http/1.1" }, new[] { "h2", "http/1.1" }, "http/1.1")]
    [InlineData(new[] { "http/1.1" }, new[] { "other" }, "")]
    [InlineData(new string[0], new[] { "http/1.1" }, "")]
    public void TheServersOrderOfProtocolsCounts(string[] server, string[] client, string chosen)
    {
        var downstream = Downstream();
        downstream.CommonTlsContext.AlpnProtocols.Clear();
        downstream.CommonTlsContext.AlpnProtocols.Add(server);
        var upstream = Upstream(ServerUri);
        upstream.CommonTlsContext.AlpnProtocols.Clear();
        upstream.CommonTlsContext.AlpnProtocols.Add(client);
        var (_, accepted) = Connect(downstream, upstream, client);
        Assert.Equal(chosen, accepted.Info.Tls!.ApplicationProtocol);
    }

    [Fact]
    public void TheCertificateIsChosenByServerName()
    {
        var downstream = Downstream();
        downstream.CommonTlsContext.TlsCertificateSdsSecretConfigs.Clear();
        downstream.CommonTlsContext.TlsCertificates.Add(_authority.Issue("first.example"));
        downstream.CommonTlsContext.TlsCertificates.Add(_authority.Issue("*.example.com"));
        downstream.CommonTlsContext.TlsCertificates.Add(_authority.Issue("a.example.com"));
        foreach (var (name, expected) in new[] { ("a.example.com", "a.example.com"), ("b.example.com", "*.example.com"), ("unknown", "first.example") })
        {
            var upstream = Upstream(null);
            upstream.Sni = name;
            var (client, _) = Connect(downstream, upstream);
            Assert.Equal([expected], client.Info.Tls!.PeerDnsSans);
        }
    }

    [Theory]
    [InlineData(SanType.Uri, "prefix", "spiffe://cluster.local/", true)]
    [InlineData(SanType.Uri, "suffix", "/sa/reviews", true)]
    [InlineData(SanType.Uri, "contains", "/ns/default/", true)]
    [InlineData(SanType.Uri, "regex", "spiffe://.*/sa/rev.*", true)]
    [InlineData(SanType.Uri, "exact", "spiffe://cluster.local/ns/default/sa/REVIEWS", false)]
    [InlineData(SanType.Dns, "prefix", "spiffe://", false)]
    public void NamesMatchInEveryWay(SanType type, string kind, string operand, bool accepted)
    {
        var matcher = kind switch
        {
            "prefix" => new StringMatcher { Prefix = operand },
            "suffix" => new StringMatcher { Suffix = operand },
            "contains" => new StringMatcher { Contains = operand },
            "regex" => new StringMatcher { SafeRegex = new() { Regex = operand } },
            _ => new StringMatcher { Exact = operand },
        };
        var upstream = Upstream(null);
        upstream.CommonTlsContext.CombinedValidationContext.DefaultValidationContext.MatchTypedSubjectAltNames.Add(
            new SubjectAltNameMatcher { SanType = type, Matcher = matcher });
        if (accepted)
        {
            Connect(Downstream(), upstream);
        }
        else
        {
            Fail(Downstream(), upstream);
        }
    }

    [Fact]
    public void NamesWithoutTrustAreAConfigurationError()
    {
        var upstream = new Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext
        {
            CommonTlsContext = new() { ValidationContext = new() },
        };
        upstream.CommonTlsContext.ValidationContext.MatchTypedSubjectAltNames.Add(
            new SubjectAltNameMatcher { SanType = SanType.Uri, Matcher = new StringMatcher { Exact = "x" } });
        var error = Assert.Throws<ConfigurationException>(() => new UpstreamTlsContext(upstream, _secrets, _services.Stats, NullLoggerFactory.Instance));
        Assert.Contains("without trusted CA", error.Message, StringComparison.Ordinal);
    }

    private static Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext Downstream() => new()
    {
        RequireClientCertificate = true,
        CommonTlsContext = Common("server", null, "istio-peer-exchange", "istio", "h2", "http/1.1"),
    };

    private static Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext Upstream(string? name) => new()
    {
        Sni = "outbound_.9080_._.reviews.default.svc.cluster.local",
        CommonTlsContext = Common("client", name, "istio-peer-exchange", "istio"),
    };

    private static CommonTlsContext Common(string secret, string? name, params string[] protocols)
    {
        var common = new CommonTlsContext
        {
            TlsParams = new() { TlsMinimumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv12, TlsMaximumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv13 },
            CombinedValidationContext = new()
            {
                DefaultValidationContext = new CertificateValidationContext(),
                ValidationContextSdsSecretConfig = new() { Name = "ROOTCA" },
            },
        };
        common.TlsCertificateSdsSecretConfigs.Add(new SdsSecretConfig { Name = secret });
        common.AlpnProtocols.Add(protocols);
        if (name is not null)
        {
            common.CombinedValidationContext.DefaultValidationContext.MatchTypedSubjectAltNames.Add(
                new SubjectAltNameMatcher { SanType = SanType.Uri, Matcher = new StringMatcher { Exact = name } });
        }

        return common;
    }

    private (Transport Client, Transport Server) Connect(
        Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext downstream,
        Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext upstream,
        string[]? offered = null) =>
        Connect(
            new DownstreamTlsContext(downstream, _services, "listener.test."),
            new UpstreamTlsContext(upstream, _secrets, _services.Stats, NullLoggerFactory.Instance),
            offered);

    private (Transport Client, Transport Server) Connect(DownstreamTlsContext downstream, UpstreamTlsContext upstream, string[]? offered = null)
    {
        var (client, server) = Handshake(downstream, upstream, offered);
        Assert.True(client.IsCompletedSuccessfully, client.Exception?.ToString() ?? "the client waits");
        Assert.True(server.IsCompletedSuccessfully, server.Exception?.ToString() ?? "the server waits");
        return (client.Result, server.Result);
    }

    private (TransportException? Client, TransportException? Server) Fail(
        Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext downstream,
        Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext upstream)
    {
        var (client, server) = Handshake(
            new DownstreamTlsContext(downstream, _services, "listener.test."),
            new UpstreamTlsContext(upstream, _secrets, _services.Stats, NullLoggerFactory.Instance),
            null);
        Assert.True(client.IsFaulted || server.IsFaulted, "both ends are content");
        if (client.IsCompletedSuccessfully)
        {
            // In TLS 1.3 the client is done before the server judges its certificate; its first read tells.
            Assert.Equal(0, _loop.Run(client.Result.ReceiveAsync(new byte[1])));
        }

        return (client.Exception?.InnerException as TransportException, server.Exception?.InnerException as TransportException);
    }

    private (Task<Transport> Client, Task<Transport> Server) Handshake(DownstreamTlsContext downstream, UpstreamTlsContext upstream, string[]? offered)
    {
        var (clientPipe, serverPipe) = PipeTransport.Pair(_loop);
        var stats = new UpstreamTlsOptions { Stats = new TlsStats(_services.Stats, "cluster.test.") };
        var accepting = downstream.AcceptAsync(serverPipe, offered, TimeSpan.FromSeconds(5)).AsTask();
        var connecting = upstream.ConnectAsync(clientPipe, stats, TimeSpan.FromSeconds(5)).AsTask();
        _loop.RunUntilIdle();
        return (connecting, accepting);
    }
}
