using System.Diagnostics.Metrics;

namespace Lateen.Xds.Server;

/// <summary>What the server measures, under the names istiod gives it.</summary>
internal sealed class XdsMetrics(Meter meter)
{
    private readonly Counter<long> _pushes = meter.CreateCounter<long>(
        "pilot_xds_pushes", description: "Pilot build and send errors for lds, rds, cds and eds, and pushes sent.");
    private readonly Histogram<double> _pushTime = meter.CreateHistogram<double>(
        "pilot_xds_push_time", "s", "Total time in seconds Pilot takes to push lds, rds, cds and eds.");
    private readonly Histogram<double> _sendTime = meter.CreateHistogram<double>(
        "pilot_xds_send_time", "s", "Total time in seconds Pilot takes to send generated configuration.");
    private readonly Histogram<long> _size = meter.CreateHistogram<long>(
        "pilot_xds_config_size_bytes", "By", "Distribution of configuration sizes pushed to clients.");
    private readonly Histogram<double> _queueTime = meter.CreateHistogram<double>(
        "pilot_proxy_queue_time", "s", "Time in seconds, a proxy is in the push queue before being dequeued.");
    private readonly Histogram<double> _convergenceTime = meter.CreateHistogram<double>(
        "pilot_proxy_convergence_time", "s", "Delay in seconds between config change and a proxy receiving all required configuration.");
    private readonly Counter<long> _rejects = meter.CreateCounter<long>(
        "pilot_total_xds_rejects", description: "Total number of XDS responses from pilot rejected by proxy.");
    private readonly Counter<long> _expiredNonces = meter.CreateCounter<long>(
        "pilot_xds_expired_nonce", description: "Total number of XDS requests with an expired nonce.");
    private readonly Counter<long> _internalErrors = meter.CreateCounter<long>(
        "pilot_total_xds_internal_errors", description: "Total number of internal XDS errors in pilot.");
    private readonly Dictionary<string, Counter<long>> _rejectsByType =
        new[] { TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route }.ToDictionary(
            type => type,
            type => meter.CreateCounter<long>($"pilot_xds_{Label(type)}_reject", description: $"Pilot rejected {TypeUrls.ShortName(type)} configs."));

    public void Pushed(string typeUrl, TimeSpan generating, TimeSpan sending, int bytes)
    {
        var type = Type(typeUrl);
        _pushes.Add(1, type);
        _pushTime.Record(generating.TotalSeconds, type);
        _sendTime.Record(sending.TotalSeconds);
        _size.Record(bytes, type);
    }

    public void SendFailed(string typeUrl) => _pushes.Add(1, new KeyValuePair<string, object?>("type", Label(typeUrl) + "_senderr"));

    public void Dequeued(TimeSpan waited) => _queueTime.Record(waited.TotalSeconds);

    public void Converged(TimeSpan since) => _convergenceTime.Record(since.TotalSeconds);

    public void Rejected(string typeUrl, string node, string code)
    {
        _rejects.Add(1, Type(typeUrl));
        if (_rejectsByType.TryGetValue(typeUrl, out var counter))
            counter.Add(1, new("node", node), new("err", code));
    }

    public void ExpiredNonce(string typeUrl) => _expiredNonces.Add(1, Type(typeUrl));

    public void InternalError() => _internalErrors.Add(1);

    private static KeyValuePair<string, object?> Type(string typeUrl) => new("type", Label(typeUrl));

    private static string Label(string typeUrl) => TypeUrls.ShortName(typeUrl) is var name && name == typeUrl ? typeUrl : name.ToLowerInvariant();
}
