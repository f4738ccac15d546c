using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Lateen.ControlPlane.Api;
using Lateen.Xds;

namespace Lateen.ControlPlane.Tests;

public sealed class ControlPlaneTests
{
    private const string ReviewsCluster = "outbound|9080||reviews.default.svc.cluster.local";

    private const string Timeout = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews, namespace: default}
        spec:
          hosts: [reviews]
          http:
          - timeout: TIMEOUT
            route: [{destination: {host: reviews}}]
        """;

    [Fact(Timeout = 60_000)]
    public async Task A_proxy_gets_the_configuration_of_the_folder()
    {
        await using var mesh = await Mesh.StartAsync();
        using var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Cluster);
        var clusters = await stream.UntilAsync(TypeUrls.Cluster, _ => true);
        await stream.SubscribeAsync(TypeUrls.Endpoint, ReviewsCluster);
        var endpoints = await stream.UntilAsync(TypeUrls.Endpoint, r => r.Of<ClusterLoadAssignment>()[0].Endpoints.Count > 0);
        await stream.SubscribeAsync(TypeUrls.Listener);
        var listeners = await stream.UntilAsync(TypeUrls.Listener, r => r.Of<Listener>().Any(l => l.Name == "127.77.1.1_9080"));

        Assert.Contains(ReviewsCluster, clusters.Of<Cluster>().Select(c => c.Name));
        Assert.Equal("127.77.1.1", endpoints.Of<ClusterLoadAssignment>()[0].Endpoints[0].LbEndpoints[0].Endpoint.Address.SocketAddress.Address);
        Assert.Contains(listeners.Of<Listener>(), listener => listener.Name.Contains("15080", StringComparison.Ordinal) || listener.Name == "http_proxy");
    }

    [Fact(Timeout = 60_000)]
    public async Task An_edit_is_pushed_to_whom_it_concerns_and_only_its_types()
    {
        await using var mesh = await Mesh.StartAsync(("routing.yaml", Timeout.Replace("TIMEOUT", "1s", StringComparison.Ordinal)));
        using var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Route, "http_proxy");
        await stream.UntilAsync(TypeUrls.Route, r => TimeoutOf(r) == 1);
        await stream.SubscribeAsync(TypeUrls.Endpoint, ReviewsCluster);
        var endpoints = await stream.UntilAsync(TypeUrls.Endpoint, r => r.Of<ClusterLoadAssignment>()[0].Endpoints.Count > 0);

        mesh.Write("routing.yaml", Timeout.Replace("TIMEOUT", "7s", StringComparison.Ordinal));
        await stream.UntilAsync(TypeUrls.Route, r => TimeoutOf(r) == 7);
        await mesh.WriteWorkloadsAsync("reviews-v1-1", "reviews-v1-2");
        var more = await stream.UntilAsync(TypeUrls.Endpoint, r => r.Of<ClusterLoadAssignment>()[0].Endpoints[0].LbEndpoints.Count == 2);

        Assert.NotEqual(endpoints.VersionInfo, more.VersionInfo);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_broken_file_is_told_by_line_and_what_it_said_before_stays()
    {
        await using var mesh = await Mesh.StartAsync(("routing.yaml", Timeout.Replace("TIMEOUT", "1s", StringComparison.Ordinal)));
        Assert.Equal("[]", await mesh.GetAsync("/debug/config_errors"));

        mesh.Write("routing.yaml", Timeout.Replace("TIMEOUT", "soon", StringComparison.Ordinal));
        var problems = JsonSerializer.Deserialize(await mesh.UntilAsync("/debug/config_errors", a => a != "[]"), ApiJson.Default.IReadOnlyListConfigProblem)!;
        using var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Route, "http_proxy");
        Assert.Equal(1, TimeoutOf(await stream.ReceiveAsync()));
        Assert.Equal("error", problems[0].Severity);
        Assert.EndsWith("routing.yaml", problems[0].File, StringComparison.Ordinal);
        Assert.Equal(7, problems[0].Line);

        mesh.Write("routing.yaml", Timeout.Replace("TIMEOUT", "2s", StringComparison.Ordinal));
        await stream.UntilAsync(TypeUrls.Route, r => TimeoutOf(r) == 2);
        await mesh.UntilAsync("/debug/config_errors", a => a == "[]");
    }

    [Fact(Timeout = 60_000)]
    public async Task What_proxies_acknowledge_and_reject_can_be_read()
    {
        await using var mesh = await Mesh.StartAsync();
        using var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Cluster);
        await stream.ReceiveAsync();
        await stream.SubscribeAsync(TypeUrls.Listener);
        await stream.ReceiveAsync(rejectedFor: "Error adding/updating listener(s) x: no");
        var answer = await mesh.UntilAsync("/debug/syncz", a => a.Contains("NACKED", StringComparison.Ordinal));
        var proxy = JsonSerializer.Deserialize(answer, ApiJson.Default.IReadOnlyListProxyStatus)!.Single();

        Assert.Equal(("reviews-v1-1.default", "sidecar", "spiffe://cluster.local/ns/default/sa/bookinfo-reviews"), (proxy.Proxy, proxy.ProxyType, proxy.Identity));
        Assert.Equal(("SYNCED", null), (proxy.Types["CDS"].Status, proxy.Types["CDS"].Error));
        Assert.Equal("Error adding/updating listener(s) x: no", proxy.Types["LDS"].Error);
        var metrics = await mesh.GetAsync("/metrics");
        Assert.Contains("pilot_xds{version=\"", metrics, StringComparison.Ordinal);
        Assert.Contains("pilot_total_xds_rejects{type=\"lds\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("pilot_xds_pushes{type=\"cds\"} ", metrics, StringComparison.Ordinal);
        Assert.Contains("pilot_services 2\n", metrics, StringComparison.Ordinal);
        var streams = JsonSerializer.Deserialize(await mesh.GetAsync("/debug/proxies"), ApiJson.Default.IReadOnlyListProxyConnection)!;
        Assert.Equal(["127.77.1.1"], streams.Single().Addresses);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_proxy_is_served_can_be_dumped_without_its_key()
    {
        await using var mesh = await Mesh.StartAsync();
        using var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Cluster);
        await stream.ReceiveAsync();
        using var secrets = XdsStream.Secrets(mesh, mesh.Token("bookinfo-reviews"));
        await secrets.SubscribeAsync(TypeUrls.Secret, "default", "ROOTCA");
        await secrets.ReceiveAsync();
        using var dump = JsonDocument.Parse(await mesh.GetAsync("/debug/config_dump?proxyID=reviews-v1-1.default"));
        var text = dump.RootElement.GetRawText();

        Assert.Contains($"\"name\": \"{ReviewsCluster}\"", text, StringComparison.Ordinal);
        Assert.Contains("\"inline_bytes\": \"W3JlZGFjdGVkXQ==\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", text, StringComparison.Ordinal);
        var unknown = await mesh.Http.GetAsync(new Uri("/debug/config_dump?proxyID=x", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_port_that_is_taken_is_said_so()
    {
        await using var mesh = await Mesh.StartAsync();
        await mesh.StopControlPlaneAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var error = await Assert.ThrowsAsync<ControlPlaneException>(
            () => ControlPlaneHost.StartAsync(mesh.Options with { ControlPort = port }, TestContext.Current.CancellationToken));

        Assert.Equal($"port {port} of 127.0.0.1 is taken; choose another with --control-port", error.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_second_control_plane_on_the_same_state_is_refused_and_the_first_goes_on()
    {
        await using var mesh = await Mesh.StartAsync();
        var error = await Assert.ThrowsAsync<ControlPlaneException>(() => ControlPlaneHost.StartAsync(mesh.Options, TestContext.Current.CancellationToken));

        Assert.Contains("another control plane", error.Message, StringComparison.Ordinal);
        Assert.Contains("pilot_info{version=", await mesh.GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_folder_that_is_not_there_is_said_so()
    {
        await using var mesh = await Mesh.StartAsync();
        var error = await Assert.ThrowsAsync<ControlPlaneException>(
            () => ControlPlaneHost.StartAsync(mesh.Options with { ConfigFolder = "/no/such/folder" }, TestContext.Current.CancellationToken));
        Assert.Equal("/no/such/folder: no such folder", error.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stopping_leaves_only_keys_behind_and_starting_again_keeps_them()
    {
        await using var mesh = await Mesh.StartAsync();
        var root = await File.ReadAllTextAsync(Path.Combine(mesh.StateFolder, "ca", "ca-cert.pem"), TestContext.Current.CancellationToken);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(mesh.StateFolder, "run", "xds.sock")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(mesh.StateFolder, "control-plane.json")));
        using (var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews")))
        {
            await stream.SubscribeAsync(TypeUrls.Cluster);
            await stream.ReceiveAsync();
            await mesh.StopControlPlaneAsync();
        }

        Assert.False(File.Exists(Path.Combine(mesh.StateFolder, "run", "xds.sock")));
        Assert.Null(StatusFile.Read(mesh.StateFolder));
        await mesh.StartControlPlaneAsync();
        Assert.Equal(root, await File.ReadAllTextAsync(Path.Combine(mesh.StateFolder, "ca", "ca-cert.pem"), TestContext.Current.CancellationToken));
        Assert.NotNull(StatusFile.Read(mesh.StateFolder));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_killed_control_plane_left_behind_does_not_stop_the_next()
    {
        await using var mesh = await Mesh.StartAsync();
        await mesh.StopControlPlaneAsync();
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(mesh.StateFolder, "run", "xds.sock")));
        await File.WriteAllTextAsync(Path.Combine(mesh.StateFolder, "control-plane.json"), "{", TestContext.Current.CancellationToken);
        await mesh.StartControlPlaneAsync();

        using var stream = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Cluster);
        Assert.NotEmpty((await stream.ReceiveAsync()).Resources);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_request_under_a_foreign_name_is_refused()
    {
        await using var mesh = await Mesh.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/debug/syncz") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.BadRequest, (await mesh.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static double TimeoutOf(Envoy.Service.Discovery.V3.DiscoveryResponse response) => response.Of<RouteConfiguration>()
        .SelectMany(routes => routes.VirtualHosts).Where(host => host.Name.StartsWith("reviews", StringComparison.Ordinal))
        .Select(host => host.Routes[0].Route_.Timeout?.ToTimeSpan().TotalSeconds ?? 0).FirstOrDefault();
}
