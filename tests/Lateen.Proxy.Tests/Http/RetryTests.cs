using System.Globalization;
using Envoy.Config.Cluster.V3;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Http;

public sealed class RetryTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

    [Theory]
    [InlineData("5xx", "500", true)]
    [InlineData("5xx", "499", false)]
    [InlineData("gateway-error", "502", true)]
    [InlineData("gateway-error", "500", false)]
    [InlineData("retriable-4xx", "409", true)]
    [InlineData("retriable-4xx", "404", false)]
    [InlineData("retriable-status-codes", "418", true)]
    [InlineData("retriable-status-codes", "503", false)]
    [InlineData("reset", "503", false)]
    [InlineData("connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes", "503", false)]
    [InlineData("unavailable", "200\r\ngrpc-status: 14", true)]
    [InlineData("cancelled", "200\r\ngrpc-status: 1", true)]
    [InlineData("deadline-exceeded", "200\r\ngrpc-status: 4", true)]
    [InlineData("resource-exhausted", "200\r\ngrpc-status: 8", true)]
    [InlineData("internal", "200\r\ngrpc-status: 13", true)]
    [InlineData("internal", "200\r\ngrpc-status: 14", false)]
    [InlineData("envoy-ratelimited", "429\r\nx-envoy-ratelimited: true", true)]
    [InlineData("5xx", "503\r\nx-envoy-ratelimited: true", false)]
    [InlineData("retriable-headers", "200\r\nx-again: 1", true)]
    [InlineData("retriable-headers", "200\r\nx-other: 1", false)]
    public void A_response_is_retried_by_its_condition(string retryOn, string statusAndHeaders, bool retried)
    {
        using var proxy = Proxy($$"""
            "retryOn":"{{retryOn}}","numRetries":1,"retriableStatusCodes":[418],"retriableHeaders":[{"name":"x-again","presentMatch":true}]
            """);
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Send(proxy.Upstreams.Connections[0], $"HTTP/1.1 {statusAndHeaders.Replace("\r\n", " X\r\n", StringComparison.Ordinal)}{(statusAndHeaders.Contains('\r', StringComparison.Ordinal) ? "" : " X")}\r\ncontent-length: 0\r\n\r\n");
        proxy.Loop.Advance(TimeSpan.FromSeconds(1));
        var upstream = proxy.Upstreams.Connections[^1];
        Assert.Equal(retried ? 2 : 1, proxy.Received(proxy.Upstreams.Connections[0]).Split("GET /").Length - 1 + (upstream == proxy.Upstreams.Connections[0] ? 0 : proxy.Received(upstream).Split("GET /").Length - 1));
        if (retried)
        {
            proxy.Send(upstream, Ok);
            Assert.StartsWith("HTTP/1.1 200", proxy.Received(client), StringComparison.Ordinal);
            Assert.Equal(1, proxy.Count("cluster.a.upstream_rq_retry"));
            Assert.Equal(1, proxy.Count("cluster.a.upstream_rq_retry_success"));
        }
        else
        {
            Assert.StartsWith("HTTP/1.1 " + statusAndHeaders[..3], proxy.Received(client), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("connect-failure", true)]
    [InlineData("reset-before-request", true)]
    [InlineData("5xx", true)]
    [InlineData("gateway-error", true)]
    [InlineData("reset", true)]
    [InlineData("refused-stream,retriable-4xx", false)]
    public void A_connect_failure_is_retried_by_its_condition(string retryOn, bool retried)
    {
        using var proxy = Proxy($"\"retryOn\":\"{retryOn}\"");
        proxy.Upstreams.FailNext("delayed connect error: Connection refused");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Loop.Advance(TimeSpan.FromSeconds(1));
        if (retried)
        {
            proxy.Send(proxy.Upstreams.Connections[0], Ok);
            Assert.StartsWith("HTTP/1.1 200", proxy.Received(client), StringComparison.Ordinal);
            Assert.Equal(2, proxy.Log.Last.Attempts);
            return;
        }

        Assert.EndsWith(
            "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, "
            + "transport failure reason: delayed connect error: Connection refused",
            proxy.Received(client),
            StringComparison.Ordinal);
        Assert.Equal(503, proxy.Log.Last.Status);
        Assert.Equal("UF", proxy.Log.Last.Flags);
        Assert.Equal(
            "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}", proxy.Log.Last.Details);
    }

    [Theory]
    [InlineData("reset", true)]
    [InlineData("5xx", true)]
    [InlineData("connect-failure", false)]
    [InlineData("reset-before-request", false)]
    public void A_connection_lost_after_the_request_is_retried_by_its_condition(string retryOn, bool retried)
    {
        using var proxy = Proxy($"\"retryOn\":\"{retryOn}\"");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Upstreams.Connections[0].Close();
        proxy.Loop.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(retried ? 2 : 1, proxy.Upstreams.Connections.Count);
        if (!retried)
        {
            Assert.EndsWith(
                "\r\n\r\nupstream connect error or disconnect/reset before headers. reset reason: connection termination",
                proxy.Received(client),
                StringComparison.Ordinal);
            Assert.Equal(
                (503, "UC", "upstream_reset_before_response_started{connection_termination}"),
                (proxy.Log.Last.Status, proxy.Log.Last.Flags, proxy.Log.Last.Details));
        }
    }

    [Fact]
    public void Back_off_grows_and_has_full_jitter_within_its_limits()
    {
        var longest = new double[4];
        for (var seed = 0; seed < 60; seed++)
        {
            using var proxy = Proxy("\"retryOn\":\"5xx\",\"numRetries\":4");
            proxy.Loop.Random = new Random(seed);
            var client = proxy.Connect();
            proxy.Send(client, Get);
            for (var retry = 0; retry < 4; retry++)
            {
                var upstream = proxy.Upstreams.Connections[^1];
                _ = proxy.Received(upstream);
                proxy.Send(upstream, "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
                var waited = 0;
                while (proxy.Received(upstream).Length == 0)
                {
                    proxy.Loop.Advance(TimeSpan.FromMilliseconds(1));
                    waited++;
                    Assert.True(waited <= 26 << retry, $"retry {retry + 1} waited {waited} ms");
                }

                longest[retry] = Math.Max(longest[retry], waited);
            }
        }

        Assert.True(longest[0] > 15 && longest[1] > 30 && longest[2] > 60 && longest[3] > 120, string.Join(", ", longest));
    }

    [Fact]
    public void Used_up_retries_deliver_the_last_answer_with_its_flag()
    {
        using var proxy = Proxy("\"retryOn\":\"5xx\",\"numRetries\":2", ",\"includeRequestAttemptCount\":true,\"includeAttemptCountInResponse\":true");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Contains(
                $"x-envoy-attempt-count: {attempt.ToString(CultureInfo.InvariantCulture)}\r\n", proxy.Received(proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
            proxy.Send(proxy.Upstreams.Connections[0], "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
            proxy.Loop.Advance(TimeSpan.FromSeconds(1));
        }

        var answer = proxy.Received(client);
        Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
        Assert.Contains("x-envoy-attempt-count: 3\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(new(503, "URX", "via_upstream", "10.1.0.1:80", 3), proxy.Log.Last);
        Assert.Equal(1, proxy.Count("cluster.a.upstream_rq_retry_limit_exceeded"));
        Assert.Equal(2, proxy.Count("cluster.a.retry.upstream_rq_503"));
    }

    [Fact]
    public void A_full_retry_breaker_delivers_the_answer()
    {
        using var proxy = Proxy("\"retryOn\":\"5xx\"");
        proxy.AddCluster(configure: c => c.CircuitBreakers = new() { Thresholds = { new CircuitBreakers.Types.Thresholds { MaxRetries = 0 } } });
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Send(proxy.Upstreams.Connections[0], "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 503", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal(("UO", "via_upstream"), (proxy.Log.Last.Flags, proxy.Log.Last.Details));
        Assert.Equal(1, proxy.Count("cluster.a.upstream_rq_retry_overflow"));
    }

    [Fact]
    public void A_body_is_sent_again_whole_also_when_it_still_arrives()
    {
        using var proxy = Proxy("\"retryOn\":\"reset\"");
        var client = proxy.Connect();
        proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
        proxy.Upstreams.Connections[0].Close();
        proxy.Loop.Advance(TimeSpan.FromSeconds(1));
        Assert.EndsWith("\r\n\r\nabc", proxy.Received(proxy.Upstreams.Connections[1]), StringComparison.Ordinal);
        proxy.Send(client, "def");
        Assert.Equal("def", proxy.Received(proxy.Upstreams.Connections[1]));
        proxy.Send(proxy.Upstreams.Connections[1], Ok);
        Assert.StartsWith("HTTP/1.1 200", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal(2, proxy.Log.Last.Attempts);
    }

    [Fact]
    public void A_body_beyond_the_limit_is_forwarded_but_not_retried()
    {
        using var proxy = new HttpProxy(HttpProxy.RouteTo(
            "\"cluster\":\"a\",\"timeout\":\"0s\",\"retryPolicy\":{\"retryOn\":\"5xx\"}", ",\"perRequestBufferLimitBytes\":4"));
        proxy.AddCluster();
        var client = proxy.Connect();
        proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
        proxy.Send(client, "def");
        Assert.EndsWith("\r\n\r\nabcdef", proxy.Received(proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
        proxy.Send(proxy.Upstreams.Connections[0], "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 503", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal(1, proxy.Count("cluster.a.retry_or_shadow_abandoned"));
        Assert.Equal(1, proxy.Log.Last.Attempts);
    }

    [Fact]
    public void Retries_avoid_hosts_that_were_tried()
    {
        using var proxy = Proxy("\"retryOn\":\"5xx\",\"numRetries\":2,\"retryHostPredicate\":[{\"name\":\"envoy.retry_host_predicates.previous_hosts\"}],\"hostSelectionRetryMaxAttempts\":\"5\"", hosts: 2);
        for (var round = 0; round < 20; round++)
        {
            var client = proxy.Connect();
            var first = proxy.Upstreams.Asked.Count;
            proxy.Send(client, Get);
            _ = proxy.Received(proxy.Upstreams.Connections[^1]);
            proxy.Upstreams.Connections[^1].Close();
            proxy.Loop.Advance(TimeSpan.FromSeconds(1));
            Assert.NotEqual(proxy.Upstreams.Asked[first].Host, proxy.Upstreams.Asked[first + 1].Host);
            client.Close();
            proxy.Loop.RunUntilIdle();
        }
    }

    [Fact]
    public void A_client_that_leaves_during_back_off_ends_the_request()
    {
        using var proxy = Proxy("\"retryOn\":\"5xx\",\"retryBackOff\":{\"baseInterval\":\"10s\",\"maxInterval\":\"100s\"}");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Send(proxy.Upstreams.Connections[0], "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
        client.Close();
        proxy.Loop.RunUntilIdle();
        Assert.Equal((0, "DC"), (proxy.Log.Last.Status, proxy.Log.Last.Flags));
        Assert.Equal(0, proxy.Clusters.Find("a")!.CircuitBreakers.For(default).Retries.Current);
    }

    private static HttpProxy Proxy(string policy, string virtualHost = "", int hosts = 1)
    {
        var proxy = new HttpProxy(HttpProxy.RouteTo($"\"cluster\":\"a\",\"timeout\":\"0s\",\"retryPolicy\":{{{policy}}}", virtualHost));
        proxy.AddCluster(hosts: hosts);
        return proxy;
    }
}
