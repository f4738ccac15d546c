using System.Net;
using System.Net.Sockets;

namespace Lateen.Proxy.Loops;

/// <summary>How an upstream socket is set up.</summary>
public sealed record ConnectOptions
{
    /// <summary>The address to connect from; null lets the kernel choose.</summary>
    public IPEndPoint? BindAddress { get; init; }

    /// <summary>TCP keep-alive; null leaves it off.</summary>
    public KeepAliveOptions? KeepAlive { get; init; }
}

/// <summary>TCP keep-alive; null members keep the kernel's values.</summary>
public sealed record KeepAliveOptions
{
    /// <summary>Seconds of silence before the first probe.</summary>
    public int? Time { get; init; }

    /// <summary>Seconds between probes.</summary>
    public int? Interval { get; init; }

    /// <summary>Unanswered probes before the connection is dead.</summary>
    public int? Probes { get; init; }

    internal void Apply(int fd)
    {
        Libc.SetOption(fd, Libc.SOL_SOCKET, Libc.SO_KEEPALIVE, 1);
        Set(Libc.TCP_KEEPIDLE, Time);
        Set(Libc.TCP_KEEPINTVL, Interval);
        Set(Libc.TCP_KEEPCNT, Probes);

        void Set(int option, int? value)
        {
            if (value is { } number)
            {
                Libc.SetOption(fd, Libc.IPPROTO_TCP, option, number);
            }
        }
    }
}

/// <summary>Makes outgoing connections.</summary>
public static class Connector
{
    /// <summary>Connects to a TCP or UNIX address from the loop, on which the result is owned.</summary>
    /// <param name="loop">The calling loop.</param>
    /// <param name="endPoint">An IPv4, IPv6 or UNIX socket address.</param>
    /// <param name="timeout">How long it may take (Envoy: connect_timeout).</param>
    /// <param name="options">Socket options; null for none.</param>
    /// <exception cref="TransportException">Refused, unreachable, or not in time (<see cref="TransportException.IsTimeout"/>).</exception>
    public static async ValueTask<Transport> ConnectAsync(
        IEventLoop loop, EndPoint endPoint, TimeSpan timeout, ConnectOptions? options = null)
    {
        var transport = Begin((EpollLoop)loop, endPoint, options);
        var timedOut = false;
        var timer = loop.CreateTimer(
            _ =>
            {
                timedOut = true;
                transport.Close();
            },
            null);
        timer.Start(timeout);
        try
        {
            await transport.WaitConnectedAsync();
            return transport;
        }
        catch (TransportException e)
        {
            transport.Close();
            throw timedOut ? new TransportException("connection timeout", e) { IsTimeout = true } : e;
        }
        finally
        {
            timer.Stop();
        }
    }

    private static SocketTransport Begin(EpollLoop loop, EndPoint endPoint, ConnectOptions? options)
    {
        var fd = Libc.socket(SocketAddresses.Family(endPoint), Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            throw new TransportException($"socket: {Libc.Describe(Libc.Errno)}");
        }

        if (endPoint.AddressFamily != AddressFamily.Unix)
        {
            Libc.SetOption(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
            options?.KeepAlive?.Apply(fd);
        }

        if (options?.BindAddress is { } from && SocketAddresses.Bind(fd, from) < 0)
        {
            throw Fail(fd, $"cannot bind '{from}': {Libc.Describe(Libc.Errno)}");
        }

        return SocketAddresses.Connect(fd, endPoint) < 0 && Libc.Errno is var errno && errno != Libc.EINPROGRESS
            ? throw Fail(fd, SocketTransport.ConnectError(errno))
            : SocketTransport.Connecting(loop, fd, endPoint);
    }

    private static TransportException Fail(int fd, string message)
    {
        Libc.close(fd);
        return new TransportException(message);
    }
}
