using Envoy.Config.Core.V3;
using Lateen.Proxy.Stats;
using Lateen.Xds;
using Lateen.Xds.Client;
using Microsoft.Extensions.Logging;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Configuration;

/// <summary>
/// The streams to control planes: the aggregated one of the bootstrap, and one for each other gRPC service that gives secrets.
/// Hands what arrives to the part that owns its type.
/// </summary>
public sealed class XdsConnections : IResourceHandler
{
    private readonly BootstrapProto _bootstrap;
    private readonly GrpcChannels _channels;
    private readonly StatsStore _stats;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Registration> _types = [];
    private readonly Dictionary<GrpcService, AdsClient> _secretClients = [];
    private readonly Dictionary<(AdsClient, string), NamedSubscriptions> _names = [];
    private readonly List<AdsClient> _waiting = [];
    private readonly List<Task> _running = [];
    private CancellationToken _stopping;
    private bool _started;

    /// <summary>Prepares the streams; they connect with <see cref="RunAsync"/>.</summary>
    /// <exception cref="ConfigurationException">The ADS settings cannot be honoured.</exception>
    public XdsConnections(BootstrapProto bootstrap, StatsStore stats, TimeProvider time, ILoggerFactory loggers)
    {
        _bootstrap = bootstrap;
        _stats = stats;
        _time = time;
        _logger = loggers.CreateLogger("Lateen.Proxy.Configuration.Xds");
        _channels = new GrpcChannels((bootstrap.StaticResources?.Clusters ?? []).ToDictionary(c => c.Name), ControlPlaneTls.Create);
        if (bootstrap.DynamicResources?.AdsConfig is { } ads)
            Ads = Open(ads, DiscoveryMethod.AggregatedResources, "dynamic_resources.ads_config");
    }

    /// <summary>The aggregated stream; null when the bootstrap has none.</summary>
    public AdsClient? Ads { get; }

    /// <summary>Connects and keeps connected until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _stopping = cancellationToken;
            _started = true;
            _waiting.ForEach(Run);
            _waiting.Clear();
        }

        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] running;
        lock (_gate)
            running = [.. _running];
        await Task.WhenAll(running);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> HandleAsync(ResourceResponse response, CancellationToken cancellationToken)
    {
        Registration registration;
        lock (_gate)
            registration = _types[response.TypeUrl];
        var start = _time.GetTimestamp();
        var error = await registration.Apply(response);
        registration.Stats.Applied(response.Version, error, _time.GetElapsedTime(start));
        return error;
    }

    /// <summary>Names who applies a type, and where its statistics go.</summary>
    internal UpdateStats Register(string typeUrl, string statsPrefix, Func<ResourceResponse, ValueTask<string?>> apply)
    {
        var stats = new UpdateStats(_stats, statsPrefix, _time);
        lock (_gate)
            _types[typeUrl] = new Registration(apply, stats);
        return stats;
    }

    /// <summary>Asks for everything of a type (CDS, LDS).</summary>
    /// <exception cref="ConfigurationException">The source is of a kind that is not supported.</exception>
    internal void Follow(string typeUrl, ConfigSource source) => ClientOf(typeUrl, source).Subscribe(typeUrl);

    /// <summary>The names asked for of a type at a source; the same object for the same source.</summary>
    /// <exception cref="ConfigurationException">The source is of a kind that is not supported.</exception>
    internal NamedSubscriptions Names(string typeUrl, ConfigSource source)
    {
        var client = ClientOf(typeUrl, source);
        lock (_gate)
        {
            if (!_names.TryGetValue((client, typeUrl), out var names))
                _names[(client, typeUrl)] = names = new NamedSubscriptions(client, typeUrl);
            return names;
        }
    }

    /// <summary>Brings the statistics up to date that only the streams know.</summary>
    internal void RefreshStats()
    {
        if (Ads is null)
            return;
        _stats.Gauge("control_plane.connected_state").Set(Ads.Connected ? 1 : 0);
        _stats.Text("control_plane.identifier").Value = Ads.ControlPlaneIdentifier;
        lock (_gate)
        {
            foreach (var (typeUrl, registration) in _types)
                registration.Stats.Refresh(Ads.Statistics(typeUrl));
        }
    }

    private AdsClient ClientOf(string typeUrl, ConfigSource source) => source.ConfigSourceSpecifierCase switch
    {
        ConfigSource.ConfigSourceSpecifierOneofCase.Ads =>
            Ads ?? throw new ConfigurationException("ads", "the bootstrap has no dynamic_resources.ads_config"),
        ConfigSource.ConfigSourceSpecifierOneofCase.ApiConfigSource when typeUrl == TypeUrls.Secret => SecretClient(source.ApiConfigSource),
        var other => throw new ConfigurationException("", $"{TypeUrls.ShortName(typeUrl)} from {other} is not supported"),
    };

    private AdsClient SecretClient(ApiConfigSource source)
    {
        if (source.GrpcServices is not [var service, ..])
            throw new ConfigurationException("api_config_source.grpc_services", "expected a gRPC service");
        lock (_gate)
        {
            if (!_secretClients.TryGetValue(service, out var client))
            {
                _secretClients[service] = client = Open(source, DiscoveryMethod.Secrets, "api_config_source");
                if (_started)
                    Run(client);
                else
                    _waiting.Add(client);
            }

            return client;
        }
    }

    private AdsClient Open(ApiConfigSource source, DiscoveryMethod method, string path)
    {
        if (source.ApiType is not (ApiConfigSource.Types.ApiType.Grpc or ApiConfigSource.Types.ApiType.AggregatedGrpc))
            throw new ConfigurationException($"{path}.api_type", $"{source.ApiType} is not supported; use GRPC");
        if (source.GrpcServices is not [var service, ..])
            throw new ConfigurationException($"{path}.grpc_services", "expected a gRPC service");
        try
        {
            var client = new AdsClient(_channels.Open(service), Options(source, service, method), this, _time, Random.Shared, _logger);
            if (method == DiscoveryMethod.AggregatedResources)
                _waiting.Add(client);
            return client;
        }
        catch (ConfigurationException e)
        {
            throw e.Within($"{path}.grpc_services[0]");
        }
    }

    private AdsClientOptions Options(ApiConfigSource source, GrpcService service, DiscoveryMethod method)
    {
        var options = new AdsClientOptions
        {
            Node = _bootstrap.Node,
            Method = method,
            SetNodeOnFirstMessageOnly = source.SetNodeOnFirstMessageOnly,
            InitialMetadata = _channels.InitialMetadata(service),
        };
        var backOff = service.EnvoyGrpc?.RetryPolicy?.RetryBackOff;
        return backOff is null ? options : options with
        {
            BackOffBase = backOff.BaseInterval?.ToTimeSpan() ?? options.BackOffBase,
            BackOffMax = backOff.MaxInterval?.ToTimeSpan() ?? options.BackOffMax,
        };
    }

    private void Run(AdsClient client) => _running.Add(Task.Run(() => client.RunAsync(_stopping)));

    private sealed record Registration(Func<ResourceResponse, ValueTask<string?>> Apply, UpdateStats Stats);
}

/// <summary>Names of one type wanted from one stream, counted by how many want them.</summary>
internal sealed class NamedSubscriptions(AdsClient client, string typeUrl)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, int> _wanted = new(StringComparer.Ordinal);

    public void Add(string name)
    {
        lock (_gate)
        {
            _wanted[name] = _wanted.GetValueOrDefault(name) + 1;
            client.Subscribe(typeUrl, _wanted.Keys);
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            if (--_wanted[name] > 0)
                return;
            _wanted.Remove(name);
            client.Subscribe(typeUrl, _wanted.Keys);
        }
    }
}
