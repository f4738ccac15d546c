using System.Net;
using System.Net.Sockets;

namespace Lateen.Proxy.Loops;

/// <summary>How a listening socket is set up.</summary>
internal sealed record ListenOptions
{
    /// <summary>Connections the kernel completes before they are accepted; the kernel caps it at somaxconn.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>An IPv6 wildcard socket takes IPv4 too.</summary>
    public bool AcceptsIPv4 { get; init; }

    /// <summary>IP_TRANSPARENT, for TPROXY.</summary>
    public bool Transparent { get; init; }

    /// <summary>IP_FREEBIND: the address need not exist yet.</summary>
    public bool FreeBind { get; init; }

    /// <summary>File mode of a UNIX socket; 0 leaves what the process's mask gives.</summary>
    public UnixFileMode UnixMode { get; init; }
}

/// <summary>Takes accepted sockets.</summary>
internal interface IAcceptor
{
    /// <summary>
    /// A new connection, on the loop that accepted it; the callee owns the descriptor.
    /// </summary>
    void OnAccepted(EpollLoop loop, int fd, EndPoint local, EndPoint remote);
}

/// <summary>
/// A listening socket that all loops watch (EPOLLEXCLUSIVE wakes one of them per connection). One socket and not one per loop: a second
/// process on the same port is told so, and nothing queued is lost when a listener changes hands.
/// </summary>
internal sealed unsafe class ListeningSocket
{
    /// <summary>Connections accepted per wake-up of a loop, so that a flood does not starve open connections.</summary>
    public const int MostPerEvent = 64;

    private static readonly TimeSpan ExhaustedPause = TimeSpan.FromMilliseconds(100);

    private readonly int _fd;
    private readonly string? _path;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IAcceptor? _acceptor;
    private Watcher[] _watchers = [];
    private int _open;

    private ListeningSocket(int fd, EndPoint address, ListenOptions options)
    {
        _fd = fd;
        Options = options;
        Address = address is IPEndPoint ? SocketAddresses.Local(fd) : address;
        _path = address is UnixDomainSocketEndPoint && address.ToString() is { } path && !path.StartsWith('@') ? path : null;
    }

    /// <summary>The address in force; the port is the real one when 0 was asked for.</summary>
    public EndPoint Address { get; }

    /// <summary>What it was set up with.</summary>
    public ListenOptions Options { get; }

    /// <summary>Binds and listens; connections wait in the backlog until <see cref="Start"/>.</summary>
    /// <exception cref="TransportException">The address is taken or does not exist (Envoy: <c>cannot bind 'ADDR': …</c>).</exception>
    public static ListeningSocket Bind(EndPoint address, ListenOptions options)
    {
        var fd = Libc.socket(SocketAddresses.Family(address), Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            throw new TransportException($"cannot bind '{address}': {Libc.Describe(Libc.Errno)}");
        }

        try
        {
            SetOptions(fd, address, options);
            RemoveStale(address);
            if (SocketAddresses.Bind(fd, address) < 0 || Libc.listen(fd, options.Backlog) < 0)
            {
                throw new TransportException($"cannot bind '{address}': {Libc.Describe(Libc.Errno)}");
            }

            var socket = new ListeningSocket(fd, address, options);
            if (!OperatingSystem.IsWindows() && socket._path is { } path && options.UnixMode != UnixFileMode.None)
            {
                File.SetUnixFileMode(path, options.UnixMode);
            }

            return socket;
        }
        catch
        {
            Libc.close(fd);
            throw;
        }
    }

    /// <summary>Begins to accept on these loops.</summary>
    public void Start(IReadOnlyList<EpollLoop> loops, IAcceptor acceptor)
    {
        _acceptor = acceptor;
        _open = loops.Count;
        _watchers = [.. loops.Select(loop => new Watcher(this, loop))];
        foreach (var watcher in _watchers)
        {
            watcher.Loop.Post(static self => ((Watcher)self!).Begin(), watcher);
        }
    }

    /// <summary>Gives connections accepted from now on to another acceptor.</summary>
    public void HandTo(IAcceptor acceptor) => Volatile.Write(ref _acceptor!, acceptor);

    /// <summary>Stops accepting and closes; completes when the address is free. Call once.</summary>
    public Task CloseAsync()
    {
        if (_watchers.Length == 0)
        {
            CloseDescriptor();
        }

        foreach (var watcher in _watchers)
        {
            watcher.Loop.Post(static self => ((Watcher)self!).End(), watcher);
        }

        return _closed.Task;
    }

    private static void SetOptions(int fd, EndPoint address, ListenOptions options)
    {
        if (address is not IPEndPoint)
        {
            return;
        }

        Libc.SetOption(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
        var v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        if (v6)
        {
            Libc.SetOption(fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, options.AcceptsIPv4 ? 0 : 1);
        }

        if (options.FreeBind)
        {
            Libc.SetOption(fd, Libc.IPPROTO_IP, Libc.IP_FREEBIND, 1);
        }

        if (options.Transparent
            && Libc.SetOption(fd, v6 ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP, v6 ? Libc.IPV6_TRANSPARENT : Libc.IP_TRANSPARENT, 1) < 0)
        {
            throw new TransportException($"cannot make '{address}' transparent: {Libc.Describe(Libc.Errno)}");
        }
    }

    // Envoy: the path of a listening pipe is removed before it is bound.
    private static void RemoveStale(EndPoint address)
    {
        if (address is UnixDomainSocketEndPoint && address.ToString() is { } path && !path.StartsWith('@'))
        {
            File.Delete(path);
        }
    }

    private void CloseDescriptor()
    {
        Libc.close(_fd);
        if (_path is not null)
        {
            File.Delete(_path);
        }

        _closed.TrySetResult();
    }

    private sealed class Watcher(ListeningSocket socket, EpollLoop loop) : IEpollTarget
    {
        private readonly byte[] _address = GC.AllocateArray<byte>(SocketAddresses.MostBytes, pinned: true);
        private LoopTimer? _pause;
        private int _slot = -1;

        public EpollLoop Loop => loop;

        public void Begin()
        {
            if (_slot < 0)
            {
                _slot = loop.Register(socket._fd, this, Libc.EPOLLIN | Libc.EPOLLEXCLUSIVE);
            }
        }

        public void End()
        {
            _pause?.Stop();
            Pause();
            if (Interlocked.Decrement(ref socket._open) == 0)
            {
                socket.CloseDescriptor();
            }
        }

        public void OnReady(uint events)
        {
            fixed (byte* address = _address)
            {
                for (var i = 0; i < MostPerEvent; i++)
                {
                    var length = SocketAddresses.MostBytes;
                    var fd = Libc.accept4(socket._fd, address, &length, Libc.SOCK_NONBLOCK_CLOEXEC);
                    if (fd < 0)
                    {
                        OnError(Libc.Errno);
                        return;
                    }

                    HandOver(fd, SocketAddresses.Read(address, length));
                }
            }
        }

        private void HandOver(int fd, EndPoint remote)
        {
            EndPoint local;
            if (socket.Address is IPEndPoint)
            {
                Libc.SetOption(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
                local = SocketAddresses.Local(fd);
            }
            else
            {
                local = socket.Address;
            }

            Volatile.Read(ref socket._acceptor!).OnAccepted(loop, fd, local, remote);
        }

        // Out of descriptors or memory: the socket stays readable, so look away for a while in place of spinning.
        private void OnError(int errno)
        {
            if (errno is Libc.EMFILE or Libc.ENFILE or Libc.ENOBUFS or Libc.ENOMEM)
            {
                Pause();
                _pause ??= loop.CreateTimer(static self => ((Watcher)self!).Begin(), this);
                _pause.Start(ExhaustedPause);
            }
        }

        private void Pause()
        {
            if (_slot >= 0)
            {
                loop.Unregister(_slot, socket._fd);
                _slot = -1;
            }
        }
    }
}
