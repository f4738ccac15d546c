using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Network;

/// <summary>An accepted connection on its way through a filter chain.</summary>
public sealed class NetworkConnection
{
    /// <summary>The stream to the client, TLS already terminated.</summary>
    public required Transport Transport { get; init; }

    /// <summary>The stream's facts; TCP filters log and count from it.</summary>
    public required TcpStreamInfo Info { get; init; }

    /// <summary>True once the listener drains: finish what runs, take nothing new.</summary>
    public bool Draining { get; set; }

    /// <summary>Called on the loop when draining begins; the terminal filter sets it.</summary>
    public Action? DrainCallback { get; set; }
}

/// <summary>The facts of a TCP connection seen as one stream.</summary>
public sealed class TcpStreamInfo : Http.StreamInfo
{
    /// <summary>Begins the facts of a connection.</summary>
    public TcpStreamInfo(IEventLoop loop, ConnectionInfo downstream)
    {
        Loop = loop;
        Downstream = downstream;
        StartTime = loop.Time.GetUtcNow();
        Times.Start = loop.Time.GetTimestamp();
    }
}

/// <summary>A network filter before the terminal one (metadata exchange, RBAC, statistics). One object serves all connections of a chain.</summary>
public interface INetworkFilter
{
    /// <summary>A new connection; false closes it.</summary>
    ValueTask<bool> OnConnectionAsync(NetworkConnection connection);

    /// <summary>The connection is over; its facts are final.</summary>
    void OnClose(NetworkConnection connection);
}

/// <summary>The last filter of a chain: HTTP connection manager or TCP proxy.</summary>
public interface ITerminalNetworkFilter
{
    /// <summary>Serves the connection to its end. Does not throw; the caller closes the transport afterwards.</summary>
    ValueTask ServeAsync(NetworkConnection connection);
}
