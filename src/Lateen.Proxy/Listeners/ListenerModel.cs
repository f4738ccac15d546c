using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using ListenerFilter = Lateen.Proxy.Listeners.Inspection.ListenerFilter;

namespace Lateen.Proxy.Listeners;

/// <summary>An address of a listener.</summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Options">How its socket is set up.</param>
internal sealed record ListenAddress(EndPoint EndPoint, ListenOptions Options);

/// <summary>A Listener, compiled; immutable but for what took its place.</summary>
internal sealed class ListenerModel : IPreparedListener
{
    private ListenerModel? _successor;

    /// <summary>What it was built from.</summary>
    public required Listener Configuration { get; init; }

    /// <summary>Its addresses, the first is the main one.</summary>
    public required IReadOnlyList<ListenAddress> Addresses { get; init; }

    /// <summary>False when it has no sockets and only takes connections handed over by <c>use_original_dst</c>.</summary>
    public required bool BindsToPort { get; init; }

    /// <summary>What looks at new connections, in order.</summary>
    public required IReadOnlyList<ListenerFilter> Filters { get; init; }

    /// <summary>How long looking may take; null for ever.</summary>
    public required TimeSpan? FiltersTimeout { get; init; }

    /// <summary>All chains, the default one among them.</summary>
    public required IReadOnlyList<FilterChain> AllChains { get; init; }

    /// <summary>The chain of connections that match no other; null closes them.</summary>
    public required FilterChain? DefaultChain { get; init; }

    /// <summary>Chooses among the chains.</summary>
    public required FilterChainMatcher Matcher { get; init; }

    /// <summary>The log of connections that never reach a chain; null for none.</summary>
    public required IAccessLog? AccessLog { get; init; }

    /// <summary>Metrics.</summary>
    public required ListenerStats Stats { get; init; }

    /// <inheritdoc/>
    public string Name => Configuration.Name;

    /// <inheritdoc/>
    public required IReadOnlyList<Task> Warming { get; init; }

    /// <summary>The traffic's direction.</summary>
    public TrafficDirection Direction => Configuration.TrafficDirection;

    /// <summary>True when nothing but filter chains differs, so that connections of equal chains may go on (Envoy: in-place update).</summary>
    public bool DiffersOnlyInChains(ListenerModel other)
    {
        var (mine, others) = (Configuration.Clone(), other.Configuration.Clone());
        foreach (var listener in new[] { mine, others })
        {
            listener.FilterChains.Clear();
            listener.DefaultFilterChain = null;
        }

        return mine.Equals(others);
    }

    /// <summary>What took its place; null while nothing did.</summary>
    public ListenerModel? Successor
    {
        get => Volatile.Read(ref _successor);
        set => Volatile.Write(ref _successor, value);
    }

    /// <summary>True when one of the chains is configured exactly like this one.</summary>
    public bool Has(FilterChain chain) => AllChains.Any(c => c.Configuration.Equals(chain.Configuration));

    /// <summary>Gives up the chains; each goes with its last connection.</summary>
    public void Dispose()
    {
        foreach (var chain in AllChains)
        {
            chain.Release();
        }
    }
}
