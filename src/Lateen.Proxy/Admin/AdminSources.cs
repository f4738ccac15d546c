using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Listeners;
using Lateen.Proxy.Logging;
using Lateen.Proxy.Server;
using Lateen.Proxy.Stats;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Admin;

/// <summary>What the admin pages show and change.</summary>
internal sealed record AdminSources
{
    public required BootstrapProto Bootstrap { get; init; }

    public required BootstrapOptions Options { get; init; }

    public required Lifecycle Lifecycle { get; init; }

    public required StatsStore Stats { get; init; }

    /// <summary>Brings gauges up to date that are not kept by events.</summary>
    public required Action RefreshStats { get; init; }

    public required ClusterManager ClusterManager { get; init; }

    public required ClusterUpdates Clusters { get; init; }

    public required ListenerUpdates ListenerUpdates { get; init; }

    public required IListenerSet Listeners { get; init; }

    public required RouteDirectory Routes { get; init; }

    public required SecretDirectory Secrets { get; init; }

    public required LogLevels LogLevels { get; init; }

    public required AccessLogFiles AccessLogs { get; init; }

    public required TimeProvider Time { get; init; }
}
