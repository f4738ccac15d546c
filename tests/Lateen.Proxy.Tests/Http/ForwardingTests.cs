using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Http;

public sealed class ForwardingTests : IDisposable
{
    private readonly HttpProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public void Request_and_response_pass_with_the_headers_that_proxies_add()
    {
        _proxy.AddCluster();
        var answer = _proxy.Exchange(
            "GET /path?q=1 HTTP/1.1\r\nHost: a.test\r\nX-One: 1\r\nConnection: keep-alive\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-two: 2\r\n\r\nhello",
            out var forwarded);

        Assert.StartsWith("GET /path?q=1 HTTP/1.1\r\nhost: a.test\r\nx-one: 1\r\nx-forwarded-proto: http\r\nx-request-id: ", forwarded, StringComparison.Ordinal);
        Assert.DoesNotContain("connection", forwarded, StringComparison.Ordinal);
        Assert.Equal(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-two: 2\r\nx-envoy-upstream-service-time: 0\r\n"
            + "date: Thu, 01 Jan 2026 00:00:00 GMT\r\nserver: envoy\r\n\r\nhello",
            answer);
        Assert.Equal(new(200, "-", "via_upstream", "10.1.0.1:80", 1), _proxy.Log.Last);
        Assert.Equal(1, _proxy.Count("http.test.downstream_rq_2xx"));
        Assert.Equal(1, _proxy.Count("cluster.a.upstream_rq_200"));
    }

    [Fact]
    public void A_kept_alive_client_reuses_the_upstream_connection()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        for (var i = 0; i < 3; i++)
        {
            _proxy.Send(client, $"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith($"GET /{i} ", _proxy.Received(_proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
            _proxy.Send(_proxy.Upstreams.Connections[0], "HTTP/1.1 204 No Content\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 204", _proxy.Received(client), StringComparison.Ordinal);
        }

        Assert.Single(_proxy.Upstreams.Connections);
        Assert.Equal(1, _proxy.Count("cluster.a.upstream_cx_total"));
        Assert.Equal(3, _proxy.Count("cluster.a.upstream_rq_total"));
    }

    [Fact]
    public void Bodies_and_chunks_pass_both_ways()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        _proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        var upstream = _proxy.Upstreams.Connections[0];
        Assert.EndsWith("3\r\nabc\r\n", _proxy.Received(upstream), StringComparison.Ordinal);
        _proxy.Send(client, "2\r\nde\r\n0\r\n\r\n");
        Assert.Equal("2\r\nde\r\n0\r\n\r\n", _proxy.Received(upstream));
        _proxy.Send(upstream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwxyz\r\n");
        Assert.EndsWith("4\r\nwxyz\r\n", _proxy.Received(client), StringComparison.Ordinal);
        _proxy.Send(upstream, "0\r\n\r\n");
        Assert.Equal("0\r\n\r\n", _proxy.Received(client));
        Assert.Equal("via_upstream", _proxy.Log.Last.Details);
    }

    [Theory]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 404, "NR", "route_not_found", "")]
    [InlineData("GET /cluster HTTP/1.1\r\nHost: a\r\n\r\n", 503, "NC", "cluster_not_found", "")]
    [InlineData("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n", 503, "UH", "no_healthy_upstream", "no healthy upstream")]
    [InlineData("GET /direct HTTP/1.1\r\nHost: a\r\n\r\n", 202, "-", "direct_response", "hi")]
    public void What_leads_to_no_host_is_answered_by_the_proxy(string request, int status, string flags, string details, string body)
    {
        using var proxy = new HttpProxy(
            """
            {"virtualHosts":[{"name":"all","domains":["*"],"routes":[
              {"match":{"path":"/cluster"},"route":{"cluster":"missing"}},
              {"match":{"path":"/empty"},"route":{"cluster":"empty"}},
              {"match":{"path":"/direct"},"directResponse":{"status":202,"body":{"inlineString":"hi"}}}]}]}
            """);
        proxy.AddCluster("empty", hosts: 0);
        var client = proxy.Connect();
        proxy.Send(client, request);
        var answer = proxy.Received(client);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
        Assert.Equal((status, flags, details), (proxy.Log.Last.Status, proxy.Log.Last.Flags, proxy.Log.Last.Details));
    }

    [Fact]
    public void A_client_that_leaves_cancels_the_upstream_request()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        _proxy.Send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        client.Close();
        _proxy.Loop.RunUntilIdle();
        Assert.Equal((0, "DC", "downstream_remote_disconnect"), (_proxy.Log.Last.Status, _proxy.Log.Last.Flags, _proxy.Log.Last.Details));
        Assert.True(_proxy.Upstreams.Connections[0].PeerClosed);
        Assert.Equal(0, _proxy.Stats.Gauge("cluster.a.upstream_rq_active").Value);
        Assert.Equal(0, _proxy.Stats.Gauge("http.test.downstream_rq_active").Value);
    }

    [Fact]
    public void An_upstream_that_breaks_off_in_the_body_breaks_the_client_off()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        _proxy.Send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        _proxy.Send(_proxy.Upstreams.Connections[0], "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
        _proxy.Upstreams.Connections[0].Close();
        _proxy.Loop.RunUntilIdle();
        Assert.True(client.PeerClosed);
        Assert.Equal("UC", _proxy.Log.Last.Flags);
        Assert.Equal("upstream_reset_after_response_started{connection_termination}", _proxy.Log.Last.Details);
    }

    [Fact]
    public void An_early_response_is_delivered_while_the_body_still_comes()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        _proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart");
        _proxy.Send(_proxy.Upstreams.Connections[0], "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", _proxy.Received(client), StringComparison.Ordinal);
        Assert.True(_proxy.Upstreams.Connections[0].PeerClosed);
        _proxy.Loop.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(client.PeerClosed);
        _proxy.Loop.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(client.PeerClosed);
        Assert.Equal(413, _proxy.Log.Last.Status);
    }

    [Fact]
    public void A_client_that_ends_its_body_after_an_early_response_is_logged_with_it()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        _proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\npart");
        _proxy.Send(_proxy.Upstreams.Connections[0], "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\n\r\nno");
        Assert.EndsWith("no", _proxy.Received(client), StringComparison.Ordinal);
        _proxy.Send(client, "rest");
        Assert.Equal((413, "-"), (_proxy.Log.Last.Status, _proxy.Log.Last.Flags));
        Assert.Equal(8, _proxy.Log.Last.Received);
    }

    [Fact]
    public void A_draining_listener_closes_after_the_response()
    {
        _proxy.AddCluster();
        var client = _proxy.Connect();
        _proxy.Network.Draining = true;
        _proxy.Send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        _proxy.Send(_proxy.Upstreams.Connections[0], "HTTP/1.1 204 No Content\r\n\r\n");
        Assert.Contains("connection: close\r\n", _proxy.Received(client), StringComparison.Ordinal);
        Assert.True(client.PeerClosed);
    }
}
