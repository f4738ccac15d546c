using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Listeners;

/// <summary>How listeners behave beyond their configuration.</summary>
public sealed record ListenerSetOptions
{
    /// <summary>How long connections of a removed or replaced listener may go on (Envoy: --drain-time-s).</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>The most connections of a listener by its name; null for no limit (Envoy: runtime connection_limit).</summary>
    public Func<string, long?>? ConnectionLimit { get; init; }
}

/// <summary>The listeners of the process on its event loops.</summary>
public sealed class ListenerSet : IListenerSet
{
    private readonly Lazy<ProxyServices> _services;
    private readonly ListenerSetOptions _options;
    private readonly Dictionary<string, ActiveListener> _active = [];
    private readonly List<Task> _closing = [];
    private readonly HashSet<TrafficDirection> _stopped = [];
    private readonly Lazy<ConnectionRegistry> _connections;
    private readonly Lazy<ILogger> _log;
    private readonly Lock _gate = new();
    private DestinationTable _destinations = DestinationTable.Empty;
    private IReadOnlyList<ListenerStatus> _status = [];

    /// <summary>Makes an empty set; <paramref name="services"/> is asked for with the first listener.</summary>
    public ListenerSet(Func<ProxyServices> services, ListenerSetOptions options)
    {
        _services = new Lazy<ProxyServices>(services);
        _options = options;
        _connections = new Lazy<ConnectionRegistry>(() => new ConnectionRegistry(Loops));
        _log = new Lazy<ILogger>(() => Services.LoggerFactory.CreateLogger("Lateen.Proxy.Listeners"));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ListenerStatus> Active => Volatile.Read(ref _status);

    /// <inheritdoc/>
    public long ActiveConnections => _connections.Value.Count;

    internal ConnectionRegistry Connections => _connections.Value;

    internal ILogger Log => _log.Value;

    private ProxyServices Services => _services.Value;

    private IReadOnlyList<EpollLoop> Loops => [.. Services.Loops.Cast<EpollLoop>()];

    /// <inheritdoc/>
    public IPreparedListener Prepare(Listener configuration) => ListenerCompiler.Compile(configuration.Clone(), Services);

    /// <inheritdoc/>
    public void Activate(IPreparedListener listener)
    {
        lock (_gate)
        {
            Activate((ListenerModel)listener);
        }
    }

    /// <inheritdoc/>
    public void Remove(string name)
    {
        lock (_gate)
        {
            if (_active.Remove(name, out var listener))
            {
                Publish();
                CloseSockets(listener.Sockets);
                Retire(listener, next: null);
            }
        }
    }

    /// <inheritdoc/>
    public void Drain(bool inboundOnly) => Connections.ForEach(connection =>
    {
        if (!inboundOnly || connection.Listener.Direction == TrafficDirection.Inbound)
        {
            connection.Drain();
        }
    });

    /// <inheritdoc/>
    public void StopAccepting(bool inboundOnly)
    {
        lock (_gate)
        {
            _stopped.UnionWith(inboundOnly ? [TrafficDirection.Inbound] : Enum.GetValues<TrafficDirection>());
            foreach (var listener in _active.Values.Where(l => _stopped.Contains(l.Model.Direction)))
            {
                CloseSockets(listener.Sockets);
                listener.Sockets.Clear();
            }

            Publish();
        }
    }

    /// <inheritdoc/>
    public void CloseConnections() => Connections.ForEach(connection => connection.Close());

    /// <summary>The listener that a restored destination belongs to: its exact address, else the wildcard with its port; null for none.</summary>
    internal ListenerModel? FindByDestination(IPEndPoint destination) => Volatile.Read(ref _destinations).Find(destination);

    private void Activate(ListenerModel model)
    {
        var before = _active.GetValueOrDefault(model.Name);
        CheckDuplicates(model);
        var next = new ActiveListener(this, model, _options.ConnectionLimit);
        var (taken, opened) = OpenSockets(model, before);
        next.Sockets.AddRange(taken);
        next.Sockets.AddRange(opened);
        foreach (var socket in taken)
        {
            socket.HandTo(next);
        }

        foreach (var socket in opened)
        {
            socket.Start(Loops, next);
        }

        _active[model.Name] = next;
        Publish();
        if (before is not null)
        {
            CloseSockets(before.Sockets.Except(taken));
            Retire(before, next);
        }
    }

    private void CheckDuplicates(ListenerModel model)
    {
        foreach (var other in _active.Values.Where(l => l.Model.Name != model.Name))
        {
            foreach (var address in model.Addresses.Select(a => a.EndPoint))
            {
                if (address is not IPEndPoint { Port: 0 } && other.Model.Addresses.Any(a => a.EndPoint.Equals(address)))
                {
                    throw new ConfigurationException(
                        "address", $"error adding listener: '{model.Name}' has duplicate address '{address}' as existing listener");
                }
            }
        }
    }

    // Sockets of the listener before are taken over where address and options agree.
    private (List<ListeningSocket> Taken, List<ListeningSocket> Opened) OpenSockets(ListenerModel model, ActiveListener? before)
    {
        List<ListeningSocket> taken = [], opened = [];
        if (!model.BindsToPort || _stopped.Contains(model.Direction))
        {
            return (taken, opened);
        }

        // What was closed just now frees its address once all loops let go of it.
        Task.WaitAll([.. _closing]);
        _closing.Clear();
        try
        {
            foreach (var address in model.Addresses)
            {
                var old = before?.Sockets.Find(s => IsSame(s, address, before.Model) && !taken.Contains(s));
                (old is null ? opened : taken).Add(old ?? ListeningSocket.Bind(address.EndPoint, address.Options));
            }
        }
        catch (TransportException e)
        {
            opened.ForEach(socket => _ = socket.CloseAsync());
            throw new ConfigurationException("address", $"error adding listener '{model.Name}': {e.Message}", e);
        }

        return (taken, opened);
    }

    // Port 0 stays the port that the system chose then.
    private static bool IsSame(ListeningSocket socket, ListenAddress wanted, ListenerModel before) =>
        socket.Options == wanted.Options
        && (socket.Address.Equals(wanted.EndPoint)
            || (wanted.EndPoint is IPEndPoint { Port: 0 } && before.Addresses.Any(a => a.EndPoint.Equals(wanted.EndPoint))));

    private void CloseSockets(IEnumerable<ListeningSocket> sockets) => _closing.AddRange(sockets.Select(s => s.CloseAsync()));

    // Connections of chains that go on unchanged stay, those without a chain choose among the new ones; the rest drains, and is closed
    // at the end of the drain time.
    private void Retire(ActiveListener old, ActiveListener? next)
    {
        var inPlace = next is not null && old.Model.DiffersOnlyInChains(next.Model);
        if (inPlace)
        {
            Services.Stats.Counter("listener_manager.listener_in_place_updated").Increment();
        }

        old.Retire(next);
        old.Model.Successor = next?.Model;
        var retirement = new object();
        Connections.ForEach(connection =>
        {
            var sameName = connection.Listener.Name == old.Model.Name && connection.Listener != next?.Model;
            var goesOn = connection.Chain is { } chain ? inPlace && next!.Model.Has(chain) : next is not null;
            if (sameName && !goesOn)
            {
                connection.Retire(retirement);
            }
        });
        old.Model.Dispose();
        _ = CloseRetiredAsync(retirement);
    }

    private async Task CloseRetiredAsync(object retirement)
    {
        await Task.Delay(_options.DrainTime, Services.Time);
        Connections.ForEach(connection =>
        {
            if (connection.Retirement == retirement)
            {
                connection.Close();
            }
        });
    }

    // For readers that take no lock.
    private void Publish()
    {
        Volatile.Write(ref _destinations, new DestinationTable(_active.Values.Select(l => l.Model)));
        Volatile.Write(
            ref _status,
            [
                .. _active.Values
                    .Where(l => l.Sockets.Count > 0 || !l.Model.BindsToPort)
                    .Select(l => new ListenerStatus(
                        l.Model.Name,
                        l.Sockets.Count > 0 ? [.. l.Sockets.Select(s => s.Address)] : [.. l.Model.Addresses.Select(a => a.EndPoint)],
                        l.Model.Direction)),
            ]);
    }

    private sealed class DestinationTable
    {
        public static readonly DestinationTable Empty = new([]);
        private readonly Dictionary<IPEndPoint, ListenerModel> _byAddress = [];

        public DestinationTable(IEnumerable<ListenerModel> listeners)
        {
            foreach (var listener in listeners)
            {
                foreach (var address in listener.Addresses.Select(a => a.EndPoint).OfType<IPEndPoint>())
                {
                    _byAddress[address] = listener;
                }
            }
        }

        public ListenerModel? Find(IPEndPoint destination) =>
            _byAddress.GetValueOrDefault(destination)
            ?? _byAddress.GetValueOrDefault(new IPEndPoint(
                destination.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, destination.Port));
    }
}
