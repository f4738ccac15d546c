using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>The texts of response flags, in Envoy's order: the order of the bits of <see cref="ResponseFlags"/>.</summary>
public static class ResponseFlagText
{
    private static readonly (string Short, string Long)[] Names =
    [
        ("LH", "FailedLocalHealthCheck"), ("UH", "NoHealthyUpstream"), ("UT", "UpstreamRequestTimeout"), ("LR", "LocalReset"),
        ("UR", "UpstreamRemoteReset"), ("UF", "UpstreamConnectionFailure"), ("UC", "UpstreamConnectionTermination"),
        ("UO", "UpstreamOverflow"), ("NR", "NoRouteFound"), ("DI", "DelayInjected"), ("FI", "FaultInjected"), ("RL", "RateLimited"),
        ("UAEX", "UnauthorizedExternalService"), ("RLSE", "RateLimitServiceError"), ("DC", "DownstreamConnectionTermination"),
        ("URX", "UpstreamRetryLimitExceeded"), ("SI", "StreamIdleTimeout"), ("IH", "InvalidEnvoyRequestHeaders"),
        ("DPE", "DownstreamProtocolError"), ("UMSDR", "UpstreamMaxStreamDurationReached"), ("RFCF", "ResponseFromCacheFilter"),
        ("NFCF", "NoFilterConfigFound"), ("DT", "DurationTimeout"), ("UPE", "UpstreamProtocolError"), ("NC", "NoClusterFound"),
        ("OM", "OverloadManagerTerminated"), ("DF", "DnsResolutionFailed"), ("DO", "DropOverload"), ("DR", "DownstreamRemoteReset"),
        ("UDO", "UnconditionalDropOverload"),
    ];

    /// <summary>The flags as one text: short names joined with <c>,</c>; <c>-</c> when there are none. Allocates for two and more.</summary>
    public static string Short(ResponseFlags flags) => Join(flags, static name => name.Short);

    /// <summary>The flags as one text of long names; <c>-</c> when there are none.</summary>
    public static string Long(ResponseFlags flags) => Join(flags, static name => name.Long);

    /// <summary>The flag of a short name; None when there is no such name.</summary>
    public static ResponseFlags Parse(string shortName)
    {
        var index = Array.FindIndex(Names, name => name.Short == shortName);
        return index < 0 ? ResponseFlags.None : (ResponseFlags)(1L << index);
    }

    private static string Join(ResponseFlags flags, Func<(string Short, string Long), string> text)
    {
        if (flags == ResponseFlags.None)
            return "-";
        string? joined = null;
        for (var i = 0; i < Names.Length; i++)
        {
            if (((long)flags & (1L << i)) != 0)
                joined = joined is null ? text(Names[i]) : joined + "," + text(Names[i]);
        }

        return joined ?? "-";
    }
}
