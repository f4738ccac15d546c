using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Http;

public sealed class TimeoutTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public void A_slow_upstream_is_cut_off_by_the_routes_timeout()
    {
        using var proxy = Proxy("\"timeout\":\"2s\"");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        Assert.Contains("x-envoy-expected-rq-timeout-ms: 2000\r\n", proxy.Received(proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
        proxy.Loop.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(proxy.Received(client));
        proxy.Loop.Advance(TimeSpan.FromSeconds(0.2));
        var answer = proxy.Received(client);
        Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nupstream request timeout", answer, StringComparison.Ordinal);
        Assert.Equal(new(504, "UT", "response_timeout", "10.1.0.1:80", 1), proxy.Log.Last);
        Assert.Equal(1, proxy.Count("cluster.a.upstream_rq_timeout"));
        Assert.True(proxy.Upstreams.Connections[0].PeerClosed);
    }

    [Fact]
    public void The_timeout_counts_from_the_complete_request_and_covers_the_response()
    {
        using var proxy = Proxy("\"timeout\":\"2s\"");
        var client = proxy.Connect();
        proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
        proxy.Loop.Advance(TimeSpan.FromSeconds(10));
        proxy.Send(client, "b");
        proxy.Send(proxy.Upstreams.Connections[0], "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc");
        Assert.EndsWith("abc", proxy.Received(client), StringComparison.Ordinal);
        Assert.False(client.PeerClosed);
        proxy.Loop.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(client.PeerClosed);
        Assert.Equal((200, "UT"), (proxy.Log.Last.Status, proxy.Log.Last.Flags));
    }

    [Fact]
    public void A_per_try_timeout_is_retried_and_the_last_one_is_told()
    {
        using var proxy = Proxy("\"timeout\":\"10s\",\"retryPolicy\":{\"retryOn\":\"5xx\",\"numRetries\":1,\"perTryTimeout\":\"1s\"}");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        Assert.Contains("x-envoy-expected-rq-timeout-ms: 1000\r\n", proxy.Received(proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
        proxy.Loop.Advance(TimeSpan.FromSeconds(1.3));
        Assert.Equal(2, proxy.Upstreams.Connections.Count);
        proxy.Loop.Advance(TimeSpan.FromSeconds(1.3));
        Assert.EndsWith("\r\n\r\nupstream request timeout", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal((504, "UT,URX", "upstream_per_try_timeout"), (proxy.Log.Last.Status, proxy.Log.Last.Flags, proxy.Log.Last.Details));
        Assert.Equal(2, proxy.Count("cluster.a.upstream_rq_per_try_timeout"));
    }

    [Fact]
    public void The_total_timeout_ends_a_wait_for_a_connection()
    {
        using var proxy = Proxy("\"timeout\":\"1s\"");
        proxy.Upstreams.Hold = true;
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Loop.Advance(TimeSpan.FromSeconds(1.1));
        Assert.StartsWith("HTTP/1.1 504", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal(0, proxy.Stats.Gauge("cluster.a.upstream_rq_pending_active").Value);
        Assert.Equal(1, proxy.Count("cluster.a.upstream_rq_cancelled"));
    }

    [Theory]
    [InlineData(false, "", 504, 15100)]
    [InlineData(true, "x-envoy-upstream-rq-timeout-ms: 500\r\n", 504, 600)]
    [InlineData(true, "x-envoy-upstream-rq-timeout-ms: 500\r\nx-envoy-upstream-rq-timeout-alt-response: 1\r\n", 204, 600)]
    [InlineData(false, "x-envoy-upstream-rq-timeout-ms: 500\r\n", 504, 15100)]
    public void Timeout_headers_count_only_from_inside(bool inside, string headers, int status, int milliseconds)
    {
        using var proxy = new HttpProxy(HttpProxy.RouteTo("\"cluster\":\"a\""), p =>
        {
            if (inside)
            {
                p.UseRemoteAddress = true;
                p.InternalAddressConfig = new() { CidrRanges = { new CidrRange { AddressPrefix = "127.0.0.0", PrefixLen = 8 } } };
            }
        });
        proxy.AddCluster();
        var client = proxy.Connect();
        proxy.Send(client, $"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        Assert.DoesNotContain("rq-timeout-ms: 500\r\nx-envoy-upstream", proxy.Received(proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
        proxy.Loop.Advance(TimeSpan.FromMilliseconds(milliseconds - 200));
        Assert.Empty(proxy.Received(client));
        proxy.Loop.Advance(TimeSpan.FromMilliseconds(200));
        Assert.StartsWith($"HTTP/1.1 {status}", proxy.Received(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Get, 504)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", 408)]
    public void A_stream_without_movement_ends(string request, int status)
    {
        using var proxy = new HttpProxy(configure: p => p.StreamIdleTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)));
        proxy.AddCluster();
        var client = proxy.Connect();
        proxy.Send(client, request);
        proxy.Loop.Advance(TimeSpan.FromSeconds(3.1));
        var answer = proxy.Received(client);
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nstream timeout", answer, StringComparison.Ordinal);
        Assert.Equal((status, "SI", "stream_idle_timeout"), (proxy.Log.Last.Status, proxy.Log.Last.Flags, proxy.Log.Last.Details));
        Assert.Equal(1, proxy.Count("http.test.downstream_rq_idle_timeout"));
    }

    [Fact]
    public void A_request_that_does_not_arrive_in_time_gets_408()
    {
        using var proxy = new HttpProxy(configure: p => p.RequestTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)));
        proxy.AddCluster();
        var client = proxy.Connect();
        proxy.Send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
        proxy.Loop.Advance(TimeSpan.FromSeconds(3.1));
        Assert.EndsWith("\r\n\r\nrequest timeout", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal((408, "request_overall_timeout"), (proxy.Log.Last.Status, proxy.Log.Last.Details));
    }

    [Fact]
    public void A_stream_ends_at_its_longest_duration()
    {
        using var proxy = Proxy("\"maxStreamDuration\":{\"maxStreamDuration\":\"4s\"}");
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Loop.Advance(TimeSpan.FromSeconds(4.1));
        Assert.EndsWith("\r\n\r\ndownstream duration timeout", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal((504, "max_duration_timeout"), (proxy.Log.Last.Status, proxy.Log.Last.Details));
    }

    [Fact]
    public void A_cluster_limits_how_long_its_streams_live()
    {
        using var proxy = new HttpProxy();
        proxy.AddCluster(configure: c => c.TypedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] =
            Any.Pack(new Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions
            {
                CommonHttpProtocolOptions = new() { MaxStreamDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)) },
                ExplicitHttpConfig = new() { HttpProtocolOptions = new() },
            }));
        var client = proxy.Connect();
        proxy.Send(client, Get);
        proxy.Loop.Advance(TimeSpan.FromSeconds(3.1));
        Assert.EndsWith("\r\n\r\nupstream max stream duration reached", proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal((504, "UMSDR", "upstream_max_stream_duration_reached"), (proxy.Log.Last.Status, proxy.Log.Last.Flags, proxy.Log.Last.Details));
    }

    private static HttpProxy Proxy(string action)
    {
        var proxy = new HttpProxy(HttpProxy.RouteTo($"\"cluster\":\"a\",{action}"));
        proxy.AddCluster();
        return proxy;
    }
}
