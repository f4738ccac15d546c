using System.Collections.Frozen;
using Envoy.Config.Endpoint.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Stats;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

/// <summary>
/// All clusters by name: applies CDS and EDS, keeps DNS clusters resolved and outlier sweeps going. Reading is one look-up in an
/// immutable snapshot; changes take a lock and may come from any thread but the loops.
/// </summary>
public sealed class ClusterManager(ClusterServices services) : IClusterDirectory, IDisposable
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, ClusterKeeper> _keepers = [];
    private readonly Dictionary<string, ClusterLoadAssignment> _assignments = [];
    private readonly Counter _added = services.Stats.Counter("cluster_manager.cluster_added");
    private readonly Counter _modified = services.Stats.Counter("cluster_manager.cluster_modified");
    private readonly Counter _removed = services.Stats.Counter("cluster_manager.cluster_removed");
    private readonly Gauge _active = services.Stats.Gauge("cluster_manager.active_clusters");
    private FrozenDictionary<string, Cluster> _clusters = FrozenDictionary<string, Cluster>.Empty;

    /// <summary>All clusters.</summary>
    public IReadOnlyCollection<Cluster> Clusters => Volatile.Read(ref _clusters).Values;

    /// <summary>Names of the EDS resources that clusters use.</summary>
    public IReadOnlyCollection<string> EndpointNames =>
        [.. Clusters.Select(c => c.Model.EdsServiceName).Where(n => n.Length > 0).Distinct()];

    /// <inheritdoc/>
    public Cluster? Find(string name) => Volatile.Read(ref _clusters).GetValueOrDefault(name);

    /// <summary>Checks a configuration without applying it.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public ClusterModel Compile(Proto configuration)
    {
        var model = ClusterCompiler.Compile(configuration, services.Transports);
        if (configuration.LoadAssignment is { } given)
            ClusterCompiler.Within("load_assignment", () => Checked(Assignment.Compile(given, model), model));
        return model;
    }

    /// <summary>
    /// Adds a cluster, or gives an existing one a new configuration (hosts whose address stays are kept). The cluster can be found
    /// at once; the task completes when it is warm: first endpoints or names resolved (success or failure), secrets there.
    /// </summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public Task AddOrUpdate(Proto configuration) => AddOrUpdate([configuration]);

    /// <summary>
    /// Adds a cluster of the bootstrap. Unlike others it may speak HTTP/2 and add headers to requests: control planes are reached through such clusters by a client
    /// of their own.
    /// </summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public Task AddStatic(Proto configuration) => Apply([configuration], static _ => { });

    /// <summary>The same for many clusters: all or none, published as one snapshot. An unchanged configuration changes nothing.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public Task AddOrUpdate(IReadOnlyCollection<Proto> configurations) => Apply(configurations, RejectControlPlaneOnly);

    /// <summary>Removes clusters; their pools drain. Unknown names are ignored.</summary>
    public void Remove(IReadOnlyCollection<string> names)
    {
        var removed = new List<ClusterKeeper>();
        lock (_changing)
        {
            foreach (var name in names)
            {
                if (!_keepers.Remove(name, out var keeper))
                    continue;
                removed.Add(keeper);
                _removed.Increment();
            }

            Publish();
            foreach (var unused in _assignments.Keys.Except(EndpointNames).ToList())
                _assignments.Remove(unused);
        }

        foreach (var keeper in removed)
        {
            keeper.Dispose();
            keeper.Cluster.Remove();
            services.Stats.RemovePrefix(keeper.Cluster.Stats.Prefix);
        }
    }

    /// <summary>
    /// Applies an endpoint assignment to every EDS cluster that uses this resource (<see cref="ClusterModel.EdsServiceName"/>); it is
    /// kept for clusters that come later.
    /// </summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured; nothing changed.</exception>
    public void UpdateEndpoints(ClusterLoadAssignment assignment)
    {
        lock (_changing)
        {
            var compiled = KeepersOf(assignment.ClusterName)
                .Select(k => (Keeper: k, Assignment: Assignment.Compile(assignment, k.Cluster.Model))).ToList();
            _assignments[assignment.ClusterName] = assignment;
            foreach (var (keeper, endpoints) in compiled)
            {
                keeper.Cluster.Stats.UpdateSuccess.Increment();
                if (endpoints.Endpoints.Count == 0)
                    keeper.Cluster.Stats.UpdateEmpty.Increment();
                keeper.Apply(endpoints);
            }
        }
    }

    /// <summary>Gives up waiting for a first assignment (Envoy: initial fetch timeout): the clusters are warm without hosts.</summary>
    public void EndpointsUnavailable(string serviceName)
    {
        lock (_changing)
        {
            foreach (var keeper in KeepersOf(serviceName))
                keeper.Cluster.MarkReady();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_changing)
        {
            foreach (var keeper in _keepers.Values)
                keeper.Dispose();
        }
    }

    // What only the client of control planes does.
    private static void RejectControlPlaneOnly(ClusterModel model)
    {
        if (model.Http.RequestHeaders.Count > 0)
            throw new ConfigurationException("typed_extension_protocol_options", "header_mutation is supported on clusters of the bootstrap only");
        if (model.Http.Protocol is UpstreamHttp.Http2 or UpstreamHttp.Auto)
            throw new ConfigurationException("typed_extension_protocol_options", "HTTP/2 to upstreams is not supported");
    }

    private Task Apply(IReadOnlyCollection<Proto> configurations, Action<ClusterModel> check)
    {
        var warm = new List<Task>();
        lock (_changing)
        {
            var models = configurations
                .Where(c => Find(c.Name)?.Model.Configuration.Equals(c) != true)
                .Select(c => ClusterCompiler.Within(c.Name, () => Checked(Compile(c), check)))
                .ToList();
            foreach (var model in models)
            {
                warm.AddRange(model.Warming.Append(AddOrUpdate(model).Ready));
                foreach (var field in model.IgnoredFields)
                    services.Ignored(field);
            }

            Publish();
        }

        return Task.WhenAll(warm);
    }

    private static ClusterModel Checked(ClusterModel model, Action<ClusterModel> check)
    {
        check(model);
        return model;
    }

    private static Assignment Checked(Assignment assignment, ClusterModel model) =>
        model.Type != DiscoveryType.LogicalDns || assignment.Endpoints.Count == 1
            ? assignment
            : throw new ConfigurationException("endpoints", "LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint");

    private IEnumerable<ClusterKeeper> KeepersOf(string serviceName) =>
        _keepers.Values.Where(k => k.Cluster.Model.EdsServiceName == serviceName);

    private Cluster AddOrUpdate(ClusterModel model)
    {
        var name = model.Configuration.Name;
        if (_keepers.TryGetValue(name, out var keeper))
        {
            keeper.Cluster.Reconfigure(model);
            _modified.Increment();
        }
        else
        {
            _keepers[name] = keeper = new ClusterKeeper(new Cluster(name, model, services), services);
            _added.Increment();
        }

        keeper.Start(EndpointsOf(model));
        return keeper.Cluster;
    }

    private Assignment? EndpointsOf(ClusterModel model) => model.Type switch
    {
        DiscoveryType.Eds => _assignments.TryGetValue(model.EdsServiceName, out var known) ? Assignment.Compile(known, model) : null,
        _ => model.Configuration.LoadAssignment is { } given ? Assignment.Compile(given, model) : Assignment.Empty,
    };

    private void Publish()
    {
        Volatile.Write(ref _clusters, _keepers.ToFrozenDictionary(k => k.Key, k => k.Value.Cluster));
        _active.Set(_keepers.Count);
    }
}
