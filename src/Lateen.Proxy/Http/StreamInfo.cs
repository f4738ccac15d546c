using Lateen.Proxy.Clusters;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http;

/// <summary>
/// What is known of one stream of traffic (an HTTP exchange or a TCP connection) while it lasts: the facts that access logs, header
/// substitution and metrics read. Owned by one loop.
/// </summary>
public abstract class StreamInfo
{
    private readonly List<KeyValuePair<string, object>> _filterState = [];

    /// <summary>The loop that owns the stream.</summary>
    public IEventLoop Loop { get; protected set; } = null!;

    /// <summary>The client's connection.</summary>
    public ConnectionInfo Downstream { get; protected set; } = null!;

    /// <summary>The upstream connection of the last attempt; null before one is made.</summary>
    public ConnectionInfo? Upstream { get; set; }

    /// <summary>The cluster chosen; null before, or when it does not exist.</summary>
    public Cluster? Cluster { get; set; }

    /// <summary>The name of the cluster chosen, also of one that does not exist; null when no route chose one.</summary>
    public string? ClusterName { get; set; }

    /// <summary>The host of the last attempt.</summary>
    public Host? UpstreamHost { get; set; }

    /// <summary>The name of the matched route; empty when it has none.</summary>
    public string RouteName { get; set; } = "";

    /// <summary>Response flags gathered so far.</summary>
    public ResponseFlags Flags { get; set; }

    /// <summary>Envoy's response code details, e.g. <c>via_upstream</c>; null when none.</summary>
    public string? ResponseCodeDetails { get; set; }

    /// <summary>Why the upstream transport failed; null when it did not.</summary>
    public string? UpstreamTransportFailure { get; set; }

    /// <summary>Body (HTTP) or payload (TCP) bytes from the client.</summary>
    public long BytesReceived { get; set; }

    /// <summary>Body (HTTP) or payload (TCP) bytes to the client.</summary>
    public long BytesSent { get; set; }

    /// <summary>How often an upstream was tried.</summary>
    public int UpstreamAttempts { get; set; }

    /// <summary>Wall clock at the start.</summary>
    public DateTimeOffset StartTime { get; set; }

    /// <summary>What filters left for others by namespace (Envoy: dynamic metadata); null when nothing was.</summary>
    public Envoy.Config.Core.V3.Metadata? DynamicMetadata { get; set; }

    /// <summary>Points in time since the start.</summary>
    public StreamTimes Times { get; } = new();

    /// <summary>An object that a filter left for others, e.g. <c>downstream_peer</c>; null when there is none.</summary>
    public object? GetFilterState(string key)
    {
        foreach (var (k, value) in _filterState)
        {
            if (k == key)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Leaves an object for other filters and the access log.</summary>
    public void SetFilterState(string key, object value)
    {
        for (var i = 0; i < _filterState.Count; i++)
        {
            if (_filterState[i].Key == key)
            {
                _filterState[i] = new(key, value);
                return;
            }
        }

        _filterState.Add(new(key, value));
    }

    /// <summary>Makes the object ready for the next stream.</summary>
    protected void ResetInfo()
    {
        _filterState.Clear();
        Upstream = null;
        Cluster = null;
        ClusterName = null;
        UpstreamHost = null;
        RouteName = "";
        Flags = ResponseFlags.None;
        ResponseCodeDetails = null;
        UpstreamTransportFailure = null;
        BytesReceived = 0;
        BytesSent = 0;
        UpstreamAttempts = 0;
        DynamicMetadata = null;
        Times.Reset();
    }
}

/// <summary>Points in time of a stream, as time stamps of <see cref="TimeProvider.GetTimestamp"/>; 0 = not reached.</summary>
public sealed class StreamTimes
{
    /// <summary>The stream began.</summary>
    public long Start { get; set; }

    /// <summary>The last byte of the request arrived.</summary>
    public long RequestEnd { get; set; }

    /// <summary>The first byte went upstream.</summary>
    public long UpstreamFirstSent { get; set; }

    /// <summary>The last byte went upstream.</summary>
    public long UpstreamLastSent { get; set; }

    /// <summary>The first byte came from upstream.</summary>
    public long UpstreamFirstReceived { get; set; }

    /// <summary>The last byte came from upstream.</summary>
    public long UpstreamLastReceived { get; set; }

    /// <summary>The first byte went to the client.</summary>
    public long DownstreamFirstSent { get; set; }

    /// <summary>The stream ended.</summary>
    public long End { get; set; }

    internal void Reset() =>
        Start = RequestEnd = UpstreamFirstSent = UpstreamLastSent = UpstreamFirstReceived = UpstreamLastReceived = DownstreamFirstSent = End = 0;
}
