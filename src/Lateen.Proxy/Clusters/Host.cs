using System.Net;
using Envoy.Config.Core.V3;

namespace Lateen.Proxy.Clusters;

/// <summary>What a load balancer makes of a host.</summary>
public enum HostHealth
{
    /// <summary>Takes traffic.</summary>
    Healthy,

    /// <summary>Takes traffic when healthy hosts are too few.</summary>
    Degraded,

    /// <summary>Takes traffic only in panic.</summary>
    Unhealthy,
}

/// <summary>Why a host is not healthy (Envoy: health_flags of admin <c>/clusters</c>).</summary>
[Flags]
public enum HostHealthFlags
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Failed active health checks.</summary>
    FailedActiveCheck = 1 << 0,

    /// <summary>Ejected by outlier detection.</summary>
    FailedOutlierCheck = 1 << 1,

    /// <summary>EDS says UNHEALTHY or TIMEOUT.</summary>
    FailedEds = 1 << 2,

    /// <summary>EDS says DEGRADED.</summary>
    DegradedEds = 1 << 3,

    /// <summary>An active health check said degraded.</summary>
    DegradedActiveCheck = 1 << 4,

    /// <summary>EDS says DRAINING.</summary>
    DrainingEds = 1 << 5,
}

/// <summary>What configuration says of a host; replaced whole by an update.</summary>
internal sealed record HostDescription
{
    public string Hostname { get; init; } = "";

    public uint Weight { get; init; } = 1;

    public int Priority { get; init; }

    public Locality Locality { get; init; } = new();

    public Metadata? Metadata { get; init; }

    public bool IsCanary { get; init; }

    public HealthStatus EdsStatus { get; init; }

    public IReadOnlyList<EndPoint> AdditionalAddresses { get; init; } = [];

    public required UpstreamTransport Transport { get; init; }
}

/// <summary>
/// One endpoint of a cluster. The object, its pools, ejections and counts stay as long as its address is in the cluster; what
/// configuration says of it may change under it.
/// </summary>
public sealed class Host
{
    private HostDescription _description;
    private EndPoint _address;
    private int _flags;

    internal Host(Cluster cluster, EndPoint address, HostDescription description, int loops, long now)
    {
        Cluster = cluster;
        _address = address;
        AddressText = Text(address);
        _description = description;
        JoinedAt = now;
        LoopSlots = new object?[loops];
        _flags = (int)EdsFlags(description.EdsStatus);
    }

    /// <summary>The cluster it belongs to.</summary>
    public Cluster Cluster { get; }

    /// <summary>Where it listens: an <see cref="IPEndPoint"/> or a UNIX socket.</summary>
    public EndPoint Address
    {
        get => Volatile.Read(ref _address);
        internal set
        {
            AddressText = Text(value);
            Volatile.Write(ref _address, value);
        }
    }

    /// <summary>The address as Envoy writes it, e.g. <c>10.0.0.1:9080</c>.</summary>
    public string AddressText { get; private set; }

    /// <summary>The endpoint's host name; empty when it has none.</summary>
    public string Hostname => Description.Hostname;

    /// <summary>Load balancing weight, at least 1.</summary>
    public uint Weight => Description.Weight;

    /// <summary>Priority, 0 first.</summary>
    public int Priority => Description.Priority;

    /// <summary>Region, zone and sub-zone.</summary>
    public Locality Locality => Description.Locality;

    /// <summary>Endpoint metadata; null when there is none.</summary>
    public Metadata? Metadata => Description.Metadata;

    /// <summary>True when metadata <c>envoy.lb</c> says <c>canary: true</c>.</summary>
    public bool IsCanary => Description.IsCanary;

    /// <summary>Other addresses of the same endpoint, to try when the first does not answer.</summary>
    public IReadOnlyList<EndPoint> AdditionalAddresses => Description.AdditionalAddresses;

    /// <summary>How to talk to it: plaintext or which TLS.</summary>
    public UpstreamTransport Transport => Description.Transport;

    /// <summary>Why it is not healthy.</summary>
    public HostHealthFlags HealthFlags => (HostHealthFlags)Volatile.Read(ref _flags);

    /// <summary>What a load balancer makes of it (Envoy: any failure makes unhealthy, else any degradation degraded).</summary>
    public HostHealth Health => HealthFlags switch
    {
        HostHealthFlags.None => HostHealth.Healthy,
        var f when (f & ~(HostHealthFlags.DegradedEds | HostHealthFlags.DegradedActiveCheck)) != 0 => HostHealth.Unhealthy,
        _ => HostHealth.Degraded,
    };

    /// <summary>True once the host left the cluster: its pools drain and take nothing new.</summary>
    public bool IsRemoved { get; internal set; }

    /// <summary>Counts of this host.</summary>
    public HostStats Stats { get; } = new();

    /// <summary>One slot per event loop for the loop's connection pools to this host; each loop touches its own only.</summary>
    public object?[] LoopSlots { get; }

    /// <summary>Time stamp (<see cref="TimeProvider.GetTimestamp"/>) of joining the cluster; slow start counts from it.</summary>
    internal long JoinedAt { get; }

    internal OutlierState Outlier { get; } = new();

    /// <summary>1 when an original destination was asked for since the last clean-up.</summary>
    internal int PickedSinceCleanup;

    internal HostDescription Description
    {
        get => Volatile.Read(ref _description);
        set
        {
            Volatile.Write(ref _description, value);
            SetFlags(HostHealthFlags.FailedEds | HostHealthFlags.DegradedEds | HostHealthFlags.DrainingEds, EdsFlags(value.EdsStatus));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => AddressText;

    internal void SetFlags(HostHealthFlags mask, HostHealthFlags value)
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _flags);
        }
        while (Interlocked.CompareExchange(ref _flags, (seen & ~(int)mask) | (int)value, seen) != seen);
    }

    private static string Text(EndPoint address) => address is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : address.ToString()!;

    private static HostHealthFlags EdsFlags(HealthStatus status) => status switch
    {
        HealthStatus.Unhealthy or HealthStatus.Timeout => HostHealthFlags.FailedEds,
        HealthStatus.Draining => HostHealthFlags.DrainingEds,
        HealthStatus.Degraded => HostHealthFlags.DegradedEds,
        _ => HostHealthFlags.None,
    };
}
