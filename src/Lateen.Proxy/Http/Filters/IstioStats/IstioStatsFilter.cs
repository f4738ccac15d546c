using System.Buffers.Text;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Http.Filters.IstioStats;

/// <summary>
/// Counts finished requests with Istio's standard metrics and labels (Istio: <c>istio.stats</c>). The metric objects of a label set are
/// found by reference, per loop, so that a request makes no text.
/// </summary>
internal sealed class IstioStatsFilter(Reporter reporter, bool hostStandsIn, MetricRules rules, FilterContext context) : IHttpFilter
{
    private const int MostSeries = 4096;
    private readonly TrafficLabels _labels = new(reporter, PeerInfo.From(context.Services.Node.Metadata));
    private readonly StatsStore _stats = context.Services.Stats;
    private readonly LoopCache[] _caches = [.. context.Services.Loops.Select(_ => new LoopCache())];

    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange) => new(FilterStatus.Continue);

    /// <inheritdoc/>
    public void OnResponse(HttpExchange exchange, ResponseHead head)
    {
    }

    /// <inheritdoc/>
    public void OnComplete(HttpExchange exchange)
    {
        var cache = _caches[exchange.Loop.Index];
        var key = new HttpKey(
            Key(exchange, cache),
            exchange.Response?.Status ?? 0,
            exchange.Request.IsGrpc ? GrpcStatus(exchange) : null,
            exchange.Flags);
        if (!cache.Series.TryGetValue(key, out var series))
        {
            if (cache.Series.Count >= MostSeries)
            {
                cache.Series.Clear();
            }

            series = new HttpSeries(key, _labels, rules, _stats);
            cache.Series.Add(key, series);
        }

        series.Record(exchange);
    }

    private TrafficKey Key(HttpExchange exchange, LoopCache cache)
    {
        var tls = reporter == Reporter.Source ? exchange.Upstream?.Tls : exchange.Downstream.Tls;
        var peer = reporter == Reporter.Source
            ? exchange.GetFilterState(PeerInfo.UpstreamKey) as PeerInfo ?? cache.OfHost(exchange.UpstreamHost)
            : exchange.GetFilterState(PeerInfo.DownstreamKey) as PeerInfo;

        // The host counts only where neither cluster nor configuration says better.
        var host = hostStandsIn && exchange.Cluster?.Model.IstioServices is not [_, ..] ? cache.Text(exchange.Request.Authority) : null;
        return new TrafficKey(peer, exchange.Cluster, exchange.RouteName, host, First(tls?.PeerUriSans), First(tls?.LocalUriSans));
    }

    private static string First(IReadOnlyList<string>? sans) => sans is { Count: > 0 } ? sans[0] : "";

    // −1 for a gRPC request whose answer has no status.
    private static int GrpcStatus(HttpExchange exchange)
    {
        var text = exchange.ResponseTrailers is { } trailers && trailers.TryGet(HeaderNames.GrpcStatus, out var trailer) ? trailer
            : exchange.Response is { } head ? head.Headers.Get(HeaderNames.GrpcStatus)
            : default;
        return Utf8Parser.TryParse(text, out int status, out var used) && used == text.Length ? status : -1;
    }

    // Belongs to one loop.
    private sealed class LoopCache
    {
        private const int TextSlots = 256;
        private readonly (byte[] Bytes, string Text)[] _texts = new (byte[], string)[TextSlots];
        private readonly Dictionary<Struct, PeerInfo?> _hosts = new(ReferenceEqualityComparer.Instance);

        public Dictionary<HttpKey, HttpSeries> Series { get; } = [];

        /// <summary>What endpoint metadata says of a host that told nothing itself.</summary>
        public PeerInfo? OfHost(Clusters.Host? host)
        {
            if (host?.Metadata is not { } metadata || !metadata.FilterMetadata.TryGetValue("istio", out var istio))
            {
                return null;
            }

            if (!_hosts.TryGetValue(istio, out var peer))
            {
                if (_hosts.Count >= MostSeries)
                {
                    _hosts.Clear();
                }

                peer = istio.Fields.TryGetValue("workload", out var workload) ? PeerInfo.FromEndpoint(workload.StringValue) : null;
                _hosts.Add(istio, peer);
            }

            return peer;
        }

        /// <summary>The same bytes give the same text.</summary>
        public string Text(ReadOnlySpan<byte> bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes);
            ref var slot = ref _texts[(uint)hash.ToHashCode() % TextSlots];
            if (slot.Bytes is null || !bytes.SequenceEqual(slot.Bytes))
            {
                slot = (bytes.ToArray(), Encoding.Latin1.GetString(bytes));
            }

            return slot.Text;
        }
    }
}
