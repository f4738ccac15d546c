using System.Runtime.CompilerServices;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Routing;
using Lateen.Proxy.Upstream;

namespace Lateen.Proxy.Http.Router;

/// <summary>
/// One request's way to its cluster and back: attempts with their timeouts, retries, and the relay of the response. Reused for every
/// exchange of its <see cref="ServerExchange"/>.
/// </summary>
internal sealed partial class UpstreamRequest
{
    private const long DefaultBufferLimit = 1024 * 1024;

    private readonly RouterFilter _router;
    private readonly ServerExchange _server;
    private readonly HttpExchange _exchange;
    private readonly RequestRelay _relay;
    private readonly RetryState _retry = new();
    private readonly List<Host> _attempted = [];
    private readonly PendingStream _pending = new();
    private readonly LoopOperation _backOff = new();
    private readonly Action _requestCompleted;
    private RouteEntry _route = null!;
    private ForwardAction _forward = null!;
    private Cluster _cluster = null!;
    private PriorityLimits? _limits;
    private RequestTimeouts _timeouts;
    private ClientStream? _stream;
    private Host? _host;
    private LocalReply? _failure;
    private string? _affinityCookie;
    private long _attemptStart;
    private bool _informationalSent;
    private bool _responseStarted;
    private bool _responseComplete;

    public UpstreamRequest(RouterFilter router, ServerExchange server)
    {
        _router = router;
        _server = server;
        _exchange = server.Exchange;
        _relay = new RequestRelay(server);
        _requestCompleted = StartTimers;
    }

    private enum Outcome
    {
        // The response went to the client, or the client went away.
        Done,

        // Try again after the back-off.
        Retry,

        // Answer with _failure.
        Failed,
    }

    /// <summary>Answers the exchange.</summary>
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    public async ValueTask RunAsync()
    {
        if (Resolve() is { } reply)
        {
            await _server.ReplyAsync(reply);
            return;
        }

        Begin();
        Outcome outcome;
        while ((outcome = await AttemptAsync()) == Outcome.Retry)
        {
            await BackOffAsync();
            if (_exchange.IsAborted || _totalTimedOut || _relay.IsExceeded)
            {
                outcome = Interrupted();
                break;
            }
        }

        if (outcome == Outcome.Failed && !_exchange.IsAborted)
        {
            StopTimers();
            await _server.ReplyAsync(_failure!);
        }
    }

    /// <summary>Nothing of the request is read or sent after this.</summary>
    public ValueTask FinishAsync()
    {
        StopTimers();
        if (_stream is not null && !(_responseComplete && _relay.IsSent))
        {
            _stream.Reset(StreamResetReason.LocalReset);
        }

        return _relay.FinishAsync();
    }

    /// <summary>The response's head and trailers are not needed any more.</summary>
    public void Release()
    {
        ReleaseStream();
        _retry.End(_limits);
        _limits = null;
        _attempted.Clear();
        _host = null;
        _failure = null;
    }

    // The reply when the route does not lead to a cluster.
    private LocalReply? Resolve()
    {
        _router.Stats.Requests.Increment();
        if (_exchange.Route is not { } route)
        {
            _router.Stats.NoRoute.Increment();
            return UpstreamFailures.RouteNotFound;
        }

        if (route.Redirect is { } redirect)
        {
            _router.Stats.Redirects.Increment();
            var location = redirect.BuildRedirectLocation(_exchange.Request, route);
            return Direct(redirect.Status, default, headers => headers.Set(HeaderNames.Location, location));
        }

        if (route.DirectResponse is { } direct)
        {
            _router.Stats.DirectResponses.Increment();
            return Direct(direct.Status, direct.Body, null);
        }

        if (route.Forward is not { } forward)
        {
            _router.Stats.NoRoute.Increment();
            return UpstreamFailures.RouteNotFound;
        }

        if (_exchange.Cluster is null)
        {
            _router.Stats.NoCluster.Increment();
            return UpstreamFailures.ClusterNotFound(forward.ClusterNotFoundStatus);
        }

        (_route, _forward, _cluster) = (route, forward, _exchange.Cluster);
        return _cluster.DropOverload is { } drop && drop.Share.Contains((ulong)_exchange.Loop.Random.NextInt64())
            ? UpstreamFailures.DropOverload
            : null;
    }

    private static LocalReply Direct(int status, ReadOnlyMemory<byte> body, Action<HeaderMap>? modify) =>
        new(status, "", "direct_response") { BodyBytes = body, ModifyHeaders = modify };

    private void Begin()
    {
        _limits = _cluster.CircuitBreakers.For(_forward.Priority);
        _failure = null;
        _affinityCookie = null;
        _informationalSent = _responseStarted = _responseComplete = false;
        _totalTimedOut = _perTryTimedOut = _perTryIdle = _livedTooLong = false;
        var headers = _exchange.Request.Headers;
        _timeouts = RequestTimeouts.Take(headers, _forward, _exchange.Request.IsGrpc, _router.Options.RespectExpectedTimeout);
        _retry.Begin(_exchange, _forward.Retry);
        _route.FinalizeRequestHeaders(_exchange, keepOriginals: !_router.Options.SuppressEnvoyHeaders);
        var limit = _forward.BufferLimit ?? _route.VirtualHost.Configuration.PerRequestBufferLimitBytes ?? DefaultBufferLimit;
        _relay.Begin(_retry.IsEnabled && !_exchange.IsUpgrade, limit);
        _exchange.AbortCallback = static self => ((UpstreamRequest)self!).Interrupt();
        _exchange.AbortState = this;
        if (_forward.Timeouts.HasIdle)
        {
            _server.UseIdleTimeout(_forward.Timeouts.Idle ?? TimeSpan.Zero);
        }

        if (_timeouts.MaxStreamDuration is { } life)
        {
            _server.UseMaxDuration(life);
        }

        if (_server.IsRequestComplete)
        {
            StartTimers();
        }
        else
        {
            _server.RequestCompleted = _requestCompleted;
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<Outcome> AttemptAsync()
    {
        if (Pick() is not { } host)
        {
            return Fail(UpstreamFailures.NoHealthyUpstream);
        }

        PrepareAttempt(host);
        try
        {
            var acquired = HostPools
                .Get(host, _exchange.Loop, _router.Connector, _forward.Priority, new UpstreamTlsOverride(_exchange.UpstreamAlpn, ServerName()))
                .AcquireAsync(_pending);
            _stream = await acquired;
        }
        catch (StreamResetException e)
        {
            return AttemptFailed(e.Reason, e.Details, connecting: true);
        }

        _exchange.Upstream = _stream.Transport.Info;
        StartLife();
        _cluster.Outliers?.Report(host, LocalOriginEvent.ConnectSuccess);
        StartPerTry();
        ResponseHead head;
        try
        {
            await _relay.StartAsync(_stream);
            head = await ReadHeadAsync(_stream);
        }
        catch (StreamResetException e)
        {
            await EndAttemptAsync();
            return AttemptFailed(e.Reason, e.Details, connecting: false);
        }

        if (Judge(head) == RetryVerdict.Yes)
        {
            await EndAttemptAsync();
            return Outcome.Retry;
        }

        await DeliverAsync(_stream, head);
        return Outcome.Done;
    }

    private Host? Pick()
    {
        ulong? hash = null;
        if (_forward.HashPolicy is { } policy)
        {
            hash = policy.Compute(_exchange, out var cookie);
            _affinityCookie ??= cookie;
        }

        return _cluster.Pick(new LoadBalancerContext
        {
            Random = _exchange.Loop.Random,
            Hash = hash,
            Retry = _attempted.Count > 0 ? _retry.Policy : null,
            Attempted = _attempted.Count > 0 ? _attempted : null,
            MetadataMatch = _exchange.WeightedCluster?.MetadataMatch ?? _forward.MetadataMatch,
            Downstream = _exchange.Downstream,
            RequestHeaders = _exchange.Request.Headers,
        });
    }

    private void PrepareAttempt(Host host)
    {
        _host = host;
        _attempted.Add(host);
        _exchange.UpstreamHost = host;
        _exchange.UpstreamAttempts++;
        _attemptStart = _exchange.Loop.Time.GetTimestamp();
        _perTryTimedOut = _perTryIdle = false;
        _route.RewriteHostFor(_exchange, host);
        var headers = _exchange.Request.Headers;
        if (_route.VirtualHost.IncludeRequestAttemptCount)
        {
            headers.Set(HeaderNames.EnvoyAttemptCount, _exchange.UpstreamAttempts);
        }

        if (!_router.Options.SuppressEnvoyHeaders)
        {
            _timeouts.TellUpstream(headers, _exchange.UpstreamAttempts > 1 ? SinceComplete() : TimeSpan.Zero);
        }
    }

    // auto_sni: the request's host, without port, unless it is an address.
    private string? ServerName()
    {
        if (!_cluster.Model.Http.AutoSni)
        {
            return null;
        }

        var name = _cluster.Model.Http.AutoSniHeader is { Length: > 0 } header
            ? _exchange.Request.Headers.GetString(HeaderName.Of(header))
            : _exchange.Request.Headers.GetString(HeaderNames.Authority);
        if (name is null)
        {
            return null;
        }

        var colon = name.LastIndexOf(':');
        var host = colon > name.LastIndexOf(']') ? name[..colon] : name;
        return System.Net.IPAddress.TryParse(host, out _) ? null : host;
    }

    // Informational heads on their way: the first of 100, 102, 103 and 104 goes to the client, the others do not.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<ResponseHead> ReadHeadAsync(ClientStream stream)
    {
        while (true)
        {
            var head = await stream.ReadHeadAsync();
            StartPerTryIdle();
            if (head.Status >= 200 || head.Status == 101 && _exchange.IsUpgrade)
            {
                return head;
            }

            if (head.Status == 101)
            {
                throw new StreamResetException(StreamResetReason.ProtocolError);
            }

            if (!_informationalSent && head.Status is 100 or 102 or 103 or 104)
            {
                _informationalSent = true;
                await _server.SendInformationalAsync(head);
            }
        }
    }

    // The attempt's stream is given up, unless its connection can go on.
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask EndAttemptAsync()
    {
        if (_stream is not { } stream)
        {
            return;
        }

        _life?.Stop();
        if (!_relay.IsSent || !stream.ResponseHasNoBody)
        {
            stream.Reset(StreamResetReason.LocalReset);
        }

        await _relay.DetachAsync();
        ReleaseStream();
    }

    private void ReleaseStream()
    {
        var stream = _stream;
        _stream = null;
        stream?.Release();
    }

    private TimeSpan SinceComplete() => _exchange.Times.RequestEnd > 0 ? _exchange.Loop.Time.GetElapsedTime(_exchange.Times.RequestEnd) : default;
}
