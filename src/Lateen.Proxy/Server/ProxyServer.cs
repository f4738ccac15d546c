using Envoy.Config.Core.V3;
using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Admin;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.Filters;
using Lateen.Proxy.Listeners;
using Lateen.Proxy.Logging;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Tls;
using Lateen.Proxy.Upstream;
using Lateen.Xds;
using Microsoft.Extensions.Logging;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Server;

/// <summary>
/// The proxy as a whole: puts its parts together, applies the bootstrap, follows the control plane, and lives until it is told to end.
/// </summary>
public sealed partial class ProxyServer : IAsyncDisposable
{
    private readonly BootstrapProto _bootstrap;
    private readonly BootstrapOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventLoopGroup _loops;
    private readonly XdsConnections _connections;
    private readonly SecretDirectory _secrets;
    private readonly RouteDirectory _routes;
    private readonly ClusterManager _clusterManager;
    private readonly ClusterUpdates _clusters;
    private readonly ListenerSet _listeners;
    private readonly ListenerUpdates _listenerUpdates;
    private readonly AccessLogFiles _accessLogs;
    private readonly ServerStats _serverStats;
    private readonly CancellationTokenSource _stopping = new();
    private readonly AdminPages _adminPages;
    private readonly ILoggerFactory _loggers;
    private AdminServer? _admin;
    private Task _following = Task.CompletedTask;

    /// <summary>Builds the proxy; nothing listens yet.</summary>
    /// <param name="bootstrap">What to start from.</param>
    /// <param name="options">The command line.</param>
    /// <param name="loggers">The log.</param>
    /// <param name="levels">The log's levels, for the admin page.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ConfigurationException">The bootstrap cannot be honoured.</exception>
    public ProxyServer(BootstrapProto bootstrap, BootstrapOptions options, ILoggerFactory loggers, LogLevels levels, TimeProvider time)
    {
        (_bootstrap, _options, _time, _loggers) = (bootstrap, options, time, loggers);
        _logger = loggers.CreateLogger<ProxyServer>();
        Lifecycle = new Lifecycle(time);
        Stats = new StatsStore(new StatsRules(bootstrap.StatsConfig));
        _loops = new EventLoopGroup(options.Concurrency, time, loggers);
        _accessLogs = new AccessLogFiles(options.FileFlushInterval, time, Stats, loggers.CreateLogger<AccessLogFiles>());
        _connections = new XdsConnections(bootstrap, Stats, time, loggers);
        _secrets = new SecretDirectory(_connections, bootstrap, time, loggers);
        var extensions = new ExtensionCatalog(BuiltInFilters.Http(), BuiltInFilters.Network());
        ProxyServices services = null!;
        void Ignored(string field) => services.Ignored.Note(services, field);
        _routes = new RouteDirectory(_connections, extensions, Ignored, time);
        _clusterManager = new ClusterManager(new ClusterServices
        {
            Time = time,
            Stats = Stats,
            LoopCount = options.Concurrency,
            Transports = new UpstreamTransportFactory(_secrets, Stats, loggers),
            LoggerFactory = loggers,
            Ignored = Ignored,
        });
        _clusters = new ClusterUpdates(_clusterManager, _connections, time, loggers);
        services = new ProxyServices
        {
            Node = bootstrap.Node,
            Loops = _loops.Loops,
            Time = time,
            Stats = Stats,
            Clusters = _clusterManager,
            Routes = _routes,
            Secrets = _secrets,
            AccessLogs = new AccessLogFactory(_accessLogs, Stats, loggers.CreateLogger<AccessLogFactory>()),
            Extensions = extensions,
            LoggerFactory = loggers,
            UpstreamConnector = new UpstreamConnector(),
        };
        _listeners = new ListenerSet(() => services, new ListenerSetOptions { DrainTime = options.DrainTime });
        _listenerUpdates = new ListenerUpdates(_listeners, _connections, Stats, time, loggers);
        _serverStats = new ServerStats(Stats, Lifecycle, options.Concurrency, _listeners);
        _adminPages = new AdminPages(Sources(levels));
    }

    /// <summary>The state of the process.</summary>
    public Lifecycle Lifecycle { get; }

    /// <summary>All metrics.</summary>
    public StatsStore Stats { get; }

    /// <summary>The address of the admin port; null before it is open, or when the bootstrap has none.</summary>
    public System.Net.EndPoint? AdminAddress => _admin?.Address;

    /// <summary>The listeners that accept connections.</summary>
    public IReadOnlyList<ListenerStatus> Listeners => _listeners.Active;

    /// <summary>Checks the static resources of the bootstrap without opening anything.</summary>
    /// <exception cref="ConfigurationException">One of them cannot be honoured.</exception>
    public void Validate()
    {
        ForEach(_bootstrap.StaticResources?.Clusters, "static_resources.clusters", cluster => _clusterManager.Compile(cluster));
        ForEach(_bootstrap.StaticResources?.Listeners, "static_resources.listeners", listener => _listeners.Prepare(listener).Dispose());
    }

    /// <summary>Serves until <see cref="Lifecycle.Shutdown"/> is asked for, or cancelled; then drains, if asked to, and ends.</summary>
    /// <exception cref="ConfigurationException">A static resource cannot be honoured or bound.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var cancelled = cancellationToken.Register(() => Lifecycle.RequestShutdown(TimeSpan.Zero));
        var live = await StartAsync();
        await await Task.WhenAny(live, Lifecycle.Shutdown);
        if (await Lifecycle.Shutdown is var drainTime && drainTime > TimeSpan.Zero)
            await DrainAsync(drainTime);
        LogExiting();
    }

    /// <summary>Asks files of access logs to be opened anew (SIGUSR1).</summary>
    public void ReopenLogs() => _accessLogs.Reopen();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listeners.StopAccepting(inboundOnly: false);
        _listeners.CloseConnections();
        if (_admin is not null)
            await _admin.DisposeAsync();
        _loops.Dispose();
        _clusterManager.Dispose();
        _secrets.Dispose();
        await _accessLogs.DisposeAsync();
        _stopping.Dispose();
    }

    private static void ForEach<T>(IReadOnlyList<T>? items, string path, Action<T> check)
    {
        for (var i = 0; i < items?.Count; i++)
        {
            try
            {
                check(items[i]);
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"{path}[{i}]");
            }
        }
    }

    private AdminSources Sources(LogLevels levels) => new()
    {
        Bootstrap = _bootstrap,
        Options = _options,
        Lifecycle = Lifecycle,
        Stats = Stats,
        RefreshStats = RefreshStats,
        ClusterManager = _clusterManager,
        Clusters = _clusters,
        ListenerUpdates = _listenerUpdates,
        Listeners = _listeners,
        Routes = _routes,
        Secrets = _secrets,
        LogLevels = levels,
        AccessLogs = _accessLogs,
        Time = _time,
    };

    private void RefreshStats()
    {
        _connections.RefreshStats();
        _serverStats.Refresh();
    }

    // The inner task completes when the proxy is live.
    private async Task<Task> StartAsync()
    {
        LogStarting(_bootstrap.Node.Id, _options.Concurrency);
        if (_bootstrap.Admin?.Address is { } address)
        {
            _admin = new AdminServer(address, _adminPages.Answer, _loggers.CreateLogger<AdminServer>());
            _admin.Start();
            LogAdmin(_admin.Address);
            if (_options.AdminAddressPath is { } path)
                await File.WriteAllTextAsync(path, Admin.Addresses.Text(_admin.Address));
        }

        _clusters.ApplyStatic(_bootstrap.StaticResources?.Clusters ?? []);
        _listenerUpdates.ApplyStatic(_bootstrap.StaticResources?.Listeners ?? []);
        Lifecycle.State = ServerState.Initializing;
        _following = _connections.RunAsync(_stopping.Token);
        return BecomeLiveAsync();
    }

    // Envoy's order: clusters and their endpoints, then listeners with their routes and secrets, then live.
    private async Task BecomeLiveAsync()
    {
        await _clusters.Warm;
        await FirstAnswerAsync(_bootstrap.DynamicResources?.CdsConfig, TypeUrls.Cluster, done => _clusters.Received = done, _clusters.Stats);
        await _clusters.Warm;
        await FirstAnswerAsync(_bootstrap.DynamicResources?.LdsConfig, TypeUrls.Listener, done => _listenerUpdates.Received = done, _listenerUpdates.Stats);
        await _listenerUpdates.Warm;
        Stats.Gauge("listener_manager.workers_started").Set(1);
        if (Lifecycle.State == ServerState.Initializing)
            Lifecycle.State = ServerState.Live;
        _serverStats.Initialized(Lifecycle.Uptime);
        LogLive((long)Lifecycle.Uptime.TotalMilliseconds);
        BootstrapReader.ReleaseMemory();
    }

    private async Task FirstAnswerAsync(ConfigSource? source, string typeUrl, Action<Action> onAnswer, UpdateStats stats)
    {
        if (source is null)
            return;
        using var first = new FetchTimeout(source, _time, stats.TimedOut);
        onAnswer(first.Complete);
        _connections.Follow(typeUrl, source);
        await first.Done;
    }

    private async Task DrainAsync(TimeSpan drainTime)
    {
        Lifecycle.State = ServerState.Draining;
        LogDraining(_listeners.ActiveConnections, drainTime.TotalSeconds);
        _listeners.Drain(inboundOnly: false);
        _listeners.StopAccepting(inboundOnly: false);
        var until = _time.GetUtcNow() + drainTime;
        while (_listeners.ActiveConnections > 0 && !Lifecycle.Hurry && _time.GetUtcNow() < until)
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "starting node '{Node}' with {Concurrency} event loop(s)")]
    private partial void LogStarting(string node, int concurrency);

    [LoggerMessage(Level = LogLevel.Information, Message = "admin address: {Address}")]
    private partial void LogAdmin(System.Net.EndPoint address);

    [LoggerMessage(Level = LogLevel.Information, Message = "all dependencies initialized, live after {Milliseconds} ms")]
    private partial void LogLive(long milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "draining {Connections} connection(s) for at most {Seconds} s")]
    private partial void LogDraining(long connections, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "exiting")]
    private partial void LogExiting();
}
