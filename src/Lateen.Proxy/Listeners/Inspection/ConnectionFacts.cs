using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Listeners.Inspection;

/// <summary>What listener filters found out about a connection: what its filter chain is chosen by.</summary>
internal sealed class ConnectionFacts(ConnectionInfo info)
{
    /// <summary>Addresses and server name.</summary>
    public ConnectionInfo Info { get; } = info;

    /// <summary><c>tls</c> or <c>raw_buffer</c>; empty while not known.</summary>
    public string TransportProtocol { get; set; } = "";

    /// <summary>Application protocols in the client's order; null while not known.</summary>
    public IReadOnlyList<string>? ApplicationProtocols { get; set; }
}

/// <summary>How far a listener filter got.</summary>
internal enum InspectStatus
{
    /// <summary>Go on with the next filter.</summary>
    Done,

    /// <summary>More bytes are needed.</summary>
    NeedMore,

    /// <summary>The connection is to be closed.</summary>
    Close,
}

/// <summary>A filter that looks at a new connection before its filter chain is chosen. One object serves all connections.</summary>
internal abstract class ListenerFilter
{
    /// <summary>Tells for which connections the filter is skipped; null for none.</summary>
    public FilterDisabledRule? Disabled { get; init; }

    /// <summary>
    /// Looks at the first bytes without taking them; called again with more after <see cref="InspectStatus.NeedMore"/>.
    /// </summary>
    public abstract InspectStatus Inspect(ConnectionFacts facts, SocketTransport transport, ReadOnlySpan<byte> received);
}
