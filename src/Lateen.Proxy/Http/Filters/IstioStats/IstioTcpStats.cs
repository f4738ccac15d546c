using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.Filters.PeerMetadata;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Http.Filters.IstioStats;

/// <summary>Counts TCP connections and their bytes with Istio's standard metrics, every few seconds and at the end.</summary>
internal sealed class IstioTcpStats(Reporter reporter, TimeSpan interval, MetricRules rules, FilterContext context) : INetworkFilter
{
    private const string StateKey = "istio.stats";
    private readonly TrafficLabels _labels = new(reporter, PeerInfo.From(context.Services.Node.Metadata));
    private readonly StatsStore _stats = context.Services.Stats;

    /// <inheritdoc/>
    public ValueTask<bool> OnConnectionAsync(NetworkConnection connection)
    {
        var report = new ConnectionReport(this, connection);
        connection.Info.SetFilterState(StateKey, report);
        report.Timer = connection.Transport.Loop.CreateTimer(static self => ((ConnectionReport)self!).Periodic(), report);
        report.Timer.Start(interval);
        return new ValueTask<bool>(true);
    }

    /// <inheritdoc/>
    public void OnClose(NetworkConnection connection) => (connection.Info.GetFilterState(StateKey) as ConnectionReport)?.End();

    private TrafficKey Key(StreamInfo info)
    {
        var tls = reporter == Reporter.Source ? info.Upstream?.Tls : info.Downstream.Tls;
        var peer = info.GetFilterState(reporter == Reporter.Source ? PeerInfo.UpstreamKey : PeerInfo.DownstreamKey) as PeerInfo;
        return new TrafficKey(
            peer,
            info.Cluster,
            info.RouteName,
            null,
            tls?.PeerUriSans is [var theirs, ..] ? theirs : "",
            tls?.LocalUriSans is [var ours, ..] ? ours : "");
    }

    // One connection's metrics: opened once its peer is known or it has moved bytes, bytes as they came, closed at its end.
    private sealed class ConnectionReport(IstioTcpStats owner, NetworkConnection connection)
    {
        private List<Tag>? _tags;
        private Counter? _sent;
        private Counter? _received;
        private long _sentReported;
        private long _receivedReported;

        public LoopTimer? Timer { get; set; }

        public void Periodic()
        {
            Report();
            Timer!.Start(owner.Interval);
        }

        public void End()
        {
            Timer?.Stop();
            Report();
            owner.Rules.Counter(owner._stats, "tcp_connections_closed_total", _tags!)?.Increment();
        }

        private void Report()
        {
            var info = connection.Info;
            if (_tags is null)
            {
                var key = owner.Key(info);
                _tags = owner._labels.Common(key);
                _tags.Add(new Tag("request_protocol", "tcp"));
                _tags.Add(new Tag("response_flags", ResponseFlagText.Short(info.Flags)));
                _tags.Add(new Tag("connection_security_policy", owner._labels.SecurityPolicy(key)));
                _sent = owner.Rules.Counter(owner._stats, "tcp_sent_bytes_total", _tags);
                _received = owner.Rules.Counter(owner._stats, "tcp_received_bytes_total", _tags);
                owner.Rules.Counter(owner._stats, "tcp_connections_opened_total", _tags)?.Increment();
            }

            _sent?.Add(info.BytesSent - _sentReported);
            _received?.Add(info.BytesReceived - _receivedReported);
            (_sentReported, _receivedReported) = (info.BytesSent, info.BytesReceived);
        }
    }

    private MetricRules Rules => rules;

    private TimeSpan Interval => interval;
}
