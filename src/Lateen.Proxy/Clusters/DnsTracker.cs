using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Clusters;

/// <summary>
/// Resolves the names of a DNS cluster again and again, each on its own schedule. A failure keeps the old hosts and is tried again
/// with growing, jittered pauses; a success without addresses removes them.
/// </summary>
internal sealed partial class DnsTracker : IDisposable
{
    private readonly Cluster _cluster;
    private readonly Assignment _assignment;
    private readonly ClusterServices _services;
    private readonly DnsOptions _options;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _applying = new();
    private readonly IReadOnlyList<EndPoint>?[] _resolved;
    private readonly bool[] _tried;

    public DnsTracker(Cluster cluster, Assignment assignment, ClusterServices services)
    {
        (_cluster, _assignment, _services, _options) = (cluster, assignment, services, cluster.Model.Dns);
        _log = services.LoggerFactory.CreateLogger<DnsTracker>();
        _resolved = [.. assignment.Endpoints.Select(e => e.Address is DnsEndPoint ? null : (IReadOnlyList<EndPoint>)[e.Address])];
        _tried = [.. assignment.Endpoints.Select(e => e.Address is not DnsEndPoint)];
    }

    /// <summary>Begins resolving; returns at once.</summary>
    public void Start()
    {
        if (Array.TrueForAll(_tried, t => t))
        {
            Apply();
            return;
        }

        for (var i = 0; i < _assignment.Endpoints.Count; i++)
        {
            if (_assignment.Endpoints[i].Address is DnsEndPoint name)
                _ = TrackAsync(i, name);
        }
    }

    public void Dispose()
    {
        lock (_applying)
            _stopping.Cancel();
    }

    private async Task TrackAsync(int index, DnsEndPoint name)
    {
        await Task.Yield();
        var failures = 0;
        while (!_stopping.IsCancellationRequested)
        {
            var resolved = await ResolveAsync(index, name);
            failures = resolved ? 0 : Math.Min(failures + 1, 30);
            try
            {
                await Task.Delay(resolved ? _options.RefreshRate : BackOff(failures), _services.Time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> ResolveAsync(int index, DnsEndPoint name)
    {
        IReadOnlyList<EndPoint>? addresses = null;
        _cluster.Stats.UpdateAttempt.Increment();
        try
        {
            var all = await _services.Dns.ResolveAsync(name.Host, _options.Family, _stopping.Token);
            addresses = [.. Preferred(all).Select(a => new IPEndPoint(a, name.Port))];
            _cluster.Stats.UpdateSuccess.Increment();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            _cluster.Stats.UpdateFailure.Increment();
            LogFailure(_cluster.Name, name.Host, e.Message);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        lock (_applying)
        {
            if (_stopping.IsCancellationRequested)
                return false;
            _tried[index] = true;
            _resolved[index] = addresses ?? _resolved[index];
            if (Array.TrueForAll(_tried, t => t))
                Apply();
        }

        return addresses is not null;
    }

    private IEnumerable<IPAddress> Preferred(IReadOnlyList<IPAddress> all) =>
        _options.Preferred != AddressFamily.Unspecified && all.Any(a => a.AddressFamily == _options.Preferred)
            ? all.Where(a => a.AddressFamily == _options.Preferred) : all;

    private void Apply()
    {
        var endpoints = new List<EndpointSpec>();
        for (var i = 0; i < _resolved.Length; i++)
        {
            var addresses = _resolved[i] ?? Known(_assignment.Endpoints[i]);
            var taken = _cluster.Model.Type == DiscoveryType.LogicalDns ? addresses.Take(1) : addresses;
            endpoints.AddRange(taken.Select(a => _assignment.Endpoints[i] with { Address = a }));
        }

        if (_cluster.Model.Type == DiscoveryType.LogicalDns && endpoints.Count == 1 && _cluster.TryMove(_assignment, endpoints[0]))
            return;
        _cluster.Apply(_assignment, endpoints);
    }

    /// <summary>What an earlier configuration resolved the same name to: a failure keeps those hosts.</summary>
    private IEnumerable<EndPoint> Known(EndpointSpec endpoint) =>
        _cluster.Hosts.Where(h => h.Hostname == endpoint.Description.Hostname).Select(h => h.Address);

    private TimeSpan BackOff(int failures)
    {
        var ceiling = Math.Min(_options.FailureBase.TotalMilliseconds * Math.Pow(2, failures - 1), _options.FailureMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Max(1, ceiling * _services.NextDouble()));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "cluster {Cluster}: cannot resolve {Name}: {Problem}; the hosts stay as they are")]
    private partial void LogFailure(string cluster, string name, string problem);
}
