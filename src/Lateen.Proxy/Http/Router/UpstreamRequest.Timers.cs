using System.Runtime.CompilerServices;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.Router;

/// <summary>The request's timers, and what ends its waits from outside.</summary>
internal sealed partial class UpstreamRequest
{
    private LoopTimer? _total;
    private LoopTimer? _perTry;
    private LoopTimer? _idle;
    private LoopTimer? _backOffTimer;
    private LoopTimer? _life;
    private bool _totalTimedOut;
    private bool _perTryTimedOut;
    private bool _perTryIdle;
    private bool _livedTooLong;

    private IEventLoop Loop => _exchange.Loop;

    // The whole request has been received: limits on the answer count from here.
    private void StartTimers()
    {
        if (_timeouts.Total > TimeSpan.Zero && !_responseComplete)
        {
            _total ??= Loop.CreateTimer(static self => ((UpstreamRequest)self!).TotalFired(), this);
            _total.Start(_timeouts.Total);
        }

        if (_stream is not null && !_responseStarted)
        {
            StartPerTry();
        }
    }

    // An attempt's time counts once it has a connection and the request is complete.
    private void StartPerTry()
    {
        StartPerTryIdle();
        if (_timeouts.PerTry > TimeSpan.Zero && _server.IsRequestComplete)
        {
            _perTry ??= Loop.CreateTimer(static self => ((UpstreamRequest)self!).PerTryFired(), this);
            _perTry.Start(_timeouts.PerTry);
        }
    }

    private void StartPerTryIdle()
    {
        if (_timeouts.PerTryIdle > TimeSpan.Zero)
        {
            _idle ??= Loop.CreateTimer(static self => ((UpstreamRequest)self!).IdleFired(), this);
            _idle.Start(_timeouts.PerTryIdle);
        }
    }

    private void StopPerTry() => _perTry?.Stop();

    // The cluster limits how long its streams live (Envoy: max_stream_duration).
    private void StartLife()
    {
        if (_cluster.Model.Http.MaxStreamDuration is { } longest && longest > TimeSpan.Zero)
        {
            _life ??= Loop.CreateTimer(static self => ((UpstreamRequest)self!).LifeEnded(), this);
            _life.Start(longest);
        }
    }

    private void StopTimers()
    {
        _total?.Stop();
        _perTry?.Stop();
        _idle?.Stop();
        _life?.Stop();
    }

    private void LifeEnded()
    {
        _livedTooLong = true;
        _cluster.Stats.UpstreamRqMaxDurationReached.Increment();
        _stream?.Reset(StreamResetReason.LocalReset);
    }

    private void TotalFired()
    {
        _totalTimedOut = true;
        _cluster.Stats.UpstreamRqTimeout.Increment();
        if (_stream is not null && !_responseStarted)
        {
            _host!.Stats.RequestTimedOut();
            _host.Stats.RequestCompleted(success: false);
            _cluster.Outliers?.Report(_host, Clusters.LocalOriginEvent.Timeout);
        }

        if (_responseStarted)
        {
            // The client can only be told by a reset, also while it does not read.
            _exchange.Flags |= ResponseFlags.UpstreamRequestTimeout;
            _exchange.ResponseCodeDetails = UpstreamFailures.RequestTimeout.Details;
            _server.Stream.Reset(StreamResetReason.Timeout);
        }

        Interrupt();
    }

    private void PerTryFired()
    {
        _perTryTimedOut = true;
        _cluster.Stats.UpstreamRqPerTryTimeout.Increment();
        _stream?.Reset(StreamResetReason.LocalReset);
    }

    private void IdleFired()
    {
        _perTryIdle = true;
        _cluster.Stats.UpstreamRqPerTryIdleTimeout.Increment();
        _stream?.Reset(StreamResetReason.LocalReset);
    }

    // Ends whatever is waited for; the wait's end finds out why.
    private void Interrupt()
    {
        _pending.Cancel();
        _stream?.Reset(StreamResetReason.LocalReset);
        _backOffTimer?.Stop();
        if (_backOff.IsPending)
        {
            _backOff.Complete(0);
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask BackOffAsync()
    {
        _idle?.Stop();
        _backOffTimer ??= Loop.CreateTimer(
            static self =>
            {
                var request = (UpstreamRequest)self!;
                if (request._backOff.IsPending)
                {
                    request._backOff.Complete(0);
                }
            },
            this);
        _backOffTimer.Start(_retry.BackOff);
        await _backOff.BeginVoid();
    }
}
