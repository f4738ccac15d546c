using System.Diagnostics.Metrics;
using Lateen.ControlPlane.Api;
using Lateen.ControlPlane.Serving;
using Lateen.Identity;
using Lateen.Registry;
using Lateen.Registry.Building;
using Lateen.Translation;
using Lateen.Xds.Server;
using Microsoft.Extensions.Logging;

namespace Lateen.ControlPlane.Configuration;

/// <summary>Follows the registry: each of its snapshots is served as soon as it is there.</summary>
internal sealed partial class MeshFeed
{
    private readonly MeshRegistry _registry;
    private readonly DiscoveryServer<ConnectedProxy> _server;
    private readonly WorkloadSecrets _secrets;
    private readonly FileSecrets _files;
    private readonly ILogger<MeshFeed> _logger;
    private readonly TranslationCache _translation = new();
    private readonly Counter<long> _triggers;
    private volatile MeshGenerator? _generator;

    public MeshFeed(
        MeshRegistry registry, DiscoveryServer<ConnectedProxy> server, WorkloadSecrets secrets, FileSecrets files, Meter meter,
        ILogger<MeshFeed> logger)
    {
        _registry = registry;
        _server = server;
        _secrets = secrets;
        _files = files;
        _logger = logger;
        _triggers = meter.CreateCounter<long>(
            "pilot_push_triggers", description: "Total number of times a push was triggered, labeled by reason for the push.");
        meter.CreateObservableGauge("pilot_services", () => _registry.Current.Services.Length, description: "Total services known to pilot.");
        meter.CreateObservableGauge(
            "pilot_virt_services", () => _registry.Current.Content.VirtualServices.Length, description: "Total virtual services known to pilot.");
    }

    /// <summary>What is served; null before the folder was read.</summary>
    public MeshGenerator? Generator => _generator;

    /// <summary>What is wrong in the configuration now, and what of it has no effect.</summary>
    public IReadOnlyList<ConfigProblem> Problems =>
    [
        .. _registry.Findings.Select(ConfigProblem.Of),
        .. TranslationNotes.Of(_registry.Current).Select(ConfigProblem.Of),
    ];

    /// <summary>Follows until cancelled, or until the folder cannot be followed any more, which is an error.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = _registry.RunAsync(ended.Token);
        var serving = ServeAsync(ended.Token);
        await Task.WhenAny(reading, serving).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reading, serving).ConfigureAwait(false);
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        await foreach (var update in _registry.Subscribe(cancellationToken).ConfigureAwait(false))
            Serve(update);
    }

    private void Serve(MeshUpdate update)
    {
        if (update.Change.IsEmpty)
            return;
        var before = _generator?.Snapshot ?? MeshSnapshot.Empty;
        _generator = new(update.Snapshot, _translation, _secrets, _files);
        _server.Publish(_generator, new PushPlan(before, update.Snapshot, update.Change).ScopeOf);
        var reason = ReasonOf(update.Change);
        _triggers.Add(1, new KeyValuePair<string, object?>("type", reason));
        LogPublished(_server.Version!, reason);
    }

    /// <summary>The first of istiod's reasons that fits.</summary>
    private static string ReasonOf(MeshChange change) =>
        change.Forced ? "global"
        : change.OnlyEndpoints ? "endpoint"
        : change.Has(ConfigKind.Service) ? "service"
        : change.Keys.All(key => key.Kind == ConfigKind.Secret) ? "secret"
        : "config";

    [LoggerMessage(Level = LogLevel.Information, Message = "serving {Version}, reason: {Reason}")]
    private partial void LogPublished(string version, string reason);
}
