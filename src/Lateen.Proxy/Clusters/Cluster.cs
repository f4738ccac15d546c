using System.Collections.Concurrent;
using System.Net;

namespace Lateen.Proxy.Clusters;

/// <summary>
/// A cluster: long-lived; its configuration and hosts are immutable objects that are replaced whole. Reading is lock free and safe
/// from any thread.
/// </summary>
public sealed class Cluster
{
    private readonly ClusterServices _services;
    private readonly Lock _changing = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<IPEndPoint, Host> _originalDestinations = new();
    private readonly OutlierDetector _outliers;
    private ClusterModel _model;
    private Assignment _assignment = Assignment.Empty;
    private HostSet _hosts;
    private bool _wasWarming;

    internal Cluster(string name, ClusterModel model, ClusterServices services)
    {
        (Name, _model, _services) = (name, model, services);
        var alternative = model.Configuration.AltStatName;
        Stats = new ClusterStats(services.Stats, $"cluster.{(alternative.Length > 0 ? alternative : name).Replace(':', '_')}.");
        CircuitBreakers = new CircuitBreakers(services.Stats, Stats.Prefix);
        CircuitBreakers.Configure(model.Configuration.CircuitBreakers);
        _outliers = new OutlierDetector(this, services);
        _hosts = Build([]);
    }

    /// <summary>The cluster's name, e.g. <c>outbound|9080||reviews.default.svc.cluster.local</c>.</summary>
    public string Name { get; }

    /// <summary>The configuration in force.</summary>
    public ClusterModel Model => Volatile.Read(ref _model);

    /// <summary>All hosts of all priorities.</summary>
    public IReadOnlyList<Host> Hosts =>
        Model.Type == DiscoveryType.OriginalDst ? [.. _originalDestinations.Values] : Volatile.Read(ref _hosts).Hosts;

    /// <summary>Metrics.</summary>
    public ClusterStats Stats { get; }

    /// <summary>Circuit breakers.</summary>
    public CircuitBreakers CircuitBreakers { get; }

    /// <summary>Outlier detection; null when it is off. Report every result of a host to it.</summary>
    public OutlierDetector? Outliers => Model.Outliers is null ? null : _outliers;

    /// <summary>The share of requests to refuse; null for none.</summary>
    public DropOverload? DropOverload => Volatile.Read(ref _assignment).Drop;

    /// <summary>True once the cluster was removed: requests under way finish, pools drain.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>Completes when the first endpoints came or names were resolved, or will not come.</summary>
    public Task Ready => _ready.Task;

    /// <summary>
    /// Raised, on any thread, with hosts whose pools have to drain: they left the cluster or became unhealthy. Idle connections
    /// close at once, busy ones after their requests.
    /// </summary>
    public event Action<Cluster, IReadOnlyList<Host>>? PoolsDrained;

    internal Assignment Assignment => Volatile.Read(ref _assignment);

    internal OutlierDetector Detector => _outliers;

    /// <summary>Chooses a host; null when there is none to choose (503 <c>no healthy upstream</c>). Allocates nothing.</summary>
    public Host? Pick(in LoadBalancerContext context)
    {
        var hosts = Volatile.Read(ref _hosts);
        var model = Model;
        if (model.Type == DiscoveryType.OriginalDst)
            return OriginalDestination(context, model.OriginalDestination);
        var host = hosts.Pick(context, 0, out var panic);
        if (panic)
            Stats.LbHealthyPanic.Increment();
        for (var attempt = 1; context.Retry is { } retry && host is not null && attempt <= retry.HostSelectionAttempts; attempt++)
        {
            if (!retry.Refuses(host, context.Attempted))
                break;
            host = hosts.Pick(context, attempt, out _) ?? host;
        }

        if (host is null)
            Stats.UpstreamCxNoneHealthy.Increment();
        return host;
    }

    internal void Reconfigure(ClusterModel model)
    {
        lock (_changing)
        {
            Volatile.Write(ref _model, model);
            CircuitBreakers.Configure(model.Configuration.CircuitBreakers);
        }
    }

    /// <summary>Puts an assignment with resolved addresses in force. Hosts whose address stays are kept.</summary>
    internal void Apply(Assignment assignment, IReadOnlyList<EndpointSpec> endpoints)
    {
        List<Host> left;
        List<Host> drained;
        lock (_changing)
        {
            Volatile.Write(ref _assignment, assignment);
            var before = _hosts.Hosts.ToDictionary(h => h.Address);
            var hosts = new Dictionary<EndPoint, Host>();
            var joined = 0;
            drained = [];
            foreach (var endpoint in endpoints)
            {
                if (hosts.ContainsKey(endpoint.Address))
                    continue;
                if (before.Remove(endpoint.Address, out var host))
                {
                    if (Describe(host, endpoint.Description))
                        drained.Add(host);
                }
                else
                {
                    joined++;
                }

                hosts.Add(endpoint.Address, host ?? NewHost(endpoint.Address, endpoint.Description));
            }

            left = [.. before.Values];
            left.ForEach(h => h.IsRemoved = true);
            if (joined > 0 || left.Count > 0)
            {
                Stats.MembershipChange.Increment();
                if (Model.Balancing.CloseConnectionsOnHostSetChange)
                    drained = [.. hosts.Values];
            }

            Publish([.. hosts.Values]);
        }

        _outliers.Forget(left);
        if (left.Count + drained.Count > 0)
            PoolsDrained?.Invoke(this, [.. left, .. drained]);
        _ready.TrySetResult();
    }

    /// <summary>Gives the one host of a LOGICAL_DNS cluster another address; its connections stay.</summary>
    internal bool TryMove(Assignment assignment, EndpointSpec endpoint)
    {
        lock (_changing)
        {
            if (_hosts.Hosts is not [var host])
                return false;
            Volatile.Write(ref _assignment, assignment);
            host.Address = endpoint.Address;
            host.Description = endpoint.Description;
            Publish(_hosts.Hosts);
            return true;
        }
    }

    /// <summary>Health or weights of hosts changed.</summary>
    internal void Refresh()
    {
        lock (_changing)
            Publish(_hosts.Hosts);
    }

    internal void DrainPools(IReadOnlyList<Host> hosts) => PoolsDrained?.Invoke(this, hosts);

    internal void MarkReady() => _ready.TrySetResult();

    internal void Remove()
    {
        IsRemoved = true;
        Apply(Assignment.Empty, []);
        ForgetUnused(all: true);
    }

    /// <summary>Gives hosts that are new (slow start) their weight of now.</summary>
    internal void RefreshWarming()
    {
        if (Model.Balancing.SlowStart is not { } slow)
            return;
        var warming = Hosts.Any(h => _services.Time.GetElapsedTime(h.JoinedAt) < slow.Window);
        if (warming || _wasWarming)
            Refresh();
        _wasWarming = warming;
    }

    /// <summary>Forgets original destinations without connections that were not asked for since the last call.</summary>
    internal void ForgetUnused(bool all = false)
    {
        List<Host>? left = null;
        foreach (var (address, host) in _originalDestinations)
        {
            var used = Interlocked.Exchange(ref host.PickedSinceCleanup, 0) != 0 || host.Stats.ConnectionsActive > 0;
            if ((used && !all) || !_originalDestinations.TryRemove(address, out _))
                continue;
            host.IsRemoved = true;
            (left ??= []).Add(host);
        }

        if (left is not null)
            PoolsDrained?.Invoke(this, left);
    }

    /// <summary>True when the host's connections must not be used any longer: it became unhealthy, or is to be talked to differently.</summary>
    private static bool Describe(Host host, HostDescription description)
    {
        var before = host.Health;
        var transport = host.Transport;
        host.Description = description;
        return !ReferenceEquals(transport, host.Transport) || (before != HostHealth.Unhealthy && host.Health == HostHealth.Unhealthy);
    }

    private void Publish(IReadOnlyList<Host> hosts)
    {
        var set = Build(hosts);
        Volatile.Write(ref _hosts, set);
        Stats.MembershipTotal.Set(hosts.Count);
        Stats.MembershipHealthy.Set(set.HealthyCount);
        Stats.MembershipDegraded.Set(set.DegradedCount);
        Stats.MaxHostWeight.Set(hosts.Count == 0 ? 0 : hosts.Max(h => h.Weight));
    }

    private HostSet Build(IReadOnlyList<Host> hosts) => HostSet.Build(
        hosts,
        new HostSetOptions(
            Model.Balancing, _assignment.OverprovisioningFactor, _assignment.LocalityWeight, EffectiveWeight, new Random(_services.NextSeed())));

    // Envoy: slow start scales the weight by max(minimum, (time / window) ^ (1 / aggression)).
    private double EffectiveWeight(Host host)
    {
        if (Model.Balancing.SlowStart is not { } slow)
            return host.Weight;
        var share = _services.Time.GetElapsedTime(host.JoinedAt) / slow.Window;
        return share >= 1 ? host.Weight : host.Weight * Math.Max(slow.MinimumPercent / 100, Math.Pow(Math.Max(share, 0), 1 / slow.Aggression));
    }

    private Host NewHost(EndPoint address, HostDescription description) =>
        new(this, address, description, _services.LoopCount, _services.Time.GetTimestamp());

    private Host? OriginalDestination(in LoadBalancerContext context, OriginalDestinationOptions options)
    {
        if (Destination(context, options) is not { } address)
            return null;
        if (!_originalDestinations.TryGetValue(address, out var host))
        {
            host = _originalDestinations.GetOrAdd(
                address, a => NewHost(a, new HostDescription { Transport = Model.Transports.Select(null, null) }));
        }

        Volatile.Write(ref host.PickedSinceCleanup, 1);
        return host;
    }

    private IPEndPoint? Destination(in LoadBalancerContext context, OriginalDestinationOptions options)
    {
        IPEndPoint? address = null;
        if (options.Header is not null && context.RequestHeaders?.GetString(options.Header) is { } text)
        {
            if (!IPEndPoint.TryParse(text, out address))
                Stats.OriginalDstHostInvalid.Increment();
        }
        else if (context.Downstream is { LocalAddressRestored: true } connection)
        {
            address = connection.LocalAddress as IPEndPoint;
        }

        return address is not null && options.Port is { } port && port != address.Port ? new IPEndPoint(address.Address, port) : address;
    }
}
