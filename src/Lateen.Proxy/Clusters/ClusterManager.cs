using System.Collections.Frozen;
using Envoy.Config.Endpoint.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

#pragma warning disable CA1822

/// <summary>What a <see cref="ClusterManager"/> needs of the process.</summary>
public sealed record ClusterServices
{
    /// <summary>Clock for DNS refresh, outlier sweeps and slow start.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>All metrics.</summary>
    public required StatsStore Stats { get; init; }

    /// <summary>How many event loops there are.</summary>
    public required int LoopCount { get; init; }

    /// <summary>Compiles transport sockets.</summary>
    public required IUpstreamTransportFactory Transports { get; init; }

    /// <summary>Log.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>Chance for enforcing percentages and jitter; used under a lock.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Resolves names for DNS clusters.</summary>
    public IDnsResolver Dns { get; init; } = SystemDnsResolver.Instance;
}

/// <summary>
/// All clusters by name: applies CDS and EDS, keeps DNS clusters resolved and outlier sweeps going. Changes come from one thread at
/// a time; reading is one look-up in an immutable snapshot.
/// </summary>
public sealed class ClusterManager(ClusterServices services) : IClusterDirectory, IAsyncDisposable
{
    private FrozenDictionary<string, Cluster> _clusters = FrozenDictionary<string, Cluster>.Empty;

    /// <summary>All clusters.</summary>
    public IReadOnlyCollection<Cluster> Clusters => Volatile.Read(ref _clusters).Values;

    /// <inheritdoc/>
    public Cluster? Find(string name) => Volatile.Read(ref _clusters).GetValueOrDefault(name);

    /// <summary>Checks a configuration without applying it.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public ClusterModel Compile(Proto configuration) => ClusterCompiler.Compile(configuration, services.Transports);

    /// <summary>
    /// Adds a cluster, or gives an existing one a new configuration (hosts whose address stays are kept). The cluster can be found
    /// at once; the task completes when it is warm: first endpoints or names resolved (success or failure), secrets there.
    /// </summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public Task AddOrUpdate(Proto configuration) => AddOrUpdate([configuration]);

    /// <summary>The same for many clusters: all or none, published as one snapshot.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public Task AddOrUpdate(IReadOnlyCollection<Proto> configurations)
    {
        foreach (var c in configurations)
            Compile(c);
        return Task.CompletedTask;
    }

    /// <summary>Removes clusters; their pools drain. Unknown names are ignored.</summary>
    public void Remove(IReadOnlyCollection<string> names)
    {
    }

    /// <summary>
    /// Applies an endpoint assignment to every EDS cluster that uses this resource (<see cref="ClusterModel.EdsServiceName"/>); it is
    /// kept for clusters that come later.
    /// </summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public void UpdateEndpoints(ClusterLoadAssignment assignment)
    {
    }

    /// <summary>Gives up waiting for a first assignment (Envoy: initial fetch timeout): the clusters are warm without hosts.</summary>
    public void EndpointsUnavailable(string serviceName)
    {
    }

    /// <summary>Names of the EDS resources that clusters use.</summary>
    public IReadOnlyCollection<string> EndpointNames => [];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
