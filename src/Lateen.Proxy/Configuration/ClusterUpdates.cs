using Envoy.Config.Core.V3;
using Google.Protobuf;
using Lateen.Proxy.Clusters;
using Lateen.Xds;
using Lateen.Xds.Client;
using Microsoft.Extensions.Logging;
using Cluster = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Configuration;

/// <summary>
/// Applies clusters and their endpoints: static ones at start, others by CDS and EDS. Good clusters of a response apply even when
/// others are rejected (Envoy: CDS). While clusters warm, the answer to CDS waits, so that routes can follow it.
/// </summary>
public sealed partial class ClusterUpdates
{
    private readonly ClusterManager _clusters;
    private readonly XdsConnections _connections;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UpdateStats _endpointStats;
    private readonly HashSet<string> _static = [];
    private readonly Dictionary<string, Cluster> _dynamic = [];
    private readonly Dictionary<string, FetchTimeout> _waiting = [];
    private readonly Lock _gate = new();
    private NamedSubscriptions? _endpoints;
    private HashSet<string> _endpointNames = [];

    /// <summary>Takes over the types of CDS and EDS.</summary>
    public ClusterUpdates(ClusterManager clusters, XdsConnections connections, TimeProvider time, ILoggerFactory loggers)
    {
        _clusters = clusters;
        _connections = connections;
        _time = time;
        _logger = loggers.CreateLogger("Lateen.Proxy.Configuration.Clusters");
        Records = new ResourceRecords(time);
        StaticRecords = new ResourceRecords(time);
        Endpoints = new ResourceRecords(time);
        Stats = connections.Register(TypeUrls.Cluster, "cluster_manager.cds.", response => ValueTask.FromResult(Apply(response)));
        _endpointStats = connections.Register(TypeUrls.Endpoint, "cluster_manager.eds.", response => ValueTask.FromResult(ApplyEndpoints(response)));
    }

    /// <summary>Dynamic clusters, for admin pages.</summary>
    public ResourceRecords Records { get; }

    /// <summary>The bootstrap's clusters, for admin pages.</summary>
    public ResourceRecords StaticRecords { get; }

    /// <summary>Endpoint assignments by EDS, for admin pages.</summary>
    public ResourceRecords Endpoints { get; }

    /// <summary>The version of CDS in force.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Completes when the clusters applied last are warm.</summary>
    public Task Warm { get; private set; } = Task.CompletedTask;

    /// <summary>Called with each response of CDS, applied or rejected.</summary>
    internal Action? Received { get; set; }

    internal UpdateStats Stats { get; }

    /// <summary>Applies the bootstrap's clusters.</summary>
    /// <exception cref="ConfigurationException">One of them cannot be honoured.</exception>
    public void ApplyStatic(IReadOnlyList<Cluster> clusters)
    {
        for (var i = 0; i < clusters.Count; i++)
        {
            try
            {
                Warm = Task.WhenAll(Warm, _clusters.AddStatic(clusters[i]));
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"static_resources.clusters[{i}]");
            }

            _static.Add(clusters[i].Name);
            StaticRecords.Accept(clusters[i].Name, "", clusters[i]);
        }

        SubscribeToEndpoints();
    }

    private string? Apply(ResourceResponse response)
    {
        var errors = new List<string>();
        if (Parse(response, errors) is not { } wanted)
            return string.Join('\n', errors);
        var added = wanted.Values.Where(c => !_dynamic.TryGetValue(c.Name, out var known) || !known.Equals(c)).ToList();
        var removed = _dynamic.Keys.Where(name => !wanted.ContainsKey(name)).ToList();
        var warm = Add(added, response.Version, errors);
        Remove(removed);
        LogApplied(added.Count, removed.Count);
        Version = errors.Count == 0 ? response.Version : Version;
        HoldAnswerUntil(warm);
        SubscribeToEndpoints();
        Received?.Invoke();
        return errors.Count == 0 ? null : "Error adding/updating cluster(s) " + string.Join(", ", errors);
    }

    // Null when a resource is not even a cluster: nothing of the response can be trusted then.
    private Dictionary<string, Cluster>? Parse(ResourceResponse response, List<string> errors)
    {
        var wanted = new Dictionary<string, Cluster>();
        foreach (var any in response.Resources)
        {
            try
            {
                var cluster = Cluster.Parser.ParseFrom(any.Value);
                if (_static.Contains(cluster.Name))
                    LogStaticWins(cluster.Name);
                else if (!wanted.TryAdd(cluster.Name, cluster))
                    errors.Add($"{cluster.Name}: duplicate cluster {cluster.Name} found");
            }
            catch (InvalidProtocolBufferException e)
            {
                errors.Add(e.Message);
                return null;
            }
        }

        return wanted;
    }

    // All at once is one new snapshot; only when one of them is bad, they go one by one.
    private Task Add(List<Cluster> clusters, string version, List<string> errors)
    {
        try
        {
            var warm = _clusters.AddOrUpdate(clusters);
            clusters.ForEach(c => Accept(c, version));
            return warm;
        }
        catch (ConfigurationException) when (clusters.Count > 0)
        {
            return Task.WhenAll(clusters.Select(c => AddOne(c, version, errors)).ToList());
        }
    }

    private Task AddOne(Cluster cluster, string version, List<string> errors)
    {
        try
        {
            var warm = _clusters.AddOrUpdate(cluster);
            Accept(cluster, version);
            return warm;
        }
        catch (ConfigurationException e)
        {
            errors.Add($"{cluster.Name}: {e.Message}");
            Records.Reject(cluster.Name, version, e.Message);
            return Task.CompletedTask;
        }
    }

    private void Accept(Cluster cluster, string version)
    {
        _dynamic[cluster.Name] = cluster;
        Records.Accept(cluster.Name, version, cluster);
    }

    private void Remove(List<string> names)
    {
        if (names.Count == 0)
            return;
        _clusters.Remove(names);
        foreach (var name in names)
        {
            _dynamic.Remove(name);
            Records.Remove(name);
        }
    }

    private void HoldAnswerUntil(Task warm)
    {
        Warm = warm;
        if (warm.IsCompleted || _connections.Ads is not { } ads)
            return;
        var pause = ads.Pause(TypeUrls.Cluster);
        warm.ContinueWith(_ => pause.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void SubscribeToEndpoints()
    {
        var names = _clusters.EndpointNames.ToHashSet();
        if (_endpoints is null && names.Count == 0)
            return;
        _endpoints ??= _connections.Names(TypeUrls.Endpoint, new ConfigSource { Ads = new AggregatedConfigSource() });
        foreach (var gone in _endpointNames.Except(names).ToList())
        {
            _endpoints.Remove(gone);
            Endpoints.Remove(gone);
            Answered(gone);
        }

        foreach (var fresh in names.Except(_endpointNames).ToList())
        {
            lock (_gate)
                _waiting[fresh] = new FetchTimeout(SourceOf(fresh), _time, () => GiveUp(fresh));
            _endpoints.Add(fresh);
        }

        _endpointNames = names;
    }

    private ConfigSource? SourceOf(string serviceName) =>
        _clusters.Clusters.FirstOrDefault(c => c.Model.EdsServiceName == serviceName)?.Model.Configuration.EdsClusterConfig?.EdsConfig;

    private string? ApplyEndpoints(ResourceResponse response)
    {
        var errors = new List<string>();
        foreach (var any in response.Resources)
        {
            try
            {
                var assignment = Envoy.Config.Endpoint.V3.ClusterLoadAssignment.Parser.ParseFrom(any.Value);
                if (!_endpointNames.Contains(assignment.ClusterName))
                    continue;
                ApplyEndpoints(assignment, response.Version, errors);
                Answered(assignment.ClusterName);
            }
            catch (InvalidProtocolBufferException e)
            {
                errors.Add(e.Message);
            }
        }

        return errors.Count == 0 ? null : string.Join('\n', errors);
    }

    private void ApplyEndpoints(Envoy.Config.Endpoint.V3.ClusterLoadAssignment assignment, string version, List<string> errors)
    {
        try
        {
            _clusters.UpdateEndpoints(assignment);
            Endpoints.Accept(assignment.ClusterName, version, assignment);
        }
        catch (ConfigurationException e)
        {
            errors.Add($"{assignment.ClusterName}: {e.Message}");
            Endpoints.Reject(assignment.ClusterName, version, e.Message);
            _clusters.EndpointsUnavailable(assignment.ClusterName);
        }
    }

    private void Answered(string name)
    {
        lock (_gate)
        {
            if (_waiting.Remove(name, out var wait))
                wait.Complete();
        }
    }

    private void GiveUp(string name)
    {
        _endpointStats.TimedOut();
        LogNoEndpoints(name);
        _clusters.EndpointsUnavailable(name);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "cds: add {Added} cluster(s), remove {Removed} cluster(s)")]
    private partial void LogApplied(int added, int removed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "cds: cluster {Name} is static and stays as it is")]
    private partial void LogStaticWins(string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eds: no assignment for {Name} within the initial fetch timeout")]
    private partial void LogNoEndpoints(string name);
}
