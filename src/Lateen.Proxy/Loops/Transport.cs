namespace Lateen.Proxy.Loops;

/// <summary>
/// A byte stream of one connection: TCP, a UNIX socket, or TLS over either. Owned by one loop; at most one receive and one send
/// are pending at a time. Continuations run on the loop.
/// </summary>
public abstract class Transport
{
    /// <summary>The loop that owns the connection.</summary>
    public abstract IEventLoop Loop { get; }

    /// <summary>Addresses, TLS facts and identity of the connection.</summary>
    public abstract ConnectionInfo Info { get; }

    /// <summary>True once the peer has closed its sending side or the connection broke.</summary>
    public abstract bool PeerClosed { get; }

    /// <summary>
    /// Called once, on the loop, when <see cref="PeerClosed"/> becomes true while no receive is pending: how a waiting exchange
    /// learns that its client went away.
    /// </summary>
    public Action<object?>? PeerClosedCallback { get; set; }

    /// <summary>The argument of <see cref="PeerClosedCallback"/>.</summary>
    public object? PeerClosedState { get; set; }

    /// <summary>
    /// Receives into <paramref name="buffer"/>; 0 means that the peer ended its side. An empty buffer completes with 0 when bytes
    /// or the end can be received (in rare cases without cause), so that an idle connection holds no buffer.
    /// </summary>
    /// <exception cref="TransportException">The connection broke or was closed.</exception>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Completes when all bytes are handed to the kernel; <paramref name="data"/> is in use until then.</summary>
    /// <exception cref="TransportException">The connection broke or was closed.</exception>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> data);

    /// <summary>Ends our sending side (FIN, or close_notify and FIN); receiving goes on.</summary>
    public abstract ValueTask ShutdownAsync();

    /// <summary>Closes at once; pending operations fail. <paramref name="reset"/> sends RST instead of FIN. Idempotent.</summary>
    public abstract void Close(bool reset = false);
}

/// <summary>The connection broke, was closed, or could not be made.</summary>
public sealed class TransportException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>True when it was a timeout (of connecting or of the TLS handshake) that ended it.</summary>
    public bool IsTimeout { get; init; }
}
