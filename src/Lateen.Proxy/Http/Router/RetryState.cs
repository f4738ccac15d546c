using System.Buffers.Text;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Matching;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Http.Router;

/// <summary>What became of the wish to retry.</summary>
internal enum RetryVerdict
{
    /// <summary>Nothing asks for a retry: deliver what there is.</summary>
    No,

    /// <summary>Try again after the back-off.</summary>
    Yes,

    /// <summary>The retries are used up (flag URX).</summary>
    LimitExceeded,

    /// <summary>The circuit breaker for retries is full (flag UO).</summary>
    Overflow,
}

/// <summary>How an attempt failed, where the failure was no response.</summary>
/// <param name="Reason">The reset's reason; <see cref="StreamResetReason.Timeout"/> for a per-try timeout.</param>
/// <param name="BeforeRequest">True when no byte of the request went to any upstream.</param>
internal readonly record struct AttemptFailure(StreamResetReason Reason, bool BeforeRequest);

/// <summary>
/// Decides on retries of one request: the route's policy with what the request's headers add (Envoy: RetryStateImpl). Reused.
/// </summary>
internal sealed class RetryState
{
    private readonly List<int> _extraStatusCodes = [];
    private readonly List<HeaderName> _extraHeaders = [];
    private RetryPolicy? _policy;
    private RetryOn _on;
    private int _left;
    private int _retries;
    private bool _holdsRetry;
    private Random _random = null!;
    private TimeProvider _time = null!;

    /// <summary>True when some failure of this request may be retried.</summary>
    public bool IsEnabled => _on != RetryOn.None && _left > 0;

    /// <summary>The policy, for host predicates.</summary>
    public RetryPolicy? Policy => _policy;

    /// <summary>How long to wait before the retry that was granted last.</summary>
    public TimeSpan BackOff { get; private set; }

    /// <summary>True when the host said how long to wait.</summary>
    public bool BackOffIsHosts { get; private set; }

    /// <summary>Begins a request; the headers that concern retries are read and removed.</summary>
    public void Begin(HttpExchange exchange, RetryPolicy? policy)
    {
        _policy = policy;
        _random = exchange.Loop.Random;
        _time = exchange.Loop.Time;
        _retries = 0;
        _holdsRetry = false;
        _extraStatusCodes.Clear();
        _extraHeaders.Clear();
        _on = policy?.On ?? RetryOn.None;
        _left = policy?.MaxRetries ?? 1;
        TakeHeaders(exchange.Request.Headers);
        if (policy is { RetriableRequestHeaders.Length: > 0 } && !AnyMatches(policy.RetriableRequestHeaders, exchange.Request.Headers))
        {
            _on = RetryOn.None;
        }
    }

    /// <summary>A response's head arrived: is it to be thrown away and the request tried again?</summary>
    public RetryVerdict OnResponse(ResponseHead head, PriorityLimits limits)
    {
        ReleaseRetry(limits);
        if (_on == RetryOn.None || !Wants(head))
        {
            return RetryVerdict.No;
        }

        var verdict = Grant(limits);
        if (verdict == RetryVerdict.Yes && HostsPause(head.Headers) is { } pause)
        {
            // Full jitter above what the host asked for (Envoy: rate limited retry back-off).
            BackOff = pause + pause * 0.5 * _random.NextDouble();
            BackOffIsHosts = true;
        }

        return verdict;
    }

    /// <summary>An attempt failed without a response.</summary>
    public RetryVerdict OnFailure(AttemptFailure failure, PriorityLimits limits)
    {
        ReleaseRetry(limits);
        return _on != RetryOn.None && Wants(failure) ? Grant(limits) : RetryVerdict.No;
    }

    /// <summary>The request is over.</summary>
    public void End(PriorityLimits? limits)
    {
        if (limits is not null)
        {
            ReleaseRetry(limits);
        }

        _policy = null;
        _on = RetryOn.None;
    }

    private void TakeHeaders(HeaderMap headers)
    {
        if (headers.Contains(HeaderNames.EnvoyRetryOn))
        {
            _on |= RetryPolicy.ParseRetryOn(headers.GetString(HeaderNames.EnvoyRetryOn));
            headers.Remove(HeaderNames.EnvoyRetryOn);
        }

        if (headers.Contains(HeaderNames.EnvoyRetryGrpcOn))
        {
            _on |= RetryPolicy.ParseRetryOn(headers.GetString(HeaderNames.EnvoyRetryGrpcOn));
            headers.Remove(HeaderNames.EnvoyRetryGrpcOn);
        }

        if (headers.TryGet(HeaderNames.EnvoyMaxRetries, out var count))
        {
            if (Utf8Parser.TryParse(count, out int retries, out var used) && used == count.Length && retries >= 0)
            {
                _left = retries;
            }

            headers.Remove(HeaderNames.EnvoyMaxRetries);
        }

        if (headers.GetString(HeaderNames.EnvoyRetriableStatusCodes) is { } codes)
        {
            foreach (var code in codes.Split(',', StringSplitOptions.TrimEntries))
            {
                if (int.TryParse(code, out var status))
                {
                    _extraStatusCodes.Add(status);
                }
            }

            headers.Remove(HeaderNames.EnvoyRetriableStatusCodes);
        }

        if (headers.GetString(HeaderNames.EnvoyRetriableHeaderNames) is { } names)
        {
            foreach (var name in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                _extraHeaders.Add(HeaderName.Of(name));
            }

            headers.Remove(HeaderNames.EnvoyRetriableHeaderNames);
        }

        headers.Remove(HeaderNames.EnvoyHedgeOnPerTryTimeout);
    }

    private bool Wants(ResponseHead head)
    {
        // A rate-limited answer is only ever retried by its own condition.
        if (head.Headers.Contains(HeaderNames.EnvoyRateLimited))
        {
            return _on.HasFlag(RetryOn.EnvoyRateLimited);
        }

        var status = head.Status;
        if (_on.HasFlag(RetryOn.ServerError) && status >= 500
            || _on.HasFlag(RetryOn.GatewayError) && status is >= 502 and <= 504
            || _on.HasFlag(RetryOn.Retriable4xx) && status == 409)
        {
            return true;
        }

        if (_on.HasFlag(RetryOn.RetriableStatusCodes)
            && (_extraStatusCodes.Contains(status) || _policy is not null && Contains(_policy.RetriableStatusCodes, status)))
        {
            return true;
        }

        return _on.HasFlag(RetryOn.RetriableHeaders) && HasRetriableHeader(head) || WantsGrpc(head.Headers);
    }

    private bool HasRetriableHeader(ResponseHead head)
    {
        foreach (var name in _extraHeaders)
        {
            if (head.Headers.Contains(name))
            {
                return true;
            }
        }

        foreach (var matcher in _policy?.RetriableHeaders ?? [])
        {
            if (matcher.Matches(head))
            {
                return true;
            }
        }

        return false;
    }

    private bool WantsGrpc(HeaderMap headers)
    {
        const RetryOn grpc = RetryOn.GrpcCancelled | RetryOn.GrpcDeadlineExceeded | RetryOn.GrpcResourceExhausted | RetryOn.GrpcInternal
            | RetryOn.GrpcUnavailable;
        if ((_on & grpc) == 0
            || !headers.TryGet(HeaderNames.GrpcStatus, out var text)
            || !Utf8Parser.TryParse(text, out int status, out _))
        {
            return false;
        }

        return status switch
        {
            1 => _on.HasFlag(RetryOn.GrpcCancelled),
            4 => _on.HasFlag(RetryOn.GrpcDeadlineExceeded),
            8 => _on.HasFlag(RetryOn.GrpcResourceExhausted),
            13 => _on.HasFlag(RetryOn.GrpcInternal),
            14 => _on.HasFlag(RetryOn.GrpcUnavailable),
            _ => false,
        };
    }

    private bool Wants(AttemptFailure failure)
    {
        // Overflow would only be made worse.
        if (failure.Reason == StreamResetReason.Overflow)
        {
            return false;
        }

        if ((_on & (RetryOn.ServerError | RetryOn.GatewayError | RetryOn.Reset)) != 0)
        {
            return true;
        }

        return _on.HasFlag(RetryOn.ResetBeforeRequest) && failure.BeforeRequest
            || _on.HasFlag(RetryOn.ConnectFailure)
                && (failure.Reason is StreamResetReason.ConnectFailure or StreamResetReason.ConnectTimeout)
            || _on.HasFlag(RetryOn.RefusedStream) && failure.Reason == StreamResetReason.RemoteRefusedStream;
    }

    private RetryVerdict Grant(PriorityLimits limits)
    {
        if (_left == 0)
        {
            return RetryVerdict.LimitExceeded;
        }

        _left--;
        if (!limits.TryAcquireRetry())
        {
            return RetryVerdict.Overflow;
        }

        _holdsRetry = true;
        _retries++;
        BackOffIsHosts = false;
        BackOff = Jittered();
        return RetryVerdict.Yes;
    }

    // Full jitter: anything between nothing and the doubled base, which grows up to the maximum.
    private TimeSpan Jittered()
    {
        var first = _policy?.BackOffBase ?? TimeSpan.FromMilliseconds(25);
        var most = _policy?.BackOffMax ?? TimeSpan.FromMilliseconds(250);
        var window = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_retries - 1, 30)), most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(window * _random.NextDouble());
    }

    private TimeSpan? HostsPause(HeaderMap headers)
    {
        if (_policy is null)
        {
            return null;
        }

        foreach (var reset in _policy.ResetHeaders)
        {
            var text = headers.Get(reset.Name);
            if (!Utf8Parser.TryParse(text, out long number, out var used) || used != text.Length)
            {
                continue;
            }

            var pause = TimeSpan.FromSeconds(reset.IsUnixTime ? number - _time.GetUtcNow().ToUnixTimeSeconds() : number);
            if (pause > TimeSpan.Zero && pause <= _policy.ResetMax)
            {
                return pause;
            }
        }

        return null;
    }

    private void ReleaseRetry(PriorityLimits limits)
    {
        if (_holdsRetry)
        {
            _holdsRetry = false;
            limits.Retries.Release();
        }
    }

    private static bool Contains(IReadOnlyList<int> codes, int status)
    {
        for (var i = 0; i < codes.Count; i++)
        {
            if (codes[i] == status)
            {
                return true;
            }
        }

        return false;
    }

    private static bool AnyMatches(HeaderMatcher[] matchers, HeaderMap headers)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.Matches(headers))
            {
                return true;
            }
        }

        return false;
    }
}
