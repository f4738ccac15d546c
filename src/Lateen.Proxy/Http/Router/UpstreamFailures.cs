using System.Text;

namespace Lateen.Proxy.Http.Router;

/// <summary>What a client is told when an upstream fails (Envoy: router filter, reset reasons).</summary>
internal static class UpstreamFailures
{
    public static readonly LocalReply RouteNotFound = new(404, "", "route_not_found") { Flags = ResponseFlags.NoRouteFound };

    public static readonly LocalReply NoHealthyUpstream =
        new(503, "no healthy upstream", "no_healthy_upstream") { Flags = ResponseFlags.NoHealthyUpstream };

    public static readonly LocalReply RequestTimeout =
        new(504, "upstream request timeout", "response_timeout") { Flags = ResponseFlags.UpstreamRequestTimeout };

    public static readonly LocalReply RequestTimeoutWithoutBody =
        new(204, "", "response_timeout") { Flags = ResponseFlags.UpstreamRequestTimeout };

    public static readonly LocalReply PerTryTimeout =
        new(504, "upstream request timeout", "upstream_per_try_timeout") { Flags = ResponseFlags.UpstreamRequestTimeout };

    public static readonly LocalReply PerTryIdleTimeout =
        new(504, "upstream request timeout", "upstream_per_try_idle_timeout") { Flags = ResponseFlags.UpstreamRequestTimeout };

    public static readonly LocalReply DropOverload =
        new(503, "drop overload", "drop_overload") { Flags = ResponseFlags.DropOverload };

    public static readonly LocalReply BufferExceeded =
        new(507, "exceeded request buffer limit while retrying upstream", "request_payload_exceeded_retry_buffer_limit");

    /// <summary>The reply for a cluster that does not exist; the route names the status.</summary>
    public static LocalReply ClusterNotFound(int status) => new(status, "", "cluster_not_found") { Flags = ResponseFlags.NoClusterFound };

    /// <summary>The longest stream of the cluster has been reached.</summary>
    public static LocalReply MaxStreamDuration(bool requestComplete) =>
        new(requestComplete ? 504 : 408, "upstream max stream duration reached", "upstream_max_stream_duration_reached")
        {
            Flags = ResponseFlags.UpstreamMaxStreamDurationReached,
            GrpcStatus = 4,
        };

    /// <summary>The reply for a stream that was reset before its response began.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="transportFailure">The transport's own words; empty for none.</param>
    /// <param name="retried">True when an earlier attempt was tried again.</param>
    public static LocalReply BeforeResponse(StreamResetReason reason, string transportFailure, bool retried)
    {
        var body = new StringBuilder("upstream connect error or disconnect/reset before headers. ")
            .Append(retried ? "retried and the latest " : "")
            .Append("reset reason: ")
            .Append(Text(reason));
        if (transportFailure.Length > 0)
        {
            body.Append(", transport failure reason: ").Append(transportFailure);
        }

        var overflow = reason == StreamResetReason.Overflow;
        return new LocalReply(reason == StreamResetReason.ProtocolError ? 502 : 503, body.ToString(), Details("before", reason, transportFailure))
        {
            Flags = Flag(reason),
            ModifyHeaders = overflow ? static headers => headers.Set(HeaderNames.EnvoyOverloaded, "true"u8) : null,
        };
    }

    /// <summary>Response code details of a stream that was reset after its response began.</summary>
    public static string AfterResponse(StreamResetReason reason, string transportFailure) => Details("after", reason, transportFailure);

    /// <summary>The flag of a reset.</summary>
    public static ResponseFlags Flag(StreamResetReason reason) => reason switch
    {
        StreamResetReason.ConnectFailure or StreamResetReason.ConnectTimeout => ResponseFlags.UpstreamConnectionFailure,
        StreamResetReason.ConnectionTermination => ResponseFlags.UpstreamConnectionTermination,
        StreamResetReason.LocalReset or StreamResetReason.LocalRefusedStream => ResponseFlags.LocalReset,
        StreamResetReason.Overflow => ResponseFlags.UpstreamOverflow,
        StreamResetReason.RemoteReset or StreamResetReason.RemoteRefusedStream => ResponseFlags.UpstreamRemoteReset,
        StreamResetReason.ProtocolError => ResponseFlags.UpstreamProtocolError,
        StreamResetReason.Timeout => ResponseFlags.UpstreamRequestTimeout,
        _ => ResponseFlags.None,
    };

    private static string Details(string when, StreamResetReason reason, string transportFailure)
    {
        var inner = transportFailure.Length > 0 ? $"{Text(reason)}|{transportFailure}" : Text(reason);
        return $"upstream_reset_{when}_response_started{{{inner}}}".Replace(' ', '_');
    }

    private static string Text(StreamResetReason reason) => reason switch
    {
        StreamResetReason.ConnectFailure => "remote connection failure",
        StreamResetReason.ConnectTimeout => "connection timeout",
        StreamResetReason.ConnectionTermination => "connection termination",
        StreamResetReason.LocalReset => "local reset",
        StreamResetReason.LocalRefusedStream => "local refused stream reset",
        StreamResetReason.RemoteReset => "remote reset",
        StreamResetReason.RemoteRefusedStream => "remote refused stream reset",
        StreamResetReason.Overflow => "overflow",
        StreamResetReason.ProtocolError => "protocol error",
        StreamResetReason.Timeout => "connection timeout",
        _ => "local reset",
    };
}
