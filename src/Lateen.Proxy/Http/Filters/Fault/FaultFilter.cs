using System.Buffers.Text;
using Google.Protobuf;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Matching;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Http.Filters.Fault;

/// <summary>Delays and aborts requests on purpose (Envoy: fault filter): first the delay, then the abort, drawn apart.</summary>
internal sealed class FaultFilter(FaultPolicy policy, FilterContext context) : IHttpFilter
{
    private static readonly HeaderName DelayHeader = HeaderName.Of("x-envoy-fault-delay-request");
    private static readonly HeaderName DelayShareHeader = HeaderName.Of("x-envoy-fault-delay-request-percentage");
    private static readonly HeaderName AbortHeader = HeaderName.Of("x-envoy-fault-abort-request");
    private static readonly HeaderName AbortGrpcHeader = HeaderName.Of("x-envoy-fault-abort-grpc-request");
    private static readonly HeaderName AbortShareHeader = HeaderName.Of("x-envoy-fault-abort-request-percentage");

    private readonly string _name = context.FilterName;
    private readonly FaultStats _stats = new(context.Services.Stats, context.StatPrefix);

    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange)
    {
        var inForce = exchange.Route?.FilterConfig(_name, exchange.WeightedCluster) as FaultPolicy ?? policy;
        if (!inForce.Applies(exchange))
        {
            return new ValueTask<FilterStatus>(FilterStatus.Continue);
        }

        var delay = DelayOf(inForce, exchange);
        return delay > TimeSpan.Zero && TryBegin(inForce)
            ? DelayAsync(inForce, exchange, delay)
            : new ValueTask<FilterStatus>(Abort(inForce, exchange));
    }

    /// <inheritdoc/>
    public void OnResponse(HttpExchange exchange, ResponseHead head)
    {
    }

    /// <inheritdoc/>
    public void OnComplete(HttpExchange exchange)
    {
    }

    private async ValueTask<FilterStatus> DelayAsync(FaultPolicy inForce, HttpExchange exchange, TimeSpan delay)
    {
        _stats.Delays.Increment();
        exchange.Flags |= ResponseFlags.DelayInjected;
        var wait = new LoopOperation();
        var timer = exchange.Loop.CreateTimer(static wait => ((LoopOperation)wait!).Complete(0), wait);
        exchange.AbortState = (wait, timer);
        exchange.AbortCallback = static state =>
        {
            var (wait, timer) = ((LoopOperation, LoopTimer))state!;
            timer.Stop();
            wait.Complete(0);
        };
        timer.Start(delay);
        await wait.BeginVoid();
        exchange.AbortCallback = null;
        exchange.AbortState = null;
        _stats.Active.Decrement();
        return exchange.IsAborted ? FilterStatus.Continue : Abort(inForce, exchange);
    }

    private FilterStatus Abort(FaultPolicy inForce, HttpExchange exchange)
    {
        var (status, grpc) = StatusOf(inForce, exchange);
        if (status == 0 && grpc is null || !TryBegin(inForce))
        {
            return FilterStatus.Continue;
        }

        _stats.Active.Decrement();
        _stats.Aborts.Increment();
        exchange.Reply = new LocalReply(grpc is null ? status : 200, "fault filter abort", "fault_filter_abort")
        {
            Flags = ResponseFlags.FaultInjected,
            GrpcStatus = grpc,
        };
        return FilterStatus.Replied;
    }

    private static TimeSpan DelayOf(FaultPolicy policy, HttpExchange exchange)
    {
        var headers = exchange.Request.Headers;
        var share = policy.DelayByHeader ? Lowered(policy.DelayShare, headers, DelayShareHeader) : policy.DelayShare;
        if (!Draw(exchange, share))
        {
            return TimeSpan.Zero;
        }

        return policy.DelayByHeader ? TimeSpan.FromMilliseconds(Number(headers, DelayHeader) ?? 0) : policy.FixedDelay;
    }

    private static (int Status, int? Grpc) StatusOf(FaultPolicy policy, HttpExchange exchange)
    {
        var headers = exchange.Request.Headers;
        var share = policy.AbortByHeader ? Lowered(policy.AbortShare, headers, AbortShareHeader) : policy.AbortShare;
        if (!Draw(exchange, share))
        {
            return (0, null);
        }

        if (!policy.AbortByHeader)
        {
            return (policy.AbortStatus, policy.AbortGrpcStatus);
        }

        return Number(headers, AbortHeader) is >= 200 and < 600 and var status
            ? ((int)status, null)
            : (0, (int?)Number(headers, AbortGrpcHeader));
    }

    // A header may lower the configured share, not raise it.
    private static Fraction Lowered(Fraction share, HeaderMap headers, HeaderName name) =>
        Number(headers, name) is { } asked ? new Fraction(Math.Min(asked, share.Numerator), share.Denominator) : share;

    private static bool Draw(HttpExchange exchange, Fraction share) =>
        share.Numerator > 0 && share.Contains((ulong)exchange.Loop.Random.NextInt64());

    private static uint? Number(HeaderMap headers, HeaderName name) =>
        headers.TryGet(name, out var text) && Utf8Parser.TryParse(text, out uint number, out var used) && used == text.Length ? number : null;

    private bool TryBegin(FaultPolicy inForce)
    {
        if (inForce.MaxActive is { } most && _stats.Active.Value >= most)
        {
            _stats.Overflow.Increment();
            return false;
        }

        _stats.Active.Increment();
        return true;
    }

    private sealed class FaultStats(StatsStore store, string statPrefix)
    {
        private readonly string _prefix = $"http.{statPrefix.Replace(':', '_')}.fault.";

        public Counter Delays => field ??= store.Counter(_prefix + "delays_injected");

        public Counter Aborts => field ??= store.Counter(_prefix + "aborts_injected");

        public Counter Overflow => field ??= store.Counter(_prefix + "faults_overflow");

        public Gauge Active => field ??= store.Gauge(_prefix + "active_faults");
    }
}

/// <summary>Builds the fault filter.</summary>
public sealed class FaultFilterFactory : IHttpFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["envoy.extensions.filters.http.fault.v3.HTTPFault"];

    /// <inheritdoc/>
    public IHttpFilter Create(ByteString configuration, FilterContext context) => new FaultFilter(FaultPolicy.Compile(configuration), context);

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) => FaultPolicy.Compile(configuration);
}
