using Envoy.Config.Cluster.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Tests.Support;
using HttpOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace Lateen.Proxy.Tests.Http;

public sealed class ConnectionPoolTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    private readonly HttpProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public void The_connection_used_last_is_taken_first()
    {
        _proxy.AddCluster();
        var (one, two) = (_proxy.Connect(), _proxy.Connect());
        _proxy.Send(one, Get);
        _proxy.Send(two, Get);
        _proxy.Send(_proxy.Upstreams.Connections[1], Ok);
        _proxy.Send(_proxy.Upstreams.Connections[0], Ok);
        _ = _proxy.Received(_proxy.Upstreams.Connections[0]);
        _proxy.Send(one, Get);
        Assert.StartsWith("GET", _proxy.Received(_proxy.Upstreams.Connections[0]), StringComparison.Ordinal);
        Assert.Equal(2, _proxy.Upstreams.Connections.Count);
    }

    [Fact]
    public void Requests_wait_for_a_connection_up_to_the_breaker()
    {
        var cluster = _proxy.AddCluster(configure: c => c.CircuitBreakers = new()
        {
            Thresholds = { new CircuitBreakers.Types.Thresholds { MaxConnections = 1, MaxPendingRequests = 1 } },
        });
        var clients = new[] { _proxy.Connect(), _proxy.Connect(), _proxy.Connect() };
        foreach (var client in clients)
        {
            _proxy.Send(client, Get);
        }

        Assert.Single(_proxy.Upstreams.Connections);
        var refused = _proxy.Received(clients[2]);
        Assert.StartsWith("HTTP/1.1 503", refused, StringComparison.Ordinal);
        Assert.Contains("x-envoy-overloaded: true\r\n", refused, StringComparison.Ordinal);
        Assert.EndsWith("upstream connect error or disconnect/reset before headers. reset reason: overflow", refused, StringComparison.Ordinal);
        Assert.Equal(
            ("UO", "upstream_reset_before_response_started{overflow}"), (_proxy.Log.Last.Flags, _proxy.Log.Last.Details));
        Assert.Equal(1, _proxy.Count("cluster.a.upstream_rq_pending_overflow"));
        Assert.Equal(1, _proxy.Stats.Gauge("cluster.a.circuit_breakers.default.rq_pending_open").Value);

        _proxy.Send(_proxy.Upstreams.Connections[0], Ok);
        Assert.StartsWith("HTTP/1.1 200", _proxy.Received(clients[0]), StringComparison.Ordinal);
        _proxy.Send(_proxy.Upstreams.Connections[0], Ok);
        Assert.StartsWith("HTTP/1.1 200", _proxy.Received(clients[1]), StringComparison.Ordinal);
        Assert.Equal(0, cluster.CircuitBreakers.For(default).PendingRequests.Current);
        Assert.Equal(0, cluster.CircuitBreakers.For(default).Requests.Current);
    }

    [Fact]
    public void Too_many_requests_overflow()
    {
        _proxy.AddCluster(configure: c => c.CircuitBreakers = new()
        {
            Thresholds = { new CircuitBreakers.Types.Thresholds { MaxRequests = 1 } },
        });
        var (one, two) = (_proxy.Connect(), _proxy.Connect());
        _proxy.Send(one, Get);
        _proxy.Send(two, Get);
        Assert.StartsWith("HTTP/1.1 503", _proxy.Received(two), StringComparison.Ordinal);
        Assert.Equal("UO", _proxy.Log.Last.Flags);
    }

    [Fact]
    public void A_connect_failure_fails_all_that_wait()
    {
        var cluster = _proxy.AddCluster(configure: c => c.CircuitBreakers = new()
        {
            Thresholds = { new CircuitBreakers.Types.Thresholds { MaxConnections = 1 } },
        });
        var (one, two) = (_proxy.Connect(), _proxy.Connect());
        _proxy.Send(one, Get);
        _proxy.Send(two, Get);
        _proxy.Upstreams.FailNext("no");
        _proxy.Upstreams.Connections[0].Close();
        _proxy.Loop.RunUntilIdle();
        Assert.StartsWith("HTTP/1.1 503", _proxy.Received(one), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 503", _proxy.Received(two), StringComparison.Ordinal);
        Assert.Equal(["UC", "UF"], _proxy.Log.Entries.Select(e => e.Flags).Order());
        Assert.Equal(0, cluster.CircuitBreakers.For(default).Connections.Current);
        Assert.Equal(1, _proxy.Count("cluster.a.upstream_rq_pending_failure_eject"));
    }

    [Fact]
    public void A_connect_timeout_is_told_as_such()
    {
        _proxy.AddCluster();
        _proxy.Upstreams.FailNext("", timeout: true);
        var client = _proxy.Connect();
        _proxy.Send(client, Get);
        Assert.EndsWith("reset reason: connection timeout", _proxy.Received(client), StringComparison.Ordinal);
        Assert.Equal(("UF", "upstream_reset_before_response_started{connection_timeout}"), (_proxy.Log.Last.Flags, _proxy.Log.Last.Details));
        Assert.Equal(1, _proxy.Count("cluster.a.upstream_cx_connect_timeout"));
    }

    [Fact]
    public void Idle_connections_close_after_their_time()
    {
        _proxy.AddCluster(configure: c => Http(c, o => o.CommonHttpProtocolOptions = new() { IdleTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) }));
        _ = _proxy.Exchange(Get, Ok, out _);
        _proxy.Loop.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_proxy.Upstreams.Connections[0].PeerClosed);
        _proxy.Loop.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(_proxy.Upstreams.Connections[0].PeerClosed);
        Assert.Equal(0, _proxy.Stats.Gauge("cluster.a.upstream_cx_active").Value);
        Assert.Equal(1, _proxy.Count("cluster.a.upstream_cx_idle_timeout"));
    }

    [Fact]
    public void A_connection_ends_after_its_last_allowed_request()
    {
        _proxy.AddCluster(configure: c => Http(c, o => o.CommonHttpProtocolOptions = new() { MaxRequestsPerConnection = 2 }));
        _ = _proxy.Exchange(Get, Ok, out _);
        _ = _proxy.Exchange(Get, Ok, out _);
        Assert.True(_proxy.Upstreams.Connections[0].PeerClosed);
        _ = _proxy.Exchange(Get, Ok, out _);
        Assert.Equal(2, _proxy.Upstreams.Connections.Count);
    }

    [Fact]
    public void A_connection_that_the_host_closed_while_idle_is_not_used()
    {
        _proxy.AddCluster();
        _ = _proxy.Exchange(Get, Ok, out _);
        _proxy.Upstreams.Connections[0].Close();
        Assert.StartsWith("HTTP/1.1 200", _proxy.Exchange(Get, Ok, out _), StringComparison.Ordinal);
        Assert.Equal(2, _proxy.Upstreams.Connections.Count);
    }

    [Fact]
    public void A_response_that_says_close_ends_the_connection()
    {
        _proxy.AddCluster();
        _ = _proxy.Exchange(Get, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", out _);
        Assert.True(_proxy.Upstreams.Connections[0].PeerClosed);
    }

    [Fact]
    public void A_removed_hosts_idle_connections_close_and_busy_ones_finish()
    {
        _proxy.AddCluster();
        _ = _proxy.Exchange(Get, Ok, out _);
        var client = _proxy.Connect();
        var other = _proxy.Connect();
        _proxy.Send(client, Get);
        _proxy.Send(other, Get);
        _proxy.Send(_proxy.Upstreams.Connections[1], Ok);
        _proxy.AddCluster(hosts: 0);
        _proxy.Loop.RunUntilIdle();
        Assert.True(_proxy.Upstreams.Connections[1].PeerClosed);
        Assert.False(_proxy.Upstreams.Connections[0].PeerClosed);
        _proxy.Send(_proxy.Upstreams.Connections[0], Ok);
        Assert.StartsWith("HTTP/1.1 200", _proxy.Received(client), StringComparison.Ordinal);
        Assert.True(_proxy.Upstreams.Connections[0].PeerClosed);
    }

    private static void Http(Cluster cluster, Action<HttpOptions> configure)
    {
        var options = new HttpOptions { ExplicitHttpConfig = new() { HttpProtocolOptions = new() } };
        configure(options);
        cluster.TypedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = Any.Pack(options);
    }
}
