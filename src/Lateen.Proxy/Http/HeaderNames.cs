namespace Lateen.Proxy.Http;

/// <summary>The header names that the proxy itself reads or writes.</summary>
public static class HeaderNames
{
    private const int LongestKnown = 64;
    private static readonly List<HeaderName> All = [];
    private static readonly HeaderName[][] ByLength = new HeaderName[LongestKnown + 1][];

#pragma warning disable CS1591 // each member is the header of its value
    public static readonly HeaderName Method = Known(":method");
    public static readonly HeaderName Path = Known(":path");
    public static readonly HeaderName Authority = Known(":authority");
    public static readonly HeaderName Scheme = Known(":scheme");
    public static readonly HeaderName Status = Known(":status");
    public static readonly HeaderName Protocol = Known(":protocol");
    public static readonly HeaderName Host = Known("host");
    public static readonly HeaderName ContentLength = Known("content-length");
    public static readonly HeaderName ContentType = Known("content-type");
    public static readonly HeaderName TransferEncoding = Known("transfer-encoding");
    public static readonly HeaderName Connection = Known("connection");
    public static readonly HeaderName KeepAlive = Known("keep-alive");
    public static readonly HeaderName ProxyConnection = Known("proxy-connection");
    public static readonly HeaderName Upgrade = Known("upgrade");
    public static readonly HeaderName Te = Known("te");
    public static readonly HeaderName Trailer = Known("trailer");
    public static readonly HeaderName Expect = Known("expect");
    public static readonly HeaderName Date = Known("date");
    public static readonly HeaderName Server = Known("server");
    public static readonly HeaderName Via = Known("via");
    public static readonly HeaderName Location = Known("location");
    public static readonly HeaderName Cookie = Known("cookie");
    public static readonly HeaderName SetCookie = Known("set-cookie");
    public static readonly HeaderName UserAgent = Known("user-agent");
    public static readonly HeaderName Referer = Known("referer");
    public static readonly HeaderName Origin = Known("origin");
    public static readonly HeaderName Vary = Known("vary");
    public static readonly HeaderName Authorization = Known("authorization");
    public static readonly HeaderName RetryAfter = Known("retry-after");
    public static readonly HeaderName AccessControlRequestMethod = Known("access-control-request-method");
    public static readonly HeaderName AccessControlRequestHeaders = Known("access-control-request-headers");
    public static readonly HeaderName AccessControlAllowOrigin = Known("access-control-allow-origin");
    public static readonly HeaderName AccessControlAllowMethods = Known("access-control-allow-methods");
    public static readonly HeaderName AccessControlAllowHeaders = Known("access-control-allow-headers");
    public static readonly HeaderName AccessControlAllowCredentials = Known("access-control-allow-credentials");
    public static readonly HeaderName AccessControlExposeHeaders = Known("access-control-expose-headers");
    public static readonly HeaderName AccessControlMaxAge = Known("access-control-max-age");
    public static readonly HeaderName ForwardedFor = Known("x-forwarded-for");
    public static readonly HeaderName ForwardedProto = Known("x-forwarded-proto");
    public static readonly HeaderName ForwardedHost = Known("x-forwarded-host");
    public static readonly HeaderName ForwardedPort = Known("x-forwarded-port");
    public static readonly HeaderName ForwardedClientCert = Known("x-forwarded-client-cert");
    public static readonly HeaderName RequestId = Known("x-request-id");
    public static readonly HeaderName ClientTraceId = Known("x-client-trace-id");
    public static readonly HeaderName GrpcStatus = Known("grpc-status");
    public static readonly HeaderName GrpcMessage = Known("grpc-message");
    public static readonly HeaderName GrpcTimeout = Known("grpc-timeout");
    public static readonly HeaderName EnvoyAttemptCount = Known("x-envoy-attempt-count");
    public static readonly HeaderName EnvoyDecoratorOperation = Known("x-envoy-decorator-operation");
    public static readonly HeaderName EnvoyDownstreamServiceCluster = Known("x-envoy-downstream-service-cluster");
    public static readonly HeaderName EnvoyDownstreamServiceNode = Known("x-envoy-downstream-service-node");
    public static readonly HeaderName EnvoyExpectedRequestTimeout = Known("x-envoy-expected-rq-timeout-ms");
    public static readonly HeaderName EnvoyExternalAddress = Known("x-envoy-external-address");
    public static readonly HeaderName EnvoyForceTrace = Known("x-envoy-force-trace");
    public static readonly HeaderName EnvoyHedgeOnPerTryTimeout = Known("x-envoy-hedge-on-per-try-timeout");
    public static readonly HeaderName EnvoyImmediateHealthCheckFail = Known("x-envoy-immediate-health-check-fail");
    public static readonly HeaderName EnvoyInternal = Known("x-envoy-internal");
    public static readonly HeaderName EnvoyIpTags = Known("x-envoy-ip-tags");
    public static readonly HeaderName EnvoyMaxRetries = Known("x-envoy-max-retries");
    public static readonly HeaderName EnvoyOriginalHost = Known("x-envoy-original-host");
    public static readonly HeaderName EnvoyOriginalPath = Known("x-envoy-original-path");
    public static readonly HeaderName EnvoyOriginalUrl = Known("x-envoy-original-url");
    public static readonly HeaderName EnvoyOverloaded = Known("x-envoy-overloaded");
    public static readonly HeaderName EnvoyRateLimited = Known("x-envoy-ratelimited");
    public static readonly HeaderName EnvoyRetriableHeaderNames = Known("x-envoy-retriable-header-names");
    public static readonly HeaderName EnvoyRetriableStatusCodes = Known("x-envoy-retriable-status-codes");
    public static readonly HeaderName EnvoyRetryGrpcOn = Known("x-envoy-retry-grpc-on");
    public static readonly HeaderName EnvoyRetryOn = Known("x-envoy-retry-on");
    public static readonly HeaderName EnvoyUpstreamAltStatName = Known("x-envoy-upstream-alt-stat-name");
    public static readonly HeaderName EnvoyUpstreamCanary = Known("x-envoy-upstream-canary");
    public static readonly HeaderName EnvoyUpstreamRequestPerTryTimeout = Known("x-envoy-upstream-rq-per-try-timeout-ms");
    public static readonly HeaderName EnvoyUpstreamRequestTimeout = Known("x-envoy-upstream-rq-timeout-ms");
    public static readonly HeaderName EnvoyUpstreamRequestTimeoutAlt = Known("x-envoy-upstream-rq-timeout-alt-response");
    public static readonly HeaderName EnvoyUpstreamServiceTime = Known("x-envoy-upstream-service-time");
    public static readonly HeaderName EnvoyPeerMetadata = Known("x-envoy-peer-metadata");
    public static readonly HeaderName EnvoyPeerMetadataId = Known("x-envoy-peer-metadata-id");
#pragma warning restore CS1591

    /// <summary>How many names are known.</summary>
    public static int Count => All.Count;

    /// <summary>The known name with this id.</summary>
    public static HeaderName ById(int id) => All[id];

    /// <summary>The known name of these lower-case bytes; null when there is none.</summary>
    public static HeaderName? Find(ReadOnlySpan<byte> lowerCaseName)
    {
        if (lowerCaseName.Length > LongestKnown || ByLength[lowerCaseName.Length] is not { } candidates)
        {
            return null;
        }

        foreach (var candidate in candidates)
        {
            if (lowerCaseName.SequenceEqual(candidate.Bytes))
            {
                return candidate;
            }
        }

        return null;
    }

    private static HeaderName Known(string text)
    {
        var name = new HeaderName(text, All.Count);
        All.Add(name);
        ByLength[text.Length] = [.. ByLength[text.Length] ?? [], name];
        return name;
    }
}
