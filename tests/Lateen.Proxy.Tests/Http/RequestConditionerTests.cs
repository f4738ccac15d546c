using System.Net;
using System.Text;
using Lateen.Proxy.Http;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Http;

public sealed class RequestConditionerTests
{
    private static readonly ConnectionManagerOptions Sidecar = new() { StatPrefix = "x", GenerateRequestId = false };
    private static readonly ConnectionManagerOptions Gateway = Sidecar with { UseRemoteAddress = true };
    private static readonly ConnectionManagerOptions Inside = Gateway with { InternalNetworks = [IPNetwork.Parse("10.0.0.0/8")] };

    public static TheoryData<string, string, string, string> Cases => new()
    {
        // which, request headers, expected headers, trusted client address
        { "sidecar", "", "x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "x-forwarded-for: 1.1.1.1, 2.2.2.2", "x-forwarded-for: 1.1.1.1, 2.2.2.2|x-forwarded-proto: http", "2.2.2.2" },
        { "sidecar", "x-forwarded-for: 2.2.2.2:80", "x-forwarded-for: 2.2.2.2:80|x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "x-forwarded-proto: https", "x-forwarded-proto: https", "10.9.9.9" },
        { "sidecar", "x-envoy-internal: true|x-envoy-retry-on: 5xx|x-envoy-decorator-operation: o", "x-envoy-decorator-operation: o|x-forwarded-proto: http", "10.9.9.9" },
        { "gateway", "", "x-forwarded-for: 10.9.9.9|x-forwarded-proto: http|x-envoy-external-address: 10.9.9.9", "10.9.9.9" },
        { "gateway", "x-forwarded-for: 1.1.1.1|x-forwarded-proto: https", "x-forwarded-for: 1.1.1.1,10.9.9.9|x-forwarded-proto: http|x-envoy-external-address: 10.9.9.9", "10.9.9.9" },
        { "gateway", "x-envoy-upstream-rq-timeout-ms: 1|x-envoy-original-path: /|x-envoy-downstream-service-cluster: c", "x-forwarded-for: 10.9.9.9|x-forwarded-proto: http|x-envoy-external-address: 10.9.9.9", "10.9.9.9" },
        { "hops 1", "x-forwarded-for: 1.1.1.1, 2.2.2.2|x-forwarded-proto: https", "x-forwarded-for: 1.1.1.1, 2.2.2.2,10.9.9.9|x-forwarded-proto: https|x-envoy-external-address: 2.2.2.2", "2.2.2.2" },
        { "hops 2", "x-forwarded-for: 1.1.1.1, 2.2.2.2", "x-forwarded-for: 1.1.1.1, 2.2.2.2,10.9.9.9|x-forwarded-proto: http|x-envoy-external-address: 1.1.1.1", "1.1.1.1" },
        { "hops 3", "x-forwarded-for: 1.1.1.1, 2.2.2.2", "x-forwarded-for: 1.1.1.1, 2.2.2.2,10.9.9.9|x-forwarded-proto: http|x-envoy-external-address: 10.9.9.9", "10.9.9.9" },
        { "inside", "x-envoy-retry-on: 5xx", "x-envoy-retry-on: 5xx|x-forwarded-for: 10.9.9.9|x-envoy-internal: true|x-forwarded-proto: http", "10.9.9.9" },
        { "inside", "x-forwarded-for: 10.1.1.1|x-envoy-retry-on: 5xx", "x-forwarded-for: 10.1.1.1,10.9.9.9|x-forwarded-proto: http|x-envoy-external-address: 10.9.9.9", "10.9.9.9" },
        { "inside sidecar", "x-forwarded-for: 10.1.1.1", "x-forwarded-for: 10.1.1.1|x-envoy-internal: true|x-forwarded-proto: http", "10.1.1.1" },
        { "skip append", "", "x-forwarded-proto: http|x-envoy-external-address: 10.9.9.9", "10.9.9.9" },
        { "overwrite", "x-forwarded-proto: http", "x-forwarded-proto: https", "10.9.9.9" },
        { "sidecar", "te: gzip, trailers|keep-alive: 1|proxy-connection: x", "te: trailers|x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "te: gzip", "x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "referer: http://a.test/b", "referer: http://a.test/b|x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "referer: /b", "x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "referer: http://u@a.test/", "x-forwarded-proto: http", "10.9.9.9" },
        { "sidecar", "referer: http://a/|referer: http://b/", "x-forwarded-proto: http", "10.9.9.9" },
        { "via", "via: 1.1 one", "via: 1.1 one, two|x-forwarded-proto: http", "10.9.9.9" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Headers_are_set_and_removed_by_who_the_client_is(string which, string headers, string expected, string client)
    {
        var options = which switch
        {
            "gateway" => Gateway,
            "inside" => Inside,
            "inside sidecar" => Inside with { UseRemoteAddress = false },
            "hops 1" => Gateway with { TrustedHops = 1 },
            "hops 2" => Gateway with { TrustedHops = 2 },
            "hops 3" => Gateway with { TrustedHops = 3 },
            "skip append" => Gateway with { SkipForwardedForAppend = true },
            "overwrite" => Sidecar with { SchemeToOverwrite = "https"u8.ToArray() },
            "via" => Sidecar with { Via = "two"u8.ToArray() },
            _ => Sidecar,
        };
        var exchange = Condition(options, headers, out var reply);
        Assert.Null(reply);
        Assert.Equal(expected, Text(exchange.Request.Headers));
        Assert.Equal(client, ((IPEndPoint)exchange.TrustedClientAddress).Address.ToString());
    }

    [Theory]
    [InlineData("Sanitize", true, "By=old", null)]
    [InlineData("Sanitize", false, "By=old", null)]
    [InlineData("ForwardOnly", true, "By=old", "By=old")]
    [InlineData("ForwardOnly", false, "By=old", null)]
    [InlineData("AppendForward", true, "By=old", "By=old," + Element)]
    [InlineData("AppendForward", true, null, Element)]
    [InlineData("AppendForward", false, "By=old", null)]
    [InlineData("SanitizeSet", true, "By=old", Element)]
    [InlineData("SanitizeSet", false, "By=old", null)]
    [InlineData("AlwaysForwardOnly", false, "By=old", "By=old")]
    public void Client_certificates_are_forwarded_by_mode(string mode, bool certificate, string? received, string? expected)
    {
        var options = Sidecar with
        {
            ClientCertificate = Enum.Parse<ClientCertificateMode>(mode),
            CertificateSubject = true,
            CertificateUri = true,
            CertificateDns = true,
        };
        var tls = new TlsInfo
        {
            PeerCertificatePresented = certificate,
            LocalUriSans = ["spiffe://cluster.local/ns/n/sa/me"],
            PeerUriSans = ["spiffe://cluster.local/ns/n/sa/you"],
            PeerDnsSans = ["a.test", "b.test"],
            PeerSubject = "CN=you",
            PeerCertificateHash = "abcd",
        };
        var exchange = Condition(options, received is null ? "" : "x-forwarded-client-cert: " + received, out _, tls);
        Assert.Equal(expected, exchange.Request.Headers.GetString(HeaderNames.ForwardedClientCert));
        Assert.Equal("https", exchange.Request.Headers.GetString(HeaderNames.ForwardedProto));
    }

    private const string Element =
        "By=spiffe://cluster.local/ns/n/sa/me;Hash=abcd;Subject=\"CN=you\";URI=spiffe://cluster.local/ns/n/sa/you;DNS=a.test;DNS=b.test";

    [Theory]
    [InlineData("sidecar", "", true)]
    [InlineData("sidecar", "x-request-id: mine", false)]
    [InlineData("gateway", "x-request-id: mine", true)]
    [InlineData("preserve", "x-request-id: mine", false)]
    public void Request_ids_are_made_where_one_is_missing_or_not_to_be_trusted(string which, string headers, bool made)
    {
        var options = (which == "sidecar" ? Sidecar : Gateway) with { GenerateRequestId = true, PreserveExternalRequestId = which == "preserve" };
        var id = Condition(options, headers, out _).Request.Headers.GetString(HeaderNames.RequestId)!;
        Assert.Equal(made, id != "mine");
        if (made)
        {
            Assert.True(Guid.TryParseExact(id, "D", out _));
            Assert.Equal('4', id[14]);
        }
    }

    [Theory]
    [InlineData("None", false, "a.test.:80", "a.test.:80")]
    [InlineData("Any", false, "a.test:81", "a.test")]
    [InlineData("Any", false, "[::1]:81", "[::1]")]
    [InlineData("Any", false, "[::1]", "[::1]")]
    [InlineData("Matching", false, "a.test:8080", "a.test")]
    [InlineData("Matching", false, "a.test:81", "a.test:81")]
    [InlineData("None", true, "a.test.:80", "a.test:80")]
    [InlineData("None", true, "a.test.", "a.test")]
    public void Hosts_lose_what_the_options_say(string strip, bool dot, string host, string expected)
    {
        var options = Sidecar with { StripPort = Enum.Parse<StripPort>(strip), StripTrailingDot = dot };
        Assert.Equal(expected, Encoding.Latin1.GetString(Condition(options, "", out _, host: host).Request.Authority));
    }

    [Theory]
    [InlineData("", "/", 400, "missing_host_header")]
    [InlineData("a b", "/", 400, "http.invalid_authority")]
    [InlineData("a", "", 404, "missing_path_rejected")]
    [InlineData("a", "*", 404, "absolute_path_rejected")]
    [InlineData("a", "/a#b", 400, "path_normalization_failed")]
    public void Malformed_requests_are_refused(string host, string path, int status, string details)
    {
        _ = Condition(Sidecar, "", out var reply, host: host, path: path);
        Assert.Equal((status, details), (reply!.Status, reply.Details));
    }

    private static HttpExchange Condition(
        ConnectionManagerOptions options, string headers, out LocalReply? reply, TlsInfo? tls = null, string host = "a.test", string path = "/")
    {
        var loop = new ManualLoop();
        var peer = new IPEndPoint(IPAddress.Parse("10.9.9.9"), 1234);
        var connection = new ConnectionInfo
        {
            Id = 1,
            LocalAddress = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 8080),
            RemoteAddress = peer,
            DirectRemoteAddress = peer,
            Tls = tls,
        };
        var head = new RequestHead();
        head.Headers.Add(HeaderNames.Method, "GET"u8);
        if (path.Length > 0)
        {
            head.Headers.Add(HeaderNames.Path, path);
        }

        if (host.Length > 0)
        {
            head.Headers.Add(HeaderNames.Authority, host);
        }

        foreach (var line in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            head.Headers.Add(HeaderName.Of(line[..line.IndexOf(':', StringComparison.Ordinal)]), line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        }

        var exchange = new HttpExchange();
        exchange.Begin(loop, connection, head, requestHasNoBody: true);
        reply = new RequestConditioner(options).Apply(exchange, new ClientFacts(options, connection));
        return exchange;
    }

    private static string Text(HeaderMap headers) => string.Join(
        '|',
        Enumerable.Range(0, headers.Count)
            .Where(i => headers.NameAt(i)[0] != ':')
            .Select(i => Encoding.Latin1.GetString(headers.NameAt(i)) + ": " + Encoding.Latin1.GetString(headers.ValueAt(i))));
}
