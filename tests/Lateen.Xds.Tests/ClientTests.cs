using System.Threading.Channels;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Xds.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Xds.Tests;

public sealed class ClientTests : IAsyncDisposable
{
    private readonly FakeControlPlane _controlPlane = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Recorder _handler = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task Each_type_is_first_asked_for_in_the_order_of_subscription_with_the_node_where_it_is_wanted()
    {
        var client = Start(new() { Node = new() { Id = "me" }, SetNodeOnFirstMessageOnly = true }, c =>
        {
            c.Subscribe(TypeUrls.Cluster);
            c.Subscribe(TypeUrls.Listener);
            c.Subscribe(TypeUrls.Route, "b", "a", "b");
            c.Subscribe(TypeUrls.Secret);
        });
        var stream = await _controlPlane.AcceptAsync();
        var requests = new[] { await stream.NextRequestAsync(), await stream.NextRequestAsync(), await stream.NextRequestAsync() };

        Assert.Equal(["CDS", "LDS", "RDS"], requests.Select(r => TypeUrls.ShortName(r.TypeUrl)));
        Assert.Equal(["me", null, null], requests.Select(r => r.Node?.Id));
        Assert.Equal(["a", "b"], requests[2].ResourceNames);
        Assert.All(requests, r => Assert.Equal(("", ""), (r.VersionInfo, r.ResponseNonce)));
        Assert.False(client.Connected);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_response_taken_in_is_acknowledged_with_its_version_and_nonce()
    {
        var client = Start(Subscriptions.Clusters);
        var stream = await _controlPlane.AcceptAsync();
        await stream.NextRequestAsync();
        stream.Respond(TypeUrls.Cluster, "v1", "x", "y");
        var ack = await stream.NextRequestAsync();

        Assert.Equal(("v1", "nonce1", null, "me"), (ack.VersionInfo, ack.ResponseNonce, ack.ErrorDetail, ack.Node.Id));
        Assert.Equal(["x", "y"], (await _handler.NextAsync()).Resources.Select(r => r.Value.ToStringUtf8()));
        var statistics = client.Statistics(TypeUrls.Cluster);
        Assert.Equal((2, 1, 0, "v1"), (statistics.Attempts, statistics.Successes, statistics.Rejections, statistics.VersionText));
        Assert.Equal(_time.GetUtcNow(), statistics.UpdatedAt);
        Assert.True(client.Connected);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_response_refused_is_rejected_once_with_the_version_held_before()
    {
        var client = Start(Subscriptions.Clusters);
        var stream = await _controlPlane.AcceptAsync();
        await stream.NextRequestAsync();
        stream.Respond(TypeUrls.Cluster, "v1");
        await stream.NextRequestAsync();
        _handler.Answer = new string('x', 5000);
        stream.Respond(TypeUrls.Cluster, "v2");
        var nack = await stream.NextRequestAsync();
        _handler.Answer = null;
        stream.Respond(TypeUrls.Cluster, "v3");
        var ack = await stream.NextRequestAsync();

        Assert.Equal(("v1", "nonce2", 13), (nack.VersionInfo, nack.ResponseNonce, nack.ErrorDetail.Code));
        Assert.Equal(new string('x', 4096) + "...(truncated)", nack.ErrorDetail.Message);
        Assert.Equal(("v3", "nonce3", null), (ack.VersionInfo, ack.ResponseNonce, ack.ErrorDetail));
        Assert.Equal((1, null), (client.Statistics(TypeUrls.Cluster).Rejections, client.Statistics(TypeUrls.Cluster).LastError));
    }

    [Fact(Timeout = 60_000)]
    public async Task Names_that_change_with_a_rejection_follow_it()
    {
        var client = Start(c => c.Subscribe(TypeUrls.Route, "a"));
        _handler.OnResponse = () => client.Subscribe(TypeUrls.Route, "a", "b");
        _handler.Answer = "bad";
        var stream = await _controlPlane.AcceptAsync();
        await stream.NextRequestAsync();
        stream.Respond(TypeUrls.Route, "v1", "a");
        var nack = await stream.NextRequestAsync();
        var names = await stream.NextRequestAsync();

        Assert.Equal(("bad", "nonce1"), (nack.ErrorDetail.Message, nack.ResponseNonce));
        Assert.Equal(["a"], nack.ResourceNames);
        Assert.Equal((null, "nonce1", ""), (names.ErrorDetail, names.ResponseNonce, names.VersionInfo));
        Assert.Equal(["a", "b"], names.ResourceNames);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_subscribed_to_while_a_response_is_handled_goes_out_as_one_request()
    {
        var client = Start(Subscriptions.Clusters);
        _handler.OnResponse = () =>
        {
            client.Subscribe(TypeUrls.Endpoint, "a");
            client.Subscribe(TypeUrls.Endpoint, "a", "b");
        };
        var stream = await _controlPlane.AcceptAsync();
        await stream.NextRequestAsync();
        stream.Respond(TypeUrls.Cluster, "v1");
        var requests = new[] { await stream.NextRequestAsync(), await stream.NextRequestAsync() };

        Assert.Equal(["CDS", "EDS"], requests.Select(r => TypeUrls.ShortName(r.TypeUrl)));
        Assert.Equal(["a", "b"], requests[1].ResourceNames);
    }

    [Fact(Timeout = 60_000)]
    public async Task Versions_outlive_a_stream_nonces_do_not_and_what_is_not_wanted_any_more_is_not_asked_for()
    {
        var client = Start(c =>
        {
            c.Subscribe(TypeUrls.Cluster);
            c.Subscribe(TypeUrls.Route, "a");
        });
        var first = await _controlPlane.AcceptAsync();
        await first.NextRequestAsync();
        await first.NextRequestAsync();
        first.Respond(TypeUrls.Cluster, "v1");
        await first.NextRequestAsync();
        client.Subscribe(TypeUrls.Route);
        Assert.Empty((await first.NextRequestAsync()).ResourceNames);
        first.Break();
        var second = await ReconnectAsync();
        var request = await second.NextRequestAsync();
        second.Respond(TypeUrls.Cluster, "v2");
        var ack = await second.NextRequestAsync();

        Assert.Equal(("CDS", "v1", "", "me"), (TypeUrls.ShortName(request.TypeUrl), request.VersionInfo, request.ResponseNonce, request.Node.Id));
        Assert.Equal(("CDS", "v2"), (TypeUrls.ShortName(ack.TypeUrl), ack.VersionInfo));
        Assert.Equal(1, client.Statistics(TypeUrls.Cluster).Failures);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_paused_type_acknowledges_when_it_is_resumed()
    {
        var client = Start(c =>
        {
            c.Subscribe(TypeUrls.Cluster);
            c.Subscribe(TypeUrls.Endpoint, "a");
        });
        var stream = await _controlPlane.AcceptAsync();
        await stream.NextRequestAsync();
        await stream.NextRequestAsync();
        var warming = client.Pause(TypeUrls.Cluster);
        stream.Respond(TypeUrls.Cluster, "v1");
        stream.Respond(TypeUrls.Endpoint, "v1", "a");
        var first = await stream.NextRequestAsync();
        warming.Dispose();
        warming.Dispose();
        var second = await stream.NextRequestAsync();

        Assert.Equal(["EDS", "CDS"], new[] { first, second }.Select(r => TypeUrls.ShortName(r.TypeUrl)));
    }

    [Fact(Timeout = 60_000)]
    public async Task Garbage_is_rejected_or_ignored_and_the_stream_goes_on()
    {
        Start(c => c.Subscribe(TypeUrls.Cluster));
        var stream = await _controlPlane.AcceptAsync();
        await stream.NextRequestAsync();
        stream.Respond("type.googleapis.com/no.such.Type", "v1", "?");
        stream.Respond(Response(new Any { TypeUrl = TypeUrls.Listener }));
        var mismatch = await stream.NextRequestAsync();
        stream.Respond(Response(new Any { TypeUrl = TypeUrls.Resource, Value = ByteString.CopyFromUtf8("\u00ff\u00ff") }));
        var malformed = await stream.NextRequestAsync();
        _handler.OnResponse = () => throw new InvalidOperationException("handler broke");
        stream.Respond(Response());
        var broken = await stream.NextRequestAsync();
        _handler.OnResponse = null;
        stream.Respond(Response(new Any { TypeUrl = TypeUrls.Resource, Value = new Resource { Resource_ = new() { TypeUrl = TypeUrls.Cluster } }.ToByteString() }));
        var accepted = await stream.NextRequestAsync();

        Assert.Contains("does not match", mismatch.ErrorDetail.Message, StringComparison.Ordinal);
        Assert.NotEmpty(malformed.ErrorDetail.Message);
        Assert.Equal("handler broke", broken.ErrorDetail.Message);
        Assert.Equal(("n", "v", null), (accepted.ResponseNonce, accepted.VersionInfo, accepted.ErrorDetail));

        static DiscoveryResponse Response(params Any[] resources) => new() { TypeUrl = TypeUrls.Cluster, VersionInfo = "v", Nonce = "n", Resources = { resources } };
    }

    [Fact(Timeout = 60_000)]
    public async Task Secrets_have_a_method_of_their_own()
    {
        Start(new() { Node = new() { Id = "me" }, Method = DiscoveryMethod.Secrets }, c => c.Subscribe(TypeUrls.Secret, "default"));
        var stream = await _controlPlane.AcceptAsync();

        Assert.Equal(["default"], (await stream.NextRequestAsync()).ResourceNames);
        Assert.Equal(["/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets"], _controlPlane.Methods);
    }

    [Fact]
    public void Back_off_doubles_up_to_its_bound_and_starts_again()
    {
        var backOff = new BackOff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30), new Largest());
        var delays = Enumerable.Range(0, 8).Select(_ => Math.Round(backOff.Next().TotalSeconds, 3)).ToArray();
        backOff.Reset();

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30], delays);
        Assert.Equal(0.5, Math.Round(backOff.Next().TotalSeconds, 3));
    }

    private AdsClient Start(Action<AdsClient> subscribe) => Start(new() { Node = new() { Id = "me" } }, subscribe);

    private AdsClient Start(AdsClientOptions options, Action<AdsClient> subscribe)
    {
        var client = new AdsClient(_controlPlane, options, _handler, _time, new Random(1), NullLogger.Instance);
        subscribe(client);
        _running = client.RunAsync(_stop.Token);
        return client;
    }

    /// <summary>Lets the clock run until the client has backed off.</summary>
    private async Task<FakeStream> ReconnectAsync()
    {
        var accepted = _controlPlane.AcceptAsync().AsTask();
        while (!accepted.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await accepted;
    }

    private static class Subscriptions
    {
        public static void Clusters(AdsClient client) => client.Subscribe(TypeUrls.Cluster);
    }

    private sealed class Largest : Random
    {
        public override double NextDouble() => 1;
    }

    private sealed class Recorder : IResourceHandler
    {
        private readonly Channel<ResourceResponse> _responses = Channel.CreateUnbounded<ResourceResponse>();

        public string? Answer { get; set; }

        public Action? OnResponse { get; set; }

        public ValueTask<ResourceResponse> NextAsync() => _responses.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public ValueTask<string?> HandleAsync(ResourceResponse response, CancellationToken cancellationToken)
        {
            OnResponse?.Invoke();
            _responses.Writer.TryWrite(response);
            return new(Answer);
        }
    }
}
