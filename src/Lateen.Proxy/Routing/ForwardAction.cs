using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;
using HeaderMap = Lateen.Proxy.Http.HeaderMap;

namespace Lateen.Proxy.Routing;

/// <summary>Forwards to a cluster.</summary>
public sealed record ForwardAction
{
    /// <summary>The cluster; null when it is chosen per request.</summary>
    public string? Cluster { get; init; }

    /// <summary>The header that names the cluster; null for another way.</summary>
    public HeaderName? ClusterHeader { get; init; }

    /// <summary>Clusters by weight; null for another way.</summary>
    public WeightedClusters? Weighted { get; init; }

    /// <summary>Status when the cluster does not exist; 503 unless given.</summary>
    public int ClusterNotFoundStatus { get; init; } = 503;

    /// <summary>Time limits.</summary>
    public RouteTimeouts Timeouts { get; init; } = new();

    /// <summary>Retries by configuration (route's, else virtual host's); null for none.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>True when a per-try timeout starts another attempt beside the first.</summary>
    public bool HedgeOnPerTryTimeout { get; init; }

    /// <summary>Which circuit breakers and pools are used.</summary>
    public RoutingPriority Priority { get; init; }

    /// <summary>Where the hash for consistent hashing comes from; null for nowhere.</summary>
    public HashPolicy? HashPolicy { get; init; }

    /// <summary>Copies of requests for other clusters.</summary>
    public IReadOnlyList<MirrorPolicy> Mirrors { get; init; } = [];

    /// <summary>Path and host rewriting.</summary>
    public Rewrites Rewrites { get; init; } = Rewrites.None;

    /// <summary><c>envoy.lb</c> metadata that hosts must have; null for any.</summary>
    public Struct? MetadataMatch { get; init; }

    /// <summary>Upgrades that the route allows (true) or forbids (false), by lower-case type; the connection manager decides others.</summary>
    public IReadOnlyDictionary<string, bool> Upgrades { get; init; } = new Dictionary<string, bool>();

    /// <summary>Body bytes kept for retries at most; null for the connection's limit.</summary>
    public uint? BufferLimit { get; init; }
}

/// <summary>The cluster that a request goes to.</summary>
/// <param name="Name">The cluster's name; null when the header that should name it is missing.</param>
/// <param name="Weighted">The entry of weighted clusters that was drawn; null otherwise.</param>
public readonly record struct ClusterChoice(string? Name, WeightedCluster? Weighted);

/// <summary>A copy of requests for another cluster (Envoy: request mirroring).</summary>
/// <param name="Cluster">The cluster; null when a header names it.</param>
/// <param name="ClusterHeader">The header that names it.</param>
/// <param name="Share">The share of requests.</param>
/// <param name="AppendShadowSuffix">True when the host gets <c>-shadow</c>.</param>
public sealed record MirrorPolicy(string? Cluster, HeaderName? ClusterHeader, Fraction Share, bool AppendShadowSuffix);

/// <summary>One of several clusters.</summary>
public sealed class WeightedCluster
{
    /// <summary>The cluster; null when a header names it.</summary>
    public string? Name { get; init; }

    /// <summary>The header that names it; null when <see cref="Name"/> does.</summary>
    public HeaderName? ClusterHeader { get; init; }

    /// <summary>Its share.</summary>
    public uint Weight { get; init; }

    /// <summary>Set as host before the route's own rewrite; null keeps it.</summary>
    public string? HostRewrite { get; init; }

    /// <summary><c>envoy.lb</c> metadata that hosts must have, merged over the route's; null for any.</summary>
    public Struct? MetadataMatch { get; init; }

    internal HeaderMutations RequestHeaders { get; init; } = HeaderMutations.None;

    internal HeaderMutations ResponseHeaders { get; init; } = HeaderMutations.None;

    internal FilterConfigs Filters { get; init; } = FilterConfigs.None;
}

/// <summary>Clusters by weight.</summary>
public sealed class WeightedClusters
{
    private readonly WeightedCluster[] _entries;
    private readonly ulong _total;
    private readonly HeaderName? _randomHeader;

    internal WeightedClusters(IReadOnlyList<WeightedCluster> entries, HeaderName? randomHeader)
    {
        _entries = [.. entries];
        _randomHeader = randomHeader;
        foreach (var entry in entries)
            _total += entry.Weight;
    }

    /// <summary>The clusters in order.</summary>
    public IReadOnlyList<WeightedCluster> Entries => _entries;

    /// <summary>The entry for this random value: half-open intervals in order; weight 0 is never chosen.</summary>
    public WeightedCluster Choose(HeaderMap headers, ulong random)
    {
        if (_randomHeader is not null && headers.IndexOf(_randomHeader) is >= 0 and var i && headers.IndexOf(_randomHeader, i + 1) < 0
            && System.Buffers.Text.Utf8Parser.TryParse(headers.ValueAt(i), out ulong given, out var used) && used == headers.ValueAt(i).Length)
        {
            random = given;
        }

        var at = random % _total;
        foreach (var entry in _entries)
        {
            if (at < entry.Weight)
                return entry;
            at -= entry.Weight;
        }

        throw new InvalidOperationException("weights do not add up to their total");
    }
}
