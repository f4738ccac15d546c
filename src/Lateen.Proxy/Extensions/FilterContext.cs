using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Upstream;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Extensions;

/// <summary>What lives as long as the process and is handed to everything that is built from configuration.</summary>
public sealed class ProxyServices
{
    /// <summary>The node this proxy reports itself as.</summary>
    public required Node Node { get; init; }

    /// <summary>All event loops.</summary>
    public required IReadOnlyList<IEventLoop> Loops { get; init; }

    /// <summary>Clock for everything off the loops.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>All metrics.</summary>
    public required StatsStore Stats { get; init; }

    /// <summary>Clusters by name.</summary>
    public required IClusterDirectory Clusters { get; init; }

    /// <summary>Route configurations, inline or by RDS.</summary>
    public required IRouteProvider Routes { get; init; }

    /// <summary>Certificates and trust, inline or by SDS.</summary>
    public required ISecretProvider Secrets { get; init; }

    /// <summary>Makes access loggers.</summary>
    public required IAccessLogFactory AccessLogs { get; init; }

    /// <summary>Filters by type URL.</summary>
    public required ExtensionCatalog Extensions { get; init; }

    /// <summary>The process's log.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>Makes connections to the hosts of clusters.</summary>
    public IUpstreamConnector UpstreamConnector { get; init; } = new UpstreamConnector();

    /// <summary>Fields that were accepted but have no effect.</summary>
    public IgnoredFields Ignored { get; } = new();
}

/// <summary>Clusters by name; a read is one dictionary lookup on an immutable snapshot.</summary>
public interface IClusterDirectory
{
    /// <summary>The cluster, or null.</summary>
    Cluster? Find(string name);
}

/// <summary>Where route tables come from.</summary>
public interface IRouteProvider
{
    /// <summary>Subscribes to a named route configuration; the same name gives the same source. Dispose to end the watch.</summary>
    IRouteSource Subscribe(string name, ConfigSource source);
}

/// <summary>The current route table of one name.</summary>
public interface IRouteSource : IDisposable
{
    /// <summary>The table in force; null until the first arrives.</summary>
    Routing.RouteTable? Current { get; }

    /// <summary>Completes when the first table arrived or the initial fetch timeout ran out (warming).</summary>
    Task Ready { get; }
}

/// <summary>Where certificates and trust come from.</summary>
public interface ISecretProvider
{
    /// <summary>The source of a secret given inline.</summary>
    ISecretSource Inline(Envoy.Extensions.TransportSockets.Tls.V3.Secret secret);

    /// <summary>The source of an SDS secret; the same name and source give the same object.</summary>
    ISecretSource Subscribe(Envoy.Extensions.TransportSockets.Tls.V3.SdsSecretConfig config);
}

/// <summary>The current value of one secret.</summary>
public interface ISecretSource
{
    /// <summary>The name it was asked for.</summary>
    string Name { get; }

    /// <summary>The secret in force; null until the first arrives. A new object with each rotation.</summary>
    Envoy.Extensions.TransportSockets.Tls.V3.Secret? Current { get; }

    /// <summary>Completes when the first secret arrived or the initial fetch timeout ran out (warming).</summary>
    Task Ready { get; }

    /// <summary>Raised, on any thread, after <see cref="Current"/> changed.</summary>
    event Action? Changed;
}

/// <summary>Makes access loggers from configuration.</summary>
public interface IAccessLogFactory
{
    /// <summary>One logger for a list of configured ones.</summary>
    /// <exception cref="ConfigurationException">A logger or format that cannot be honoured.</exception>
    IAccessLog Create(IReadOnlyList<Envoy.Config.Accesslog.V3.AccessLog> configuration);
}

/// <summary>Writes lines about finished streams.</summary>
public interface IAccessLog
{
    /// <summary>Logs a finished stream; never blocks the loop.</summary>
    void Log(StreamInfo stream);
}

/// <summary>What a filter can learn about where it is being built.</summary>
/// <param name="Services">The process.</param>
/// <param name="ListenerName">The listener's name.</param>
/// <param name="Direction">The listener's traffic direction.</param>
/// <param name="StatPrefix">The connection manager's or TCP proxy's prefix; empty outside one.</param>
public sealed record FilterContext(ProxyServices Services, string ListenerName, TrafficDirection Direction, string StatPrefix)
{
    /// <summary>What has to be ready before the listener takes connections: route and secret subscriptions made while building.</summary>
    public List<Task> Warming { get; } = [];

    /// <summary>The configured name of the filter that is being built: the key of its <c>typed_per_filter_config</c>.</summary>
    public string FilterName { get; init; } = "";

    /// <summary>Notes a field that is accepted but has no effect.</summary>
    public void Ignore(string field) => Services.Ignored.Note(Services, field);
}

/// <summary>Builds one kind of HTTP filter.</summary>
public interface IHttpFilterFactory
{
    /// <summary>Full names of the configuration messages that choose this filter, without <c>type.googleapis.com/</c>.</summary>
    IReadOnlyList<string> TypeNames { get; }

    /// <summary>Builds the filter.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    IHttpFilter Create(ByteString configuration, FilterContext context);

    /// <summary>Parses a <c>typed_per_filter_config</c> entry of a route or virtual host.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    object ParsePerRoute(ByteString configuration);
}

/// <summary>Builds one kind of network filter: an <see cref="INetworkFilter"/> or an <see cref="ITerminalNetworkFilter"/>.</summary>
public interface INetworkFilterFactory
{
    /// <summary>Full names of the configuration messages that choose this filter, without <c>type.googleapis.com/</c>.</summary>
    IReadOnlyList<string> TypeNames { get; }

    /// <summary>Builds the filter.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    object Create(ByteString configuration, FilterContext context);
}

/// <summary>The filters that this proxy has, by the type of their configuration. Adding one means one entry here.</summary>
public sealed class ExtensionCatalog(IEnumerable<IHttpFilterFactory> http, IEnumerable<INetworkFilterFactory> network)
{
    private readonly Dictionary<string, IHttpFilterFactory> _http =
        http.SelectMany(f => f.TypeNames, (f, n) => (n, f)).ToDictionary(e => e.n, e => e.f);

    private readonly Dictionary<string, INetworkFilterFactory> _network =
        network.SelectMany(f => f.TypeNames, (f, n) => (n, f)).ToDictionary(e => e.n, e => e.f);

    /// <summary>The HTTP filter factory for this configuration; null when there is none.</summary>
    public IHttpFilterFactory? Http(Any configuration) => _http.GetValueOrDefault(TypeName(configuration));

    /// <summary>The network filter factory for this configuration; null when there is none.</summary>
    public INetworkFilterFactory? Network(Any configuration) => _network.GetValueOrDefault(TypeName(configuration));

    private static string TypeName(Any any) => any.TypeUrl[(any.TypeUrl.LastIndexOf('/') + 1)..];
}
