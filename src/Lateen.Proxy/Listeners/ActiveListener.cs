using System.Net;
using Lateen.Proxy.Loops;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Listeners;

/// <summary>A listener that takes connections, and its sockets.</summary>
internal sealed partial class ActiveListener(ListenerSet set, ListenerModel model, Func<string, long?>? connectionLimit) : IAcceptor
{
    private ActiveListener? _next;
    private bool _retired;

    /// <summary>What it serves connections with.</summary>
    public ListenerModel Model { get; } = model;

    /// <summary>Its sockets; none when it is not bound or was stopped.</summary>
    public List<ListeningSocket> Sockets { get; } = [];

    private ListenerSet Set => set;

    private ConnectionRegistry Connections => set.Connections;

    /// <summary>Connections that are still on their way to their loop go to the next listener; without one they are closed.</summary>
    public void Retire(ActiveListener? next)
    {
        _next = next;
        Volatile.Write(ref _retired, true);
    }

    /// <inheritdoc/>
    public void OnAccepted(EpollLoop loop, int fd, EndPoint local, EndPoint remote)
    {
        if (connectionLimit?.Invoke(Model.Name) is { } limit && Model.Stats.Active.Value >= limit)
        {
            Model.Stats.Overflow.Increment();
            Libc.close(fd);
            return;
        }

        // Long-lived connections spread evenly, whichever loop happened to wake up.
        var target = set.Connections.LeastLoaded(loop);
        set.Connections.Reserve(target);
        var accepted = new Accepted(this, target, fd, local, remote);
        if (target == loop)
        {
            Begin(accepted);
        }
        else
        {
            target.Post(static accepted => Begin((Accepted)accepted!), accepted);
        }
    }

    private static async void Begin(Accepted accepted)
    {
        var (listener, loop, fd, local, remote) = accepted;
        var connections = listener.Connections;
        AcceptedConnection? connection = null;
        try
        {
            while (Volatile.Read(ref listener._retired))
            {
                if (listener._next is null)
                {
                    Libc.close(fd);
                    return;
                }

                listener = listener._next;
            }

            connection = new AcceptedConnection(listener.Set, listener.Model, SocketTransport.Accepted(loop, fd, local, remote));
            connections.Add(loop, connection);
            await connection.RunAsync();
        }
        catch (TransportException)
        {
            // The kernel took no watch on it, so the descriptor is closed already.
            listener.Model.Stats.Overflow.Increment();
        }
        catch (Exception e)
        {
            // A mistake of ours on one connection does not end the others.
            LogFailed(listener.Set.Log, e, listener.Model.Name);
        }
        finally
        {
            connections.Remove(loop, connection);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection of listener '{Listener}' failed")]
    private static partial void LogFailed(ILogger logger, Exception error, string listener);

    private sealed record Accepted(ActiveListener Listener, EpollLoop Loop, int Fd, EndPoint Local, EndPoint Remote);
}
