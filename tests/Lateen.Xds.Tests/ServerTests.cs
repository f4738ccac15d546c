using Grpc.Core;
using Lateen.Xds.Server;

namespace Lateen.Xds.Tests;

public sealed class ServerTests : IAsyncLifetime
{
    private readonly string _socket = Unix.NewSocketPath();
    private XdsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await XdsHost.StartAsync(_socket);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_socket)!, recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_push_goes_out_in_the_order_that_breaks_nothing()
    {
        _host.Server.Publish(Generator("1"), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        string[] subscribed = [TypeUrls.Secret, TypeUrls.Route, TypeUrls.Listener, TypeUrls.Endpoint, TypeUrls.Cluster];
        foreach (var type in subscribed)
        {
            await client.SubscribeAsync(type, TypeUrls.IsWildcard(type) ? [] : ["x"]);
            await client.AckAsync(await client.ReceiveAsync(), TypeUrls.IsWildcard(type) ? [] : ["x"]);
        }

        // Subscribing to clusters had the endpoints answered again, see below; no other answer is outstanding then.
        await client.AckAsync(await ReceiveEndpointsAgain(client), "x");
        _host.Server.Publish(Generator("2"), _ => PushScope.Everything);

        var order = new List<string>();
        for (var i = 0; i < subscribed.Length; i++)
            order.Add(TypeUrls.ShortName((await client.ReceiveAsync()).TypeUrl));
        Assert.Equal(["CDS", "EDS", "LDS", "RDS", "SDS"], order);
    }

    [Fact(Timeout = 60_000)]
    public async Task Only_what_is_in_scope_and_watched_is_pushed()
    {
        _host.Server.Publish(Generator("1"), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        await client.SubscribeAsync(TypeUrls.Endpoint, "x", "y");
        await client.AckAsync(await client.ReceiveAsync(), "x", "y");
        await client.SubscribeAsync(TypeUrls.Listener);
        await client.AckAsync(await client.ReceiveAsync());

        _host.Server.Publish(Generator("2"), _ => PushScope.Resources(TypeUrls.Endpoint, ["unwatched"]));
        _host.Server.Publish(Generator("3"), _ => PushScope.Resources(TypeUrls.Endpoint, ["y", "unwatched"]));

        var pushed = await client.ReceiveAsync();
        Assert.Equal(TypeUrls.Endpoint, pushed.TypeUrl);
        Assert.Equal(["y=3"], pushed.Resources.Select(r => r.Value.ToStringUtf8()));
    }

    [Fact(Timeout = 60_000)]
    public async Task Added_names_are_answered_alone_and_removed_names_not_at_all()
    {
        var generator = Generator("1");
        _host.Server.Publish(generator, _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        await client.SubscribeAsync(TypeUrls.Route, "x");
        var first = await client.ReceiveAsync();
        await client.AckAsync(first, "x", "y");
        var second = await client.ReceiveAsync();
        await client.AckAsync(second, "y");
        await client.SubscribeAsync(TypeUrls.Secret, "x");

        Assert.Equal(["y=1"], second.Resources.Select(r => r.Value.ToStringUtf8()));
        Assert.Equal(TypeUrls.Secret, (await client.ReceiveAsync()).TypeUrl);
        Assert.Equal(["x", "y", "x"], generator.Queries.Select(q => q.Names));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_rejection_is_remembered_until_something_newer_is_sent()
    {
        _host.Server.Publish(Generator("1"), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        await client.SubscribeAsync(TypeUrls.Cluster);
        await client.NackAsync(await client.ReceiveAsync(), "no such thing");
        // Requests are worked off in order: after this answer the rejection is recorded.
        await client.SubscribeAsync(TypeUrls.Secret, "x");
        await client.ReceiveAsync();

        var clusters = _host.Server.Connections.Single().Types[0];
        Assert.Equal((SyncState.Nacked, "no such thing"), (clusters.State, clusters.Error));

        _host.Server.Publish(Generator("2"), _ => PushScope.Types(TypeUrls.Cluster));
        var better = await client.ReceiveAsync();
        Assert.Equal(SyncState.Stale, _host.Server.Connections.Single().Types[0].State);
        await client.AckAsync(better);
        await client.SubscribeAsync(TypeUrls.Route, "x");
        await client.ReceiveAsync();

        clusters = _host.Server.Connections.Single().Types[0];
        Assert.Equal((SyncState.Synced, null, better.VersionInfo), (clusters.State, clusters.Error, clusters.VersionAcked));
    }

    [Fact(Timeout = 60_000)]
    public async Task After_a_reconnect_with_clusters_last_the_endpoints_are_answered_once_more()
    {
        _host.Server.Publish(Generator("1"), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        await client.SubscribeAsync(TypeUrls.Endpoint, "x");
        var endpoints = await client.ReceiveAsync();
        await client.SubscribeAsync(TypeUrls.Cluster);
        await client.ReceiveAsync();
        await client.AckAsync(endpoints, "x");

        Assert.Equal(["x=1"], (await client.ReceiveAsync()).Resources.Select(r => r.Value.ToStringUtf8()));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_client_that_does_not_read_holds_up_nobody()
    {
        var large = new string('x', 1 << 20);
        _host.Server.Publish(Generator(large), _ => PushScope.Everything);
        using var slow = new RawClient(_socket, "slow");
        using var quick = new RawClient(_socket, "quick");
        await slow.SubscribeAsync(TypeUrls.Cluster);
        await quick.SubscribeAsync(TypeUrls.Cluster);
        await quick.ReceiveAsync();
        var merged = new TableGenerator((TypeUrls.Cluster, "last", ""));
        for (var i = 0; i < 20; i++)
            _host.Server.Publish(i < 19 ? Generator(large + i) : merged, _ => PushScope.Everything);

        while (!(await quick.ReceiveAsync()).Resources[0].Value.ToStringUtf8().StartsWith("last", StringComparison.Ordinal))
        {
        }

        var received = 0;
        while (!(await slow.ReceiveAsync()).Resources[0].Value.ToStringUtf8().StartsWith("last", StringComparison.Ordinal))
            received++;
        Assert.True(received < 20, $"{received} pushes were sent to a client that did not read");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_generator_that_throws_for_one_type_leaves_the_stream_open()
    {
        _host.Server.Publish(new Broken(), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        await client.SubscribeAsync(TypeUrls.Cluster);
        await client.SubscribeAsync(TypeUrls.Listener);

        Assert.Equal(TypeUrls.Listener, (await client.ReceiveAsync()).TypeUrl);
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_is_not_admitted_gets_the_admissions_status()
    {
        _host.Server.Publish(Generator("1"), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "stranger");
        await client.SubscribeAsync(TypeUrls.Cluster);

        var error = await Assert.ThrowsAsync<RpcException>(client.ReceiveAsync);
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Before_anything_is_published_and_after_stopping_the_server_is_unavailable()
    {
        using (var early = new RawClient(_socket, "a"))
            Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(early.ReceiveAsync)).StatusCode);

        _host.Server.Publish(Generator("1"), _ => PushScope.Everything);
        using var client = new RawClient(_socket, "a");
        await client.SubscribeAsync(TypeUrls.Cluster);
        await client.ReceiveAsync();
        _host.Server.Stop();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(client.ReceiveAsync)).StatusCode);
        Assert.Empty(_host.Server.Connections);
    }

    private static TableGenerator Generator(string content) => new(
        [.. TypeUrls.PushOrder.SelectMany(type => new[] { (type, "x", content), (type, "y", content) })]);

    private static async Task<Envoy.Service.Discovery.V3.DiscoveryResponse> ReceiveEndpointsAgain(RawClient client)
    {
        // The acknowledgement of the endpoints came before the clusters were subscribed to: any further one is answered.
        await client.SubscribeAsync(TypeUrls.Endpoint, "x");
        return await client.ReceiveAsync();
    }

    private sealed class Broken : IResourceGenerator<string>
    {
        public IReadOnlyList<Google.Protobuf.WellKnownTypes.Any>? Generate(string client, ResourceQuery query) =>
            query.TypeUrl == TypeUrls.Cluster ? throw new InvalidOperationException("broken") : [];
    }
}
