using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Network;
using Lateen.Proxy.Network.TcpProxy;
using Lateen.Proxy.Tests.Support;
using Proto = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Lateen.Proxy.Tests.Network;

public sealed class TcpProxyTests : IDisposable
{
    private readonly HttpProxy _proxy = new();
    private readonly Proto _proto = new()
    {
        StatPrefix = "outbound",
        Cluster = "a",
        IdleTimeout = new Duration { Seconds = 60 },
        AccessLog = { new Envoy.Config.Accesslog.V3.AccessLog() },
    };

    private NetworkConnection? _connection;
    private Task? _serving;

    private ManualLoop Loop => _proxy.Loop;

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public void PassesBytesBothWaysAndHalfCloses()
    {
        _proxy.AddCluster();
        var client = Connect();
        var host = Assert.Single(_proxy.Upstreams.Connections);
        client.Write("hello");
        Loop.RunUntilIdle();
        Assert.Equal("hello", host.TakeText());
        host.Write("hi there");
        Loop.RunUntilIdle();
        Assert.Equal("hi there", client.TakeText());

        Loop.Run(client.ShutdownAsync());
        Assert.True(host.PeerClosed);
        Assert.False(_serving!.IsCompleted);
        host.Write("after your end");
        Loop.RunUntilIdle();
        Assert.Equal("after your end", client.TakeText());
        Loop.Run(host.ShutdownAsync());
        Assert.True(_serving.IsCompleted);
        Assert.Equal(5, _connection!.Info.BytesReceived);
        Assert.Equal(22, _connection.Info.BytesSent);
        Assert.Equal(ResponseFlags.None, _connection.Info.Flags);
        Assert.Equal(5, _proxy.Stats.Counter("tcp.outbound.downstream_cx_rx_bytes_total").Value);
        Assert.Equal(22, _proxy.Stats.Counter("cluster.a.upstream_cx_rx_bytes_total").Value);
        Assert.Equal(0, _proxy.Stats.Gauge("cluster.a.upstream_cx_active").Value);
        Assert.Equal(0, Loop.ActiveTimers);
    }

    [Fact]
    public void ReadsNoMoreThanTheHostTakes()
    {
        _proxy.AddCluster();
        _proxy.Upstreams.Connected = host => host.Capacity = 10_000;
        var client = Connect();
        var host = _proxy.Upstreams.Connections[0];
        host.Capacity = 10_000;
        client.Write(new string('x', 500_000));
        Loop.RunUntilIdle();
        Assert.InRange(_connection!.Info.BytesReceived, 10_000, 50_000);
        var total = 0;
        while (total < 500_000)
        {
            total += host.TakeText().Length;
            Loop.RunUntilIdle();
        }

        Assert.Equal(500_000, total);
    }

    [Fact]
    public void ABrokenHostEndsTheClient()
    {
        _proxy.AddCluster();
        var client = Connect();
        _proxy.Upstreams.Connections[0].Close(reset: true);
        Loop.RunUntilIdle();
        Assert.True(client.PeerClosed);
        Assert.True(_serving!.IsCompleted);
    }

    [Fact]
    public void AMissingClusterIsFlagged()
    {
        Connect();
        Assert.True(_serving!.IsCompleted);
        Assert.Equal(ResponseFlags.NoClusterFound, _connection!.Info.Flags);
        Assert.Equal(1, _proxy.Stats.Counter("tcp.outbound.downstream_cx_no_route").Value);
    }

    [Fact]
    public void AClusterWithoutHostsIsFlagged()
    {
        _proxy.AddCluster(hosts: 0);
        Connect();
        Assert.Equal(ResponseFlags.NoHealthyUpstream, _connection!.Info.Flags);
    }

    [Fact]
    public void ConnectsAgainAsOftenAsAllowed()
    {
        _proto.MaxConnectAttempts = 3;
        _proxy.AddCluster(hosts: 3);
        _proxy.Upstreams.FailNext("refused");
        _proxy.Upstreams.FailNext("refused");
        var client = Connect();
        Assert.Single(_proxy.Upstreams.Connections);
        Assert.Equal(3, _connection!.Info.UpstreamAttempts);
        Assert.Equal(ResponseFlags.None, _connection.Info.Flags);
        client.Close();
    }

    [Fact]
    public void GivesUpWhenAttemptsAreUsedUp()
    {
        _proxy.AddCluster();
        _proxy.Upstreams.FailNext("delayed connect error: Connection refused");
        Connect();
        Assert.Equal(ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamRetryLimitExceeded, _connection!.Info.Flags);
        Assert.Equal("delayed connect error: Connection refused", _connection.Info.UpstreamTransportFailure);
        Assert.Equal(1, _proxy.Stats.Counter("cluster.a.upstream_cx_connect_fail").Value);
        Assert.Equal(1, _proxy.Stats.Counter("cluster.a.upstream_cx_connect_attempts_exceeded").Value);
    }

    [Fact]
    public void TheConnectionLimitIsKept()
    {
        _proxy.AddCluster(configure: c => c.CircuitBreakers = new() { Thresholds = { new Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds { MaxConnections = 1 } } });
        var first = Connect();
        Connect();
        Assert.Equal(ResponseFlags.UpstreamOverflow, _connection!.Info.Flags);
        first.Close(reset: true);
        Loop.RunUntilIdle();
        Connect();
        Assert.Equal(ResponseFlags.None, _connection.Info.Flags);
    }

    [Fact]
    public void ASilentConnectionIsClosed()
    {
        _proxy.AddCluster();
        var client = Connect();
        Loop.Advance(TimeSpan.FromSeconds(59));
        client.Write("x");
        Loop.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_serving!.IsCompleted);
        Loop.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_serving.IsCompleted);
        Assert.Equal("tcp_session_idle_timeout", _connection!.Info.Downstream.TerminationDetails);
        Assert.Equal(1, _proxy.Stats.Counter("tcp.outbound.idle_timeout").Value);
    }

    [Fact]
    public void AConnectionLivesNoLongerThanAllowed()
    {
        _proto.MaxDownstreamConnectionDuration = new Duration { Seconds = 5 };
        _proxy.AddCluster();
        Connect();
        Loop.Advance(TimeSpan.FromSeconds(5));
        Assert.True(_serving!.IsCompleted);
        Assert.Equal(ResponseFlags.DurationTimeout, _connection!.Info.Flags);
    }

    [Fact]
    public void ClustersAreChosenByWeight()
    {
        _proto.WeightedClusters = new() { Clusters = { new[] { ("a", 90u), ("b", 10u) }.Select(c => new Proto.Types.WeightedCluster.Types.ClusterWeight { Name = c.Item1, Weight = c.Item2 }) } };
        _proxy.AddCluster("a");
        _proxy.AddCluster("b");
        for (var i = 0; i < 1000; i++)
        {
            Connect().Close();
            Loop.RunUntilIdle();
        }

        Assert.InRange(_proxy.Stats.Counter("cluster.b.upstream_cx_total").Value, 70, 130);
    }

    [Theory]
    [InlineData("""{"statPrefix":"x"}""")]
    [InlineData("""{"cluster":"a"}""")]
    [InlineData("""{"statPrefix":"x","cluster":"a","tunnelingConfig":{"hostname":"h"}}""")]
    public void WhatCannotBeHonouredIsRefused(string json) => Assert.Throws<ConfigurationException>(() =>
        new TcpProxyFactory().Create(JsonParser.Default.Parse<Proto>(json).ToByteString(), new FilterContext(_proxy.Services, "l", default, "")));

    private PipeTransport Connect()
    {
        var filter = (ITerminalNetworkFilter)new TcpProxyFactory().Create(_proto.ToByteString(), new FilterContext(_proxy.Services, "l", default, ""));
        var (client, server) = PipeTransport.Pair(Loop);
        _connection = new NetworkConnection { Transport = server, Info = new TcpStreamInfo(Loop, server.Info) };
        _serving = ServeAsync(filter, _connection);
        Loop.RunUntilIdle();
        return client;
    }

    private static async Task ServeAsync(ITerminalNetworkFilter filter, NetworkConnection connection)
    {
        await filter.ServeAsync(connection);
        connection.Transport.Close();
    }
}
