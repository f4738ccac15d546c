using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Lateen.Proxy.Extensions;
using Lateen.Xds;
using Lateen.Xds.Client;
using Microsoft.Extensions.Logging;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Configuration;

/// <summary>
/// Certificates and trust bundles: from the bootstrap, inline, from files that are watched, or by SDS. A rotation is a new object
/// and an event; connections under way keep what they began with. A watch ends when nothing holds its source any more.
/// </summary>
public sealed partial class SecretDirectory : ISecretProvider, IDisposable
{
    private static readonly TimeSpan FileInterval = TimeSpan.FromSeconds(1);

    private readonly XdsConnections _connections;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UpdateStats _stats;
    private readonly Dictionary<string, Secret> _static;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, ConfigSource Source), Watch> _watches = [];
    private readonly List<WeakReference<ISecretSource>> _inline = [];
    private readonly ITimer _sweep;

    /// <summary>Takes over the type of SDS.</summary>
    public SecretDirectory(XdsConnections connections, BootstrapProto bootstrap, TimeProvider time, ILoggerFactory loggers)
    {
        _connections = connections;
        _time = time;
        _logger = loggers.CreateLogger("Lateen.Proxy.Configuration.Secrets");
        _static = (bootstrap.StaticResources?.Secrets ?? []).ToDictionary(s => s.Name);
        Records = new ResourceRecords(time);
        _stats = connections.Register(TypeUrls.Secret, "sds.", response => ValueTask.FromResult(Apply(response)));
        _sweep = time.CreateTimer(_ => Sweep(), null, FileInterval, FileInterval);
    }

    /// <summary>What is in force by SDS, for admin pages.</summary>
    public ResourceRecords Records { get; }

    /// <summary>The bootstrap's own secrets.</summary>
    public IReadOnlyCollection<Secret> Static => _static.Values;

    /// <summary>The secrets that something in force holds.</summary>
    public IReadOnlyList<Secret> InUse()
    {
        var found = new List<Secret>();
        lock (_gate)
        {
            foreach (var watch in _watches.Values)
            {
                if (watch.Source.TryGetTarget(out var source) && source.Current is { } secret)
                    found.Add(secret);
            }

            foreach (var inline in _inline)
            {
                if (inline.TryGetTarget(out var source) && source.Current is { } secret)
                    found.Add(secret);
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public ISecretSource Inline(Secret secret)
    {
        var files = SecretFiles.Of(secret);
        ISecretSource source = files.Count == 0 ? new FixedSecret(secret) : new FileSecret(secret, files);
        lock (_gate)
            _inline.Add(new(source));
        return source;
    }

    /// <inheritdoc/>
    public ISecretSource Subscribe(SdsSecretConfig config)
    {
        if (config.SdsConfig is null)
        {
            return _static.TryGetValue(config.Name, out var known)
                ? Inline(known)
                : throw new ConfigurationException("sds_config", $"Unknown static secret: {config.Name}");
        }

        var key = (config.Name, config.SdsConfig);
        lock (_gate)
        {
            if (_watches.TryGetValue(key, out var watch) && watch.Source.TryGetTarget(out var source))
                return source;
            source = new SdsSecret(config.Name, new FetchTimeout(config.SdsConfig, _time, _stats.TimedOut));
            if (watch is not null)
            {
                // Nobody held it for a moment, but its watch still runs: what came last is in force.
                watch.Source = new(source);
                if (watch.Last is { } last)
                {
                    source.Set(last);
                    source.FirstFetch.Complete();
                }

                return source;
            }

            var names = _connections.Names(TypeUrls.Secret, config.SdsConfig);
            _watches[key] = new Watch(new(source), names);
            names.Add(config.Name);
            return source;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sweep.Dispose();

    private string? Apply(ResourceResponse response)
    {
        var errors = new List<string>();
        foreach (var any in response.Resources)
        {
            try
            {
                var secret = Secret.Parser.ParseFrom(any.Value);
                foreach (var watch in WatchesOf(secret.Name))
                    Apply(watch, secret, response.Version);
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or ConfigurationException)
            {
                errors.Add(e.Message);
            }
        }

        return errors.Count == 0 ? null : string.Join('\n', errors);
    }

    private List<Watch> WatchesOf(string name)
    {
        lock (_gate)
            return [.. _watches.Where(w => w.Key.Name == name).Select(w => w.Value)];
    }

    private void Apply(Watch watch, Secret secret, string version)
    {
        watch.Source.TryGetTarget(out var source);
        try
        {
            SecretFiles.Check(secret);
            watch.Last = secret;
            if (source?.Set(secret) == true)
                Records.Accept(secret.Name, version, secret);
        }
        catch (ConfigurationException e)
        {
            Records.Reject(secret.Name, version, e.Message);
            throw e.Within(secret.Name);
        }
        finally
        {
            source?.FirstFetch.Complete();
        }
    }

    // Forgets what nobody holds any more, and looks at files.
    private void Sweep()
    {
        List<FileSecret> files = [];
        lock (_gate)
        {
            foreach (var (key, watch) in _watches.Where(w => !w.Value.Source.TryGetTarget(out _)).ToList())
            {
                _watches.Remove(key);
                Records.Remove(key.Name);
                watch.Names.Remove(key.Name);
            }

            _inline.RemoveAll(s => !s.TryGetTarget(out _));
            foreach (var inline in _inline)
            {
                if (inline.TryGetTarget(out var source) && source is FileSecret file)
                    files.Add(file);
            }
        }

        foreach (var file in files)
        {
            if (file.Refresh() is { } error)
                LogNotRead(file.Name, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "files of secret {Name} changed but could not be read, the old ones stay: {Reason}")]
    private partial void LogNotRead(string name, string reason);

    private sealed class Watch(WeakReference<SdsSecret> source, NamedSubscriptions names)
    {
        public WeakReference<SdsSecret> Source { get; set; } = source;

        public NamedSubscriptions Names { get; } = names;

        /// <summary>What came last.</summary>
        public Secret? Last { get; set; }
    }
}
