using Envoy.Extensions.Filters.Common.Fault.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Google.Protobuf;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Http.Filters.Fault;

/// <summary>Which faults are injected into which requests; immutable.</summary>
internal sealed class FaultPolicy
{
    private readonly HeaderMatcher[] _headers;
    private readonly string _upstreamCluster;
    private readonly IReadOnlyList<string> _downstreamNodes;

    private FaultPolicy(HTTPFault proto)
    {
        _headers = HeaderMatcher.CompileAll([.. proto.Headers], "headers");
        _upstreamCluster = proto.UpstreamCluster;
        _downstreamNodes = [.. proto.DownstreamNodes];
        MaxActive = proto.MaxActiveFaults;
        if (proto.ResponseRateLimit is not null)
        {
            throw new ConfigurationException("response_rate_limit", "not supported");
        }

        if (proto.Delay is { } delay)
        {
            DelayShare = Share(delay.Percentage, "delay.percentage");
            FixedDelay = delay.FixedDelay?.ToTimeSpan() ?? TimeSpan.Zero;
            DelayByHeader = delay.FaultDelaySecifierCase == FaultDelay.FaultDelaySecifierOneofCase.HeaderDelay;
        }

        if (proto.Abort is { } abort)
        {
            AbortShare = Share(abort.Percentage, "abort.percentage");
            AbortByHeader = abort.ErrorTypeCase == FaultAbort.ErrorTypeOneofCase.HeaderAbort;
            AbortStatus = (int)abort.HttpStatus;
            AbortGrpcStatus = abort.ErrorTypeCase == FaultAbort.ErrorTypeOneofCase.GrpcStatus ? (int)abort.GrpcStatus : null;
        }
    }

    /// <summary>Share of requests that are delayed.</summary>
    public Fraction DelayShare { get; } = new(0, 100);

    /// <summary>How long, when the configuration says so.</summary>
    public TimeSpan FixedDelay { get; }

    /// <summary>The request's header says how long.</summary>
    public bool DelayByHeader { get; }

    /// <summary>Share of requests that are aborted.</summary>
    public Fraction AbortShare { get; } = new(0, 100);

    /// <summary>The status of an abort; 0 when something else decides.</summary>
    public int AbortStatus { get; }

    /// <summary>The gRPC status of an abort; null when something else decides.</summary>
    public int? AbortGrpcStatus { get; }

    /// <summary>The request's headers say which status.</summary>
    public bool AbortByHeader { get; }

    /// <summary>Faults at once at most; null for no limit.</summary>
    public uint? MaxActive { get; }

    public static FaultPolicy Compile(ByteString configuration) => new(HTTPFault.Parser.ParseFrom(configuration));

    /// <summary>True when the policy is meant for this request.</summary>
    public bool Applies(HttpExchange exchange)
    {
        var headers = exchange.Request.Headers;
        return (_upstreamCluster.Length == 0 || _upstreamCluster == exchange.ClusterName)
            && (_downstreamNodes.Count == 0
                || headers.GetString(HeaderNames.EnvoyDownstreamServiceNode) is { } node && _downstreamNodes.Contains(node))
            && HeaderMatcher.MatchAll(_headers, headers);
    }

    private static Fraction Share(Envoy.Type.V3.FractionalPercent? percentage, string path) =>
        percentage is null ? new Fraction(0, 100) : Fraction.Compile(percentage, path);
}
