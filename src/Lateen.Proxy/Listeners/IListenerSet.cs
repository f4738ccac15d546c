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
}

/// <summary>A listener that was built but does not accept yet. Disposing one that was never activated ends its subscriptions.</summary>
public interface IPreparedListener : IDisposable
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>What has to complete before it is activated: routes and secrets.</summary>
    IReadOnlyList<Task> Warming { get; }
}
