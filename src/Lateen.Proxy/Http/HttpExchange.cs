using System.Text;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Http;

/// <summary>A response that the proxy gives itself, in place of an upstream.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Body">Body text; may be empty.</param>
/// <param name="Details">Response code details, e.g. <c>route_not_found</c>.</param>
public sealed record LocalReply(int Status, string Body, string Details)
{
    /// <summary>Flags to set on the exchange.</summary>
    public ResponseFlags Flags { get; init; }

    /// <summary>Adds headers to the reply.</summary>
    public Action<HeaderMap>? ModifyHeaders { get; init; }

    /// <summary>gRPC status of the reply to a gRPC request; null maps it from <see cref="Status"/>.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>The body's bytes when it is not text.</summary>
    public ReadOnlyMemory<byte> BodyBytes { get; init; } = Encoding.UTF8.GetBytes(Body);
}

/// <summary>One HTTP request and its response on their way through the filters. Reused from request to request by its connection.</summary>
public sealed class HttpExchange : StreamInfo
{
    /// <summary>The request's head, after the changes made so far.</summary>
    public RequestHead Request { get; private set; } = null!;

    /// <summary>The response's head; null before there is one.</summary>
    public ResponseHead? Response { get; set; }

    /// <summary>The response's trailers; null before them or when there are none.</summary>
    public HeaderMap? ResponseTrailers { get; set; }

    /// <summary>What a filter or the router answers instead of an upstream.</summary>
    public LocalReply? Reply { get; set; }

    /// <summary>True when the request has no body.</summary>
    public bool RequestHasNoBody { get; private set; }

    /// <summary>The route table that serves this request, read once; null before routing.</summary>
    public RouteTable? Routes { get; set; }

    /// <summary>The matched route; null when none matched.</summary>
    public RouteEntry? Route { get; set; }

    /// <summary>The matched virtual host; null when none matched.</summary>
    public VirtualHost? VirtualHost { get; set; }

    /// <summary>The entry drawn from the route's weighted clusters; null when there are none or before the cluster is chosen.</summary>
    public WeightedCluster? WeightedCluster { get; set; }

    /// <summary>The ALPN list to offer upstream in place of the cluster's; null keeps it (filter <c>istio.alpn</c>).</summary>
    public IReadOnlyList<string>? UpstreamAlpn { get; set; }

    /// <summary>The client's address after <c>x-forwarded-for</c> was judged (Envoy: trusted client address).</summary>
    public System.Net.EndPoint TrustedClientAddress { get; set; } = null!;

    /// <summary>True for a request from inside (Envoy: internal request).</summary>
    public bool IsInternal { get; set; }

    /// <summary>True when the client asks to switch protocols (<c>connection: upgrade</c>) or sends CONNECT.</summary>
    public bool IsUpgrade { get; internal set; }

    /// <summary>True once the exchange was given up: the client went away, or a timeout of the stream ran out.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Counts the messages of a gRPC stream (filter <c>envoy.filters.http.grpc_stats</c>); null when nobody asked for it.</summary>
    internal Filters.GrpcStats.GrpcMessageCounts? GrpcMessages { get; set; }

    /// <summary>Bytes of the request's head as received.</summary>
    public int RequestHeadBytes { get; private set; }

    /// <summary>Bytes of the response's head as sent.</summary>
    public int ResponseHeadBytes { get; internal set; }

    /// <summary>Called on the loop when the exchange is given up; whoever waits sets it, ends its wait then, and clears it after.</summary>
    public Action<object?>? AbortCallback { get; set; }

    /// <summary>The argument of <see cref="AbortCallback"/>.</summary>
    public object? AbortState { get; set; }

    /// <summary>A random number drawn once per request, for weighted clusters and runtime fractions.</summary>
    public ulong RandomValue { get; set; }

    /// <summary>Begins the next request of a connection.</summary>
    public void Begin(IEventLoop loop, ConnectionInfo downstream, RequestHead request, bool requestHasNoBody)
    {
        ResetInfo();
        Loop = loop;
        Downstream = downstream;
        Request = request;
        RequestHasNoBody = requestHasNoBody;
        Response = null;
        ResponseTrailers = null;
        Reply = null;
        IsUpgrade = false;
        IsAborted = false;
        RequestHeadBytes = request.Headers.ByteSize;
        ResponseHeadBytes = 0;
        AbortCallback = null;
        AbortState = null;
        GrpcMessages = null;
        Routes = null;
        Route = null;
        VirtualHost = null;
        WeightedCluster = null;
        UpstreamAlpn = null;
        TrustedClientAddress = downstream.RemoteAddress;
        IsInternal = false;
        RandomValue = (ulong)loop.Random.NextInt64();
        StartTime = loop.Time.GetUtcNow();
        Times.Start = loop.Time.GetTimestamp();
    }

    /// <summary>Gives the exchange up and ends whatever waits on its behalf. Idempotent.</summary>
    internal void Abort()
    {
        if (!IsAborted)
        {
            IsAborted = true;
            AbortCallback?.Invoke(AbortState);
        }
    }
}
