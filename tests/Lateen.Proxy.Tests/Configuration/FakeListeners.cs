using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Listeners;

namespace Lateen.Proxy.Tests.Configuration;

/// <summary>Notes what is asked of it. A listener's <c>stat_prefix</c> names the route configuration it waits for.</summary>
internal sealed class FakeListeners(IRouteProvider routes) : IListenerSet
{
    private static readonly ConfigSource Ads = new() { Ads = new AggregatedConfigSource(), InitialFetchTimeout = new() };

    public List<string> Events { get; } = [];

    public Dictionary<string, Prepared> Running { get; } = [];

    public IReadOnlyList<ListenerStatus> Active =>
        [.. Running.Keys.Select(name => new ListenerStatus(name, [new IPEndPoint(IPAddress.Loopback, 80)], TrafficDirection.Inbound))];

    public long ActiveConnections => 0;

    public IPreparedListener Prepare(Listener configuration) => configuration.Name.StartsWith("bad", StringComparison.Ordinal)
        ? throw new ConfigurationException("filter_chains", "no good")
        : new Prepared(configuration, configuration.StatPrefix.Length > 0 ? routes.Subscribe(configuration.StatPrefix, Ads) : null);

    public void Activate(IPreparedListener listener)
    {
        lock (Events)
        {
            Events.Add($"+{listener.Name}");
            if (Running.TryGetValue(listener.Name, out var old))
                old.Dispose();
            Running[listener.Name] = (Prepared)listener;
        }
    }

    public void Remove(string name)
    {
        lock (Events)
        {
            Events.Add($"-{name}");
            Running.Remove(name, out var old);
            old?.Dispose();
        }
    }

    public void Drain(bool inboundOnly) => Events.Add($"drain {inboundOnly}");

    public void StopAccepting(bool inboundOnly) => Events.Add($"stop {inboundOnly}");

    public void CloseConnections() => Events.Add("close");

    internal sealed class Prepared(Listener configuration, IRouteSource? routes) : IPreparedListener
    {
        public string Name => configuration.Name;

        public Listener Configuration => configuration;

        public IRouteSource? Routes => routes;

        public IReadOnlyList<Task> Warming => routes is null ? [] : [routes.Ready];

        public void Dispose() => routes?.Dispose();
    }
}
