using Envoy.Config.Core.V3;
using Google.Protobuf;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Xds.Istio;

namespace Lateen.Proxy.Http.Filters.IstioStats;

/// <summary>Builds the <c>istio.stats</c> filter, for HTTP and for TCP.</summary>
public sealed class IstioStatsFactory : IHttpFilterFactory, INetworkFilterFactory
{
    private static readonly TimeSpan DefaultReporting = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="IHttpFilterFactory.TypeNames"/>
    public IReadOnlyList<string> TypeNames { get; } = ["stats.PluginConfig"];

    /// <inheritdoc/>
    IHttpFilter IHttpFilterFactory.Create(ByteString configuration, FilterContext context)
    {
        var proto = PluginConfig.Parser.ParseFrom(configuration);
        var reporter = ReporterOf(proto, context);
        var hostStandsIn = reporter == Reporter.Source && !proto.DisableHostHeaderFallback;
        return new IstioStatsFilter(reporter, hostStandsIn, new MetricRules(proto, context), context);
    }

    /// <inheritdoc/>
    object INetworkFilterFactory.Create(ByteString configuration, FilterContext context)
    {
        var proto = PluginConfig.Parser.ParseFrom(configuration);
        var interval = proto.TcpReportingDuration?.ToTimeSpan() is { } given && given > TimeSpan.Zero ? given : DefaultReporting;
        return new IstioTcpStats(ReporterOf(proto, context), interval, new MetricRules(proto, context), context);
    }

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) =>
        throw new ConfigurationException("", "istio.stats takes no configuration per route");

    private static Reporter ReporterOf(PluginConfig proto, FilterContext context) =>
        proto.Reporter == Lateen.Xds.Istio.Reporter.ServerGateway ? Reporter.Waypoint
        : context.Direction == TrafficDirection.Inbound ? Reporter.Destination
        : Reporter.Source;
}
