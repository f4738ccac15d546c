using Envoy.Config.Listener.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Listeners;

/// <summary>The listeners of the process: built from configuration, opened, replaced and drained. Called from one thread at a time, never a loop's.</summary>
public interface IListenerSet
{
    /// <summary>Builds a listener and subscribes to what it needs; nothing that runs changes.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    IPreparedListener Prepare(Listener configuration);

    /// <summary>
    /// Begins to accept connections, or takes the place of the listener of the same name: sockets are taken over where they agree,
    /// connections of unchanged filter chains go on, others drain.
    /// </summary>
    /// <exception cref="ConfigurationException">An address cannot be bound; what ran goes on.</exception>
    void Activate(IPreparedListener listener);

    /// <summary>Stops accepting and drains the listener's connections. Unknown names are ignored.</summary>
    void Remove(string name);

    /// <summary>The listeners that accept connections.</summary>
    IReadOnlyList<ListenerStatus> Active { get; }

    /// <summary>Connections open now, those of draining listeners among them.</summary>
    long ActiveConnections { get; }

    /// <summary>
    /// Lets connections end gracefully (HTTP: <c>connection: close</c> with the next response, idle ones at once); listeners go on accepting.
    /// </summary>
    /// <param name="inboundOnly">Only listeners whose traffic direction is INBOUND.</param>
    void Drain(bool inboundOnly);

    /// <summary>Closes the listening sockets; connections stay. Listeners of that direction that are activated later do not open.</summary>
    /// <param name="inboundOnly">Only listeners whose traffic direction is INBOUND.</param>
    void StopAccepting(bool inboundOnly);

    /// <summary>Closes every connection that is left.</summary>
    void CloseConnections();
}

/// <summary>An open listener.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">The addresses it is bound to, with the ports the system chose; the configured ones where it is not bound.</param>
/// <param name="Direction">Its traffic direction.</param>
public sealed record ListenerStatus(
    string Name, IReadOnlyList<System.Net.EndPoint> Addresses, Envoy.Config.Core.V3.TrafficDirection Direction);

/// <summary>A listener that was built but does not accept yet. Disposing one that was never activated ends its subscriptions.</summary>
public interface IPreparedListener : IDisposable
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>What has to complete before it is activated: routes and secrets.</summary>
    IReadOnlyList<Task> Warming { get; }
}
