using Lateen.Proxy.Clusters;
using Lateen.Proxy.Http.ConnectionManager;

namespace Lateen.Proxy.Http.Router;

/// <summary>What comes of an attempt: the response is delivered, another attempt is made, or the client is told of the failure.</summary>
internal sealed partial class UpstreamRequest
{
    // Counts the response and decides whether it is thrown away for another attempt.
    private RetryVerdict Judge(ResponseHead head)
    {
        var now = _exchange.Loop.Time.GetTimestamp();
        _exchange.Times.UpstreamFirstReceived = now;
        StopPerTry();
        var status = GrpcStatus(head) ?? head.Status;
        _cluster.Outliers?.Report(_host!, status);
        _host!.Stats.RequestCompleted(status < 500);
        var verdict = MayRetry() ? _retry.OnResponse(head, _limits!) : RetryVerdict.No;
        Count(verdict);
        if (verdict == RetryVerdict.Yes)
        {
            _cluster.Stats.RetriedResponses.Count(head.Status);
            return verdict;
        }

        _cluster.Stats.Responses.Count(head.Status);
        (_exchange.IsInternal ? _cluster.Stats.InternalResponses : _cluster.Stats.ExternalResponses).Count(head.Status);
        if (verdict == RetryVerdict.No && _exchange.UpstreamAttempts > 1)
        {
            _cluster.Stats.UpstreamRqRetrySuccess.Increment();
        }

        return verdict;
    }

    private int? GrpcStatus(ResponseHead head) =>
        _exchange.Request.IsGrpc
        && head.Headers.TryGet(HeaderNames.GrpcStatus, out var text)
        && System.Buffers.Text.Utf8Parser.TryParse(text, out int status, out _)
            ? LocalReplies.HttpStatusOf(status)
            : null;

    private bool MayRetry() => !_informationalSent && !_server.IsHeadSent && !_relay.IsAbandoned && !_exchange.IsUpgrade;

    private void Count(RetryVerdict verdict)
    {
        switch (verdict)
        {
            case RetryVerdict.Yes:
                _cluster.Stats.UpstreamRqRetry.Increment();
                (_retry.BackOffIsHosts
                    ? _cluster.Stats.UpstreamRqRetryBackoffRatelimited
                    : _cluster.Stats.UpstreamRqRetryBackoffExponential).Increment();
                break;
            case RetryVerdict.LimitExceeded:
                _cluster.Stats.UpstreamRqRetryLimitExceeded.Increment();
                _exchange.Flags |= ResponseFlags.UpstreamRetryLimitExceeded;
                break;
            case RetryVerdict.Overflow:
                _cluster.Stats.UpstreamRqRetryOverflow.Increment();
                _exchange.Flags |= ResponseFlags.UpstreamOverflow;
                break;
        }
    }

    // The attempt ended without a response: another one, or what the client is told.
    private Outcome AttemptFailed(StreamResetReason reason, string details, bool connecting)
    {
        StopPerTry();
        if (_exchange.IsAborted || _totalTimedOut)
        {
            return Interrupted();
        }

        if (_livedTooLong)
        {
            return Fail(UpstreamFailures.MaxStreamDuration(_server.IsRequestComplete));
        }

        if (_perTryTimedOut || _perTryIdle)
        {
            reason = StreamResetReason.Timeout;
        }

        if (reason is StreamResetReason.ConnectFailure or StreamResetReason.ConnectTimeout)
        {
            _exchange.UpstreamTransportFailure = details;
        }

        Report(reason);
        var verdict = MayRetry() ? _retry.OnFailure(new AttemptFailure(reason, !_relay.AnySent), _limits!) : RetryVerdict.No;
        Count(verdict);
        if (verdict == RetryVerdict.Yes)
        {
            return Outcome.Retry;
        }

        return Fail(reason == StreamResetReason.Timeout
            ? _perTryIdle ? UpstreamFailures.PerTryIdleTimeout : UpstreamFailures.PerTryTimeout
            : UpstreamFailures.BeforeResponse(reason, connecting ? details : "", _exchange.UpstreamAttempts > 1));
    }

    private void Report(StreamResetReason reason)
    {
        switch (reason)
        {
            case StreamResetReason.Overflow:
                return;
            case StreamResetReason.Timeout:
                _cluster.Outliers?.Report(_host!, LocalOriginEvent.Timeout);
                _host!.Stats.RequestTimedOut();
                break;
            default:
                _cluster.Outliers?.Report(_host!, LocalOriginEvent.ConnectFailed);
                if (reason is StreamResetReason.RemoteReset or StreamResetReason.RemoteRefusedStream or StreamResetReason.ConnectionTermination)
                {
                    _cluster.Stats.UpstreamRqRxReset.Increment();
                }

                break;
        }

        _host!.Stats.RequestCompleted(success: false);
    }

    // The total timeout or the client ended the request from outside.
    private Outcome Interrupted()
    {
        if (_exchange.IsAborted)
        {
            return Outcome.Done;
        }

        return Fail(_relay.IsExceeded && !_totalTimedOut ? UpstreamFailures.BufferExceeded
            : _timeouts.AlternateResponse ? UpstreamFailures.RequestTimeoutWithoutBody
            : UpstreamFailures.RequestTimeout);
    }

    private Outcome Fail(LocalReply reply)
    {
        if (!_timeouts.AlternateResponse || reply.Status != 204)
        {
            _cluster.Stats.Responses.Count(reply.Status);
        }

        _failure = reply;
        return Outcome.Failed;
    }
}
