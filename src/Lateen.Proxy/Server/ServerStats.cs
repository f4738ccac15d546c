using Lateen.Proxy.Listeners;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Server;

/// <summary>The metrics <c>server.*</c>; those that change by themselves are read when they are asked for.</summary>
internal sealed class ServerStats
{
    private readonly Lifecycle _lifecycle;
    private readonly IListenerSet _listeners;
    private readonly Gauge _uptime;
    private readonly Gauge _live;
    private readonly Gauge _state;
    private readonly Gauge _allocated;
    private readonly Gauge _heap;
    private readonly Gauge _physical;
    private readonly Gauge _connections;
    private readonly Histogram _initialization;

    public ServerStats(StatsStore stats, Lifecycle lifecycle, int concurrency, IListenerSet listeners)
    {
        _lifecycle = lifecycle;
        _listeners = listeners;
        _uptime = stats.Gauge("server.uptime");
        _live = stats.Gauge("server.live");
        _state = stats.Gauge("server.state");
        _allocated = stats.Gauge("server.memory_allocated");
        _heap = stats.Gauge("server.memory_heap_size");
        _physical = stats.Gauge("server.memory_physical_size");
        _connections = stats.Gauge("server.total_connections");
        _initialization = stats.Histogram("server.initialization_time_ms");
        stats.Gauge("server.concurrency").Set(concurrency);
        stats.Gauge("server.hot_restart_epoch").Set(0);
    }

    public void Initialized(TimeSpan after) => _initialization.Record(after.TotalMilliseconds);

    public void Refresh()
    {
        _uptime.Set((long)_lifecycle.Uptime.TotalSeconds);
        _live.Set(_lifecycle.State == ServerState.Live ? 1 : 0);
        _state.Set((long)_lifecycle.State);
        _allocated.Set(GC.GetTotalMemory(forceFullCollection: false));
        _heap.Set(GC.GetGCMemoryInfo().TotalCommittedBytes);
        _physical.Set(Environment.WorkingSet);
        _connections.Set(_listeners.ActiveConnections);
    }
}
