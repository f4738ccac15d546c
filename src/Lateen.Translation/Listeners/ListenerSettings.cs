using Lateen.Registry;

namespace Lateen.Translation.Listeners;

/// <summary>What the mesh settings say about all listeners.</summary>
/// <param name="AccessLogs">The access logs.</param>
/// <param name="Metrics">A metrics provider is set, so that Istio's standard metrics are kept.</param>
/// <param name="PathNormalization">How paths are normalized.</param>
internal sealed record ListenerSettings(AccessLogs AccessLogs, bool Metrics, PathNormalization PathNormalization)
{
    public static ListenerSettings From(MeshSettings mesh) => new(
        new AccessLogs(mesh),
        mesh.DefaultProviders.Metrics.Any(provider => provider.Equals("prometheus", StringComparison.OrdinalIgnoreCase)),
        mesh.PathNormalization);
}
