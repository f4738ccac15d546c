using Envoy.Config.Core.V3;
using Proto = Envoy.Config.Cluster.V3;

namespace Lateen.Proxy.Clusters;

/// <summary>Where a cluster's hosts come from.</summary>
public enum DiscoveryType
{
    /// <summary>Given in the configuration.</summary>
    Static,

    /// <summary>Every address a name resolves to is a host.</summary>
    StrictDns,

    /// <summary>One host, whose address is the first one its name resolves to.</summary>
    LogicalDns,

    /// <summary>From EDS.</summary>
    Eds,

    /// <summary>The connection's original destination.</summary>
    OriginalDst,
}

/// <summary>How a host is chosen.</summary>
public enum LoadBalancingPolicy
{
    /// <summary>In turn, by weight.</summary>
    RoundRobin,

    /// <summary>The one with the fewest active requests of some drawn ones; by weight when weights differ.</summary>
    LeastRequest,

    /// <summary>Any; weights do not count.</summary>
    Random,

    /// <summary>Consistent hashing on a ketama ring.</summary>
    RingHash,

    /// <summary>Consistent hashing by a Maglev table.</summary>
    Maglev,

    /// <summary>The cluster decides (ORIGINAL_DST).</summary>
    ClusterProvided,
}

/// <summary>Which HTTP a cluster's hosts are spoken to with.</summary>
public enum UpstreamHttp
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2.</summary>
    Http2,

    /// <summary>As the client's request came.</summary>
    UseDownstream,

    /// <summary>What ALPN agrees on.</summary>
    Auto,
}

/// <summary>One service of a cluster, as Istio's cluster metadata names it.</summary>
/// <param name="Host">Fully qualified host name.</param>
/// <param name="Name">Service name.</param>
/// <param name="Namespace">Namespace.</param>
public sealed record IstioService(string Host, string Name, string Namespace);

/// <summary>The configuration of a cluster, compiled once; immutable.</summary>
public sealed record ClusterModel
{
    /// <summary>The configuration it was compiled from.</summary>
    public required Proto.Cluster Configuration { get; init; }

    /// <summary>Where hosts come from.</summary>
    public required DiscoveryType Type { get; init; }

    /// <summary>The EDS resource with the hosts; empty for other types.</summary>
    public string EdsServiceName { get; init; } = "";

    /// <summary>How hosts are chosen.</summary>
    public required BalancingOptions Balancing { get; init; }

    /// <summary>Longest time to connect, TLS handshake included; 5 s unless given.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Soft limit of a connection's buffers in bytes; 1 MiB unless given.</summary>
    public int BufferLimit { get; init; } = 1024 * 1024;

    /// <summary>HTTP options.</summary>
    public required UpstreamHttpOptions Http { get; init; }

    /// <summary>Idle time after which a TCP pool's connection closes; 10 minutes unless given, null for never.</summary>
    public TimeSpan? TcpIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>TCP keep-alive of upstream connections; null leaves it off.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>Source address of upstream connections; null lets the kernel choose.</summary>
    public System.Net.IPEndPoint? SourceAddress { get; init; }

    /// <summary>True when the source address need not be this machine's (IP_FREEBIND).</summary>
    public bool SourceFreebind { get; init; }

    /// <summary>Raw socket options for upstream connections.</summary>
    public IReadOnlyList<SocketOption> SocketOptions { get; init; } = [];

    /// <summary>Outlier detection; null when it is off.</summary>
    public OutlierOptions? Outliers { get; init; }

    /// <summary>True when TCP connections to a host close as soon as it is unhealthy.</summary>
    public bool CloseConnectionsOnHealthFailure { get; init; }

    /// <summary>Upstream network filters in order (Istio: metadata exchange).</summary>
    public IReadOnlyList<Proto.Filter> Filters { get; init; } = [];

    /// <summary>Services of Istio's cluster metadata (<c>istio</c> / <c>services</c>); empty when there are none.</summary>
    public IReadOnlyList<IstioService> IstioServices { get; init; } = [];

    /// <summary>True when each downstream connection has pools of its own.</summary>
    public bool PoolPerDownstreamConnection { get; init; }

    /// <summary>Fields that were set and have no effect, by full name.</summary>
    public IReadOnlyList<string> IgnoredFields { get; init; } = [];

    /// <summary>Transport sockets and how hosts choose among them.</summary>
    internal TransportSelector Transports { get; init; } = TransportSelector.Plaintext;

    /// <summary>DNS options; used by DNS types.</summary>
    internal DnsOptions Dns { get; init; } = new();

    /// <summary>Original destination options; used by that type.</summary>
    internal OriginalDestinationOptions OriginalDestination { get; init; } = new();

    /// <summary>Tasks that have to finish before the cluster is warm.</summary>
    internal IReadOnlyList<Task> Warming { get; init; } = [];
}

/// <summary>How hosts of a cluster are chosen.</summary>
public sealed record BalancingOptions
{
    /// <summary>The algorithm.</summary>
    public LoadBalancingPolicy Policy { get; init; }

    /// <summary>Percentage of healthy hosts below which health is ignored; 0 turns panic off.</summary>
    public double PanicThreshold { get; init; } = 50;

    /// <summary>True when localities are chosen by their weight.</summary>
    public bool LocalityWeighted { get; init; }

    /// <summary>How many hosts LEAST_REQUEST draws.</summary>
    public int ChoiceCount { get; init; } = 2;

    /// <summary>True when LEAST_REQUEST looks at all hosts.</summary>
    public bool FullScan { get; init; }

    /// <summary>How strongly active requests weigh in LEAST_REQUEST with different weights.</summary>
    public double ActiveRequestBias { get; init; } = 1;

    /// <summary>Slow start; null when off.</summary>
    public SlowStart? SlowStart { get; init; }

    /// <summary>Fewest entries of a hash ring.</summary>
    public int MinimumRingSize { get; init; } = 1024;

    /// <summary>Most entries of a hash ring.</summary>
    public int MaximumRingSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>Entries of a Maglev table; a prime.</summary>
    public int MaglevTableSize { get; init; } = 65537;

    /// <summary>True when consistent hashing identifies a host by its host name.</summary>
    public bool HashByHostname { get; init; }

    /// <summary>True when a host that leaves or joins closes all idle and drains all busy connections of the cluster.</summary>
    public bool CloseConnectionsOnHostSetChange { get; init; }
}

/// <summary>New hosts get a growing share (Envoy: slow start).</summary>
/// <param name="Window">How long a host is new.</param>
/// <param name="Aggression">1 grows linearly.</param>
/// <param name="MinimumPercent">Share at the beginning.</param>
public sealed record SlowStart(TimeSpan Window, double Aggression, double MinimumPercent);

/// <summary>HTTP towards a cluster's hosts.</summary>
public sealed record UpstreamHttpOptions
{
    /// <summary>Which HTTP.</summary>
    public UpstreamHttp Protocol { get; init; }

    /// <summary>Idle time after which a connection closes; 1 hour unless given, null for never.</summary>
    public TimeSpan? IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Age after which a connection closes; null for never.</summary>
    public TimeSpan? MaxConnectionDuration { get; init; }

    /// <summary>Longest stream; null for no limit.</summary>
    public TimeSpan? MaxStreamDuration { get; init; }

    /// <summary>Requests after which a connection closes; 0 for no limit.</summary>
    public uint MaxRequestsPerConnection { get; init; }

    /// <summary>Most headers of a response.</summary>
    public int MaxHeadersCount { get; init; } = 100;

    /// <summary>Largest head of a response in KiB.</summary>
    public int MaxResponseHeadersKilobytes { get; init; } = 80;

    /// <summary>Headers that a header_mutation filter of the cluster adds to requests; only clusters of the bootstrap may have them.</summary>
    public IReadOnlyList<HeaderValue> RequestHeaders { get; init; } = [];

    /// <summary>HTTP/1 options; null for defaults.</summary>
    public Http1ProtocolOptions? Http1 { get; init; }

    /// <summary>HTTP/2 options; null for defaults.</summary>
    public Http2ProtocolOptions? Http2 { get; init; }

    /// <summary>True when the request's host is the server name of TLS.</summary>
    public bool AutoSni { get; init; }

    /// <summary>True when the certificate has to name the request's host.</summary>
    public bool AutoSanValidation { get; init; }

    /// <summary>The header that stands for the host in <see cref="AutoSni"/>; empty for <c>:authority</c>.</summary>
    public string AutoSniHeader { get; init; } = "";
}
