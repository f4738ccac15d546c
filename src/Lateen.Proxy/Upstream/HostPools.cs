using Envoy.Config.Core.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Upstream;

/// <summary>One loop's connection pools to one host (Envoy: a pool per host, priority, and what its connections are made with).</summary>
internal sealed class HostPools
{
    private readonly List<ConnectionPool> _pools = [];
    private readonly Host _host;
    private readonly IEventLoop _loop;
    private readonly IUpstreamConnector _connector;

    private HostPools(Host host, IEventLoop loop, IUpstreamConnector connector)
    {
        _host = host;
        _loop = loop;
        _connector = connector;
        host.Cluster.PoolsDrained += OnDrained;
    }

    /// <summary>The pool to use for a request; made on first use.</summary>
    public static ConnectionPool Get(
        Host host, IEventLoop loop, IUpstreamConnector connector, RoutingPriority priority, UpstreamTlsOverride tls)
    {
        ref var slot = ref host.LoopSlots[loop.Index];
        var pools = (HostPools)(slot ??= new HostPools(host, loop, connector));
        return pools.Find(priority, host.Transport, tls);
    }

    internal void Forget(ConnectionPool pool) => _pools.Remove(pool);

    private ConnectionPool Find(RoutingPriority priority, UpstreamTransport transport, UpstreamTlsOverride tls)
    {
        foreach (var pool in _pools)
        {
            if (pool.Priority == priority
                && ReferenceEquals(pool.Transport, transport)
                && ReferenceEquals(pool.Tls.ApplicationProtocols, tls.ApplicationProtocols)
                && pool.Tls.ServerName == tls.ServerName)
            {
                return pool;
            }
        }

        // A new transport socket in the cluster's configuration: connections made with the old one end.
        for (var i = _pools.Count - 1; i >= 0; i--)
        {
            if (!ReferenceEquals(_pools[i].Transport, transport))
            {
                _pools[i].Drain();
            }
        }

        var made = new ConnectionPool(this, _host, _loop, _connector, priority, transport, tls);
        _pools.Add(made);
        return made;
    }

    private void OnDrained(Cluster cluster, IReadOnlyList<Host> hosts)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            if (ReferenceEquals(hosts[i], _host))
            {
                _loop.Post(static self => ((HostPools)self!).Drain(), this);
                return;
            }
        }
    }

    private void Drain()
    {
        for (var i = _pools.Count - 1; i >= 0; i--)
        {
            _pools[i].Drain();
        }

        if (_host.IsRemoved)
        {
            _host.Cluster.PoolsDrained -= OnDrained;
        }
    }
}
