using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Admin;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Logging;
using Lateen.Proxy.Server;
using Lateen.Proxy.Tests.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Proxy.Tests.Admin;

public sealed class AdminTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private readonly Lifecycle _lifecycle = new(TimeProvider.System);
    private readonly LogLevels _levels = new(LogLevel.Information);
    private Fixture _proxy = null!;
    private AccessLogFiles _files = null!;
    private AdminServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await Fixture.StartAsync();
        _proxy.ClusterUpdates.ApplyStatic(_proxy.Bootstrap.StaticResources.Clusters);
        _proxy.ListenerUpdates.ApplyStatic([new() { Name = "inbound" }]);
        _files = new AccessLogFiles(TimeSpan.FromSeconds(1), TimeProvider.System, _proxy.Stats, NullLogger.Instance);
        var pages = new AdminPages(new AdminSources
        {
            Bootstrap = _proxy.Bootstrap,
            Options = new BootstrapOptions { ConfigPath = "b.yaml" },
            Lifecycle = _lifecycle,
            Stats = _proxy.Stats,
            RefreshStats = _proxy.Connections.RefreshStats,
            ClusterManager = _proxy.Clusters,
            Clusters = _proxy.ClusterUpdates,
            ListenerUpdates = _proxy.ListenerUpdates,
            Listeners = _proxy.Listeners,
            Routes = _proxy.Routes,
            Secrets = _proxy.Secrets,
            LogLevels = _levels,
            AccessLogs = _files,
            Time = TimeProvider.System,
        });
        var address = new Address { SocketAddress = new() { Address = "127.0.0.1" } };
        _server = new AdminServer(address, pages.Answer, NullLogger.Instance);
        _server.Start();
        _http.BaseAddress = new Uri($"http://{_server.Address}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        await _files.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task Ready_follows_the_state()
    {
        Assert.Equal((503, "PRE_INITIALIZING\n"), await GetAsync("/ready"));
        _lifecycle.State = ServerState.Initializing;
        Assert.Equal((503, "INITIALIZING\n"), await GetAsync("/ready"));
        _lifecycle.State = ServerState.Live;
        Assert.Equal((200, "LIVE\n"), await GetAsync("/ready"));
        _lifecycle.State = ServerState.Draining;
        Assert.Equal((503, "DRAINING\n"), await GetAsync("/ready"));
    }

    [Fact]
    public async Task Config_dump_has_every_kind_and_no_secret()
    {
        var secret = new Envoy.Extensions.TransportSockets.Tls.V3.Secret
        {
            Name = "s",
            TlsCertificate = new()
            {
                CertificateChain = new DataSource { InlineString = "-----BEGIN CERTIFICATE-----" },
                PrivateKey = new DataSource { InlineString = "-----BEGIN PRIVATE KEY----- deep" },
            },
        };
        _proxy.Secrets.Records.Accept("s", "1", secret);
        var (status, body) = await GetAsync("/config_dump");
        Assert.Equal(200, status);
        var configs = JsonDocument.Parse(body).RootElement.GetProperty("configs");
        Assert.Equal(
            ["BootstrapConfigDump", "ClustersConfigDump", "ListenersConfigDump", "ScopedRoutesConfigDump", "RoutesConfigDump", "SecretsConfigDump"],
            configs.EnumerateArray().Select(c => c.GetProperty("@type").GetString()!.Split('.')[^1]));
        Assert.Equal("xds", configs[1].GetProperty("static_clusters")[1].GetProperty("cluster").GetProperty("name").GetString());
        Assert.DoesNotContain("Bearer t", body, StringComparison.Ordinal);
        Assert.DoesNotContain("deep", body, StringComparison.Ordinal);
        Assert.Contains("\"[redacted]\"", body, StringComparison.Ordinal);
        Assert.Contains("BEGIN CERTIFICATE", body, StringComparison.Ordinal);
        Assert.Contains("deep", secret.TlsCertificate.PrivateKey.InlineString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_dump_can_be_narrowed()
    {
        var (_, body) = await GetAsync("/config_dump?resource=static_clusters&name_regex=s.s&mask=cluster");
        var only = Assert.Single(JsonDocument.Parse(body).RootElement.GetProperty("configs").EnumerateArray());
        Assert.Equal("sds", only.GetProperty("cluster").GetProperty("name").GetString());
        Assert.False(only.TryGetProperty("last_updated", out _));
        Assert.Equal(404, (await GetAsync("/config_dump?resource=nope")).Status);
    }

    [Fact]
    public async Task Clusters_are_text_or_json()
    {
        var (_, text) = await GetAsync("/clusters");
        Assert.Contains("xds::default_priority::max_connections::1024\n", text, StringComparison.Ordinal);
        Assert.Contains("::health_flags::healthy\n", text, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await GetAsync("/clusters?format=json")).Body).RootElement;
        Assert.Equal("sds", json.GetProperty("cluster_statuses")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Listeners_are_text_or_json()
    {
        Assert.Equal((200, "inbound::127.0.0.1:80\n"), await GetAsync("/listeners"));
        var json = JsonDocument.Parse((await GetAsync("/listeners?format=json")).Body).RootElement;
        Assert.Equal("inbound", json.GetProperty("listener_statuses")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Stats_in_all_forms()
    {
        _proxy.Stats.Counter("cluster.a.upstream_rq_total").Add(3);
        Assert.Equal((200, "cluster.a.upstream_rq_total: 3\n"), await GetAsync("/stats?filter=%5Ecluster.a.upstream_rq_total"));
        Assert.Contains("envoy_cluster_upstream_rq_total{envoy_cluster_name=\"a\"} 3\n", (await GetAsync("/stats/prometheus")).Body, StringComparison.Ordinal);
        Assert.Contains("# TYPE", (await GetAsync("/stats?format=prometheus&usedonly")).Body, StringComparison.Ordinal);
        JsonDocument.Parse((await GetAsync("/stats?format=json")).Body);
        Assert.Equal(400, (await GetAsync("/stats?filter=(")).Status);
        Assert.Equal((200, "OK\n"), await PostAsync("/reset_counters"));
        Assert.Equal((200, ""), await GetAsync("/stats?usedonly&filter=upstream_rq_total"));
    }

    [Fact]
    public async Task Changes_need_post()
    {
        Assert.Equal((405, "Method GET not allowed, POST required."), await GetAsync("/quitquitquit"));
        Assert.False(_lifecycle.Shutdown.IsCompleted);
        Assert.Equal((200, "OK\n"), await PostAsync("/quitquitquit"));
        Assert.Equal(TimeSpan.Zero, await _lifecycle.Shutdown);
    }

    [Fact]
    public async Task Unknown_paths_get_the_list()
    {
        var (status, body) = await GetAsync("/nope");
        Assert.Equal(404, status);
        Assert.StartsWith("invalid path. admin commands are:\n", body, StringComparison.Ordinal);
        Assert.Contains("  /config_dump: ", (await GetAsync("/help")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_levels_change()
    {
        Assert.Contains("  upstream: info\n", (await PostAsync("/logging")).Body, StringComparison.Ordinal);
        Assert.Contains("  upstream: trace\n", (await PostAsync("/logging?upstream=trace")).Body, StringComparison.Ordinal);
        Assert.Contains("  config: debug\n", (await PostAsync("/logging?paths=config:debug,http:off")).Body, StringComparison.Ordinal);
        Assert.Equal(400, (await PostAsync("/logging?nope=debug")).Status);
        Assert.Equal(400, (await PostAsync("/logging?level=loud")).Status);
        await PostAsync("/logging?level=error");
        Assert.Equal(LogLevel.Error, _levels["config"]);
    }

    [Fact]
    public async Task Listeners_drain()
    {
        await PostAsync("/drain_listeners?inboundonly");
        await PostAsync("/drain_listeners?graceful&skip_exit");
        Assert.Equal(400, (await PostAsync("/drain_listeners?skip_exit")).Status);
        Assert.Equal(["+inbound", "stop True", "drain False"], _proxy.Listeners.Events);
    }

    [Fact]
    public async Task Pages_about_the_process_are_json()
    {
        var info = JsonDocument.Parse((await GetAsync("/server_info")).Body).RootElement;
        Assert.Equal("b.yaml", info.GetProperty("command_line_options").GetProperty("config_path").GetString());
        Assert.Equal("n", info.GetProperty("node").GetProperty("id").GetString());
        JsonDocument.Parse((await GetAsync("/memory")).Body);
        JsonDocument.Parse((await GetAsync("/certs")).Body);
    }

    [Fact]
    public async Task A_connection_carries_several_requests_bodies_are_skipped_and_garbage_is_refused()
    {
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)_server.Address, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            "POST /healthcheck/fail HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcHEAD /help HTTP/1.1\r\n\r\nGARBAGE\r\n\r\n"u8.ToArray(),
            TestContext.Current.CancellationToken);
        var all = await new StreamReader(client.GetStream(), Encoding.ASCII).ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["200 OK", "200 OK", "400 Bad Request"], all.Split("HTTP/1.1 ")[1..].Select(r => r.Split("\r\n")[0]));
        Assert.True(_lifecycle.HealthCheckFailed);
    }

    private async Task<(int Status, string Body)> GetAsync(string path) => await ReadAsync(_http.GetAsync(path, TestContext.Current.CancellationToken));

    private async Task<(int Status, string Body)> PostAsync(string path) =>
        await ReadAsync(_http.PostAsync(path, null, TestContext.Current.CancellationToken));

    private static async Task<(int Status, string Body)> ReadAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
