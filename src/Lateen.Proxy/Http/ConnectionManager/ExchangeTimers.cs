using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>
/// The timers of one stream: idle, whole request, longest life (Envoy: stream_idle_timeout, request_timeout, max_stream_duration).
/// A timer exists only once it was needed.
/// </summary>
internal sealed class ExchangeTimers(ServerExchange owner, IEventLoop loop, ConnectionManagerOptions options, ConnectionManagerStats stats)
{
    private LoopTimer? _idle;
    private LoopTimer? _request;
    private LoopTimer? _life;
    private TimeSpan _idleTimeout;
    private long _lastActive;

    public void Begin()
    {
        UseIdleTimeout(options.StreamIdleTimeout);
        UseMaxDuration(options.MaxStreamDuration);
        if (options.RequestTimeout > TimeSpan.Zero)
        {
            _request ??= loop.CreateTimer(static self => ((ExchangeTimers)self!).RequestTimedOut(), this);
            _request.Start(options.RequestTimeout);
        }
    }

    /// <summary>Something moved. Costs one store: the timer looks at it when it fires.</summary>
    public void Active() => _lastActive = loop.NowMilliseconds;

    public void RequestComplete() => _request?.Stop();

    public void UseIdleTimeout(TimeSpan timeout)
    {
        _idleTimeout = timeout;
        Active();
        if (timeout <= TimeSpan.Zero)
        {
            _idle?.Stop();
            return;
        }

        _idle ??= loop.CreateTimer(static self => ((ExchangeTimers)self!).IdleFired(), this);
        _idle.Start(timeout);
    }

    public void UseMaxDuration(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            _life?.Stop();
            return;
        }

        _life ??= loop.CreateTimer(static self => ((ExchangeTimers)self!).LifeEnded(), this);
        var passed = loop.Time.GetElapsedTime(owner.Exchange.Times.Start);
        _life.Start(timeout > passed ? timeout - passed : TimeSpan.Zero);
    }

    public void Stop()
    {
        _idle?.Stop();
        _request?.Stop();
        _life?.Stop();
    }

    private void IdleFired()
    {
        var left = _idleTimeout - TimeSpan.FromMilliseconds(loop.NowMilliseconds - _lastActive);
        if (left > TimeSpan.Zero)
        {
            _idle!.Start(left);
            return;
        }

        stats.RequestsIdle.Increment();
        owner.TimedOut("stream timeout", "stream_idle_timeout", ResponseFlags.StreamIdleTimeout);
    }

    private void RequestTimedOut()
    {
        stats.RequestsTimeout.Increment();
        owner.TimedOut("request timeout", "request_overall_timeout", ResponseFlags.None);
    }

    private void LifeEnded()
    {
        stats.RequestsMaxDuration.Increment();
        owner.TimedOut("downstream duration timeout", "max_duration_timeout", ResponseFlags.None, grpcStatus: 4);
    }
}
