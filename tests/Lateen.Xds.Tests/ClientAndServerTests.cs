using System.Threading.Channels;
using Lateen.Xds.Client;
using Lateen.Xds.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Xds.Tests;

public sealed class ClientAndServerTests : IResourceHandler, IAsyncDisposable
{
    private readonly string _socket = Unix.NewSocketPath();
    private readonly Channel<ResourceResponse> _received = Channel.CreateUnbounded<ResourceResponse>();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        Directory.Delete(Path.GetDirectoryName(_socket)!, recursive: true);
    }

    public ValueTask<string?> HandleAsync(ResourceResponse response, CancellationToken cancellationToken)
    {
        _received.Writer.TryWrite(response);
        return new(response.Resources.Any(r => r.Value.ToStringUtf8().EndsWith("bad", StringComparison.Ordinal)) ? "bad resource" : null);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_published_arrives_and_both_sides_agree_on_it()
    {
        await using var host = await XdsHost.StartAsync(_socket);
        host.Server.Publish(new TableGenerator((TypeUrls.Listener, "l", "good")), _ => PushScope.Everything);
        var client = Start();
        client.Subscribe(TypeUrls.Listener);
        await NextAsync();
        await UntilAsync(() => State(host) == SyncState.Synced);
        host.Server.Publish(new TableGenerator((TypeUrls.Listener, "l", "bad")), _ => PushScope.Everything);
        await NextAsync();
        await UntilAsync(() => State(host) == SyncState.Nacked);

        Assert.Equal("bad resource", host.Server.Connections[0].Types[0].Error);
        Assert.Equal((1, 1), (client.Statistics(TypeUrls.Listener).Successes, client.Statistics(TypeUrls.Listener).Rejections));
        Assert.Equal("test-control-plane", client.ControlPlaneIdentifier);
        Assert.EndsWith("/1", client.Statistics(TypeUrls.Listener).VersionText, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_comes_back_is_found_again()
    {
        var client = Start();
        client.Subscribe(TypeUrls.Listener);
        await using (var first = await XdsHost.StartAsync(_socket))
        {
            first.Server.Publish(new TableGenerator((TypeUrls.Listener, "l", "1")), _ => PushScope.Everything);
            await NextAsync();
            await UntilAsync(() => client.Connected);
        }

        await UntilAsync(() => !client.Connected);
        await using var second = await XdsHost.StartAsync(_socket);
        second.Server.Publish(new TableGenerator((TypeUrls.Listener, "l", "2")), _ => PushScope.Everything);
        Assert.Equal("l=2", (await NextAsync()).Resources.Single().Value.ToStringUtf8());
        await UntilAsync(() => State(second) == SyncState.Synced);
        Assert.InRange(client.Statistics(TypeUrls.Listener).Failures, 1, long.MaxValue);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_talks_garbage_is_tried_again()
    {
        var client = Start();
        client.Subscribe(TypeUrls.Listener);
        await using (var garbage = await StartGarbageAsync())
            await UntilAsync(() => client.Statistics(TypeUrls.Listener).Failures >= 3);

        await using var host = await XdsHost.StartAsync(_socket);
        host.Server.Publish(new TableGenerator((TypeUrls.Listener, "l", "1")), _ => PushScope.Everything);
        Assert.Equal("l=1", (await NextAsync()).Resources.Single().Value.ToStringUtf8());
    }

    private AdsClient Start()
    {
        var options = new AdsClientOptions
        {
            Node = new() { Id = "sidecar~127.0.0.1~a.default~default.svc.cluster.local" },
            BackOffBase = TimeSpan.FromMilliseconds(5),
            BackOffMax = TimeSpan.FromMilliseconds(50),
        };
        var channel = Unix.Channel(_socket);
        var client = new AdsClient(channel.CreateCallInvoker(), options, this, TimeProvider.System, new Random(1), NullLogger.Instance);
        _running = Task.Run(async () =>
        {
            using (channel)
                await client.RunAsync(_stop.Token);
        });
        return client;
    }

    private async Task<WebApplication> StartGarbageAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(_socket, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff }, context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private ValueTask<ResourceResponse> NextAsync() => _received.Reader.ReadAsync(TestContext.Current.CancellationToken);

    private static SyncState State(XdsHost host) =>
        host.Server.Connections is [{ Types: [var listeners] }] ? listeners.State : SyncState.NotSent;

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
