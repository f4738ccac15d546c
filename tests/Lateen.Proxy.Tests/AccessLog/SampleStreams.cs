using System.Net;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.AccessLog;

/// <summary>Streams with every fact filled in.</summary>
internal static class SampleStreams
{
    public static ConnectionInfo Connection(ManualLoop loop) => new()
    {
        Id = 7,
        LocalAddress = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 8080),
        RemoteAddress = new IPEndPoint(IPAddress.Parse("10.0.0.9"), 4711),
        DirectRemoteAddress = new IPEndPoint(IPAddress.IPv6Loopback, 4712),
        ServerName = "reviews.example.com",
        FilterChainName = "chain",
        StartTime = loop.Clock.GetUtcNow(),
        Tls = new TlsInfo
        {
            Version = "TLSv1.3",
            CipherSuite = "TLS_AES_256_GCM_SHA384",
            PeerUriSans = ["spiffe://cluster.local/ns/default/sa/a", "spiffe://cluster.local/ns/default/sa/b"],
            PeerSubject = "CN=client",
        },
    };

    public static HttpExchange Http(ManualLoop loop, Action<RequestHead>? modify = null)
    {
        var request = new RequestHead();
        request.Headers.Add(HeaderNames.Method, "GET");
        request.Headers.Add(HeaderNames.Path, "/products/1?page=2&sort=up");
        request.Headers.Add(HeaderNames.Authority, "shop.example.com");
        request.Headers.Add(HeaderNames.RequestId, "1a2b3c4d-0000-4000-8000-000000000000");
        request.Headers.Add(HeaderName.Of("x-user"), "jäger");
        modify?.Invoke(request);
        var exchange = new HttpExchange();
        exchange.Begin(loop, Connection(loop), request, requestHasNoBody: true);
        exchange.BytesReceived = 12;
        exchange.BytesSent = 3456;
        exchange.UpstreamAttempts = 2;
        exchange.RouteName = "default";
        exchange.Flags = ResponseFlags.UpstreamRetryLimitExceeded | ResponseFlags.UpstreamConnectionFailure;
        exchange.ResponseCodeDetails = "upstream reset: x";
        exchange.Response = new ResponseHead { Status = 503 };
        exchange.Response.Headers.Add(HeaderNames.EnvoyUpstreamServiceTime, "41");
        loop.Advance(TimeSpan.FromMilliseconds(20));
        exchange.Times.UpstreamFirstReceived = loop.Clock.GetTimestamp();
        loop.Advance(TimeSpan.FromMilliseconds(23));
        exchange.Times.End = loop.Clock.GetTimestamp();
        return exchange;
    }

    public static TcpStreamInfo Tcp(ManualLoop loop) => new(loop, Connection(loop)) { BytesReceived = 5, BytesSent = 6 };
}
