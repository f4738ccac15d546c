using System.Net;

namespace Lateen.Proxy.Loops;

/// <summary>A connected TCP or UNIX socket on an epoll loop.</summary>
internal sealed unsafe class SocketTransport : Transport, IEpollTarget
{
    private const uint Watched = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET;

    private static long s_ids;
    private readonly EpollLoop _loop;
    private readonly int _fd;
    private readonly int _slot;
    private readonly LoopOperation _receive = new();
    private readonly LoopOperation _send = new();
    private Memory<byte> _receiveInto;
    private ReadOnlyMemory<byte> _toSend;
    private int _peekBeyond = -1;
    private bool _readable;
    private bool _writable = true;
    private bool _connecting;
    private bool _hungUp;
    private bool _endTold;
    private bool _closed;

    /// <summary>Takes over a non-blocking descriptor; on the loop. The descriptor is closed when this throws.</summary>
    private SocketTransport(EpollLoop loop, int fd, ConnectionInfo info, bool connecting)
    {
        _loop = loop;
        _fd = fd;
        Info = info;
        _connecting = connecting;
        _writable = !connecting;
        try
        {
            _slot = loop.Register(fd, this, Watched);
        }
        catch (TransportException)
        {
            Libc.close(fd);
            throw;
        }
    }

    public override IEventLoop Loop => _loop;

    public override ConnectionInfo Info { get; }

    public override bool PeerClosed => _hungUp;

    /// <summary>Takes over an accepted socket.</summary>
    public static SocketTransport Accepted(EpollLoop loop, int fd, EndPoint local, EndPoint remote) =>
        new(loop, fd, NewInfo(loop, local, remote), connecting: false);

    /// <summary>Takes over a socket whose connect has begun; see <see cref="WaitConnectedAsync"/>.</summary>
    public static SocketTransport Connecting(EpollLoop loop, int fd, EndPoint remote) =>
        new(loop, fd, NewInfo(loop, SocketAddresses.Local(fd), remote), connecting: true);

    /// <summary>Completes when the connection is made.</summary>
    /// <exception cref="TransportException">It was refused, or closed meanwhile.</exception>
    public ValueTask WaitConnectedAsync() => _connecting ? _send.BeginVoid() : default;

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (_closed)
        {
            return ValueTask.FromException<int>(Closed());
        }

        if (_readable)
        {
            var count = Receive(buffer.Span);
            if (count >= 0)
            {
                return new(count);
            }

            if (_readable)
            {
                return ValueTask.FromException<int>(Broken(Libc.Errno));
            }
        }

        _receiveInto = buffer;
        return _receive.Begin();
    }

    /// <summary>
    /// Copies what has arrived without taking it, waiting until that is more than <paramref name="known"/> bytes or the peer ended.
    /// A result of at most <paramref name="known"/> means the end.
    /// </summary>
    public ValueTask<int> PeekAsync(Memory<byte> buffer, int known)
    {
        if (_closed)
        {
            return ValueTask.FromException<int>(Closed());
        }

        var count = Peek(buffer.Span);
        if (count > known || _hungUp || count == 0)
        {
            _readable = true;
            return new(Math.Max(count, 0));
        }

        _receiveInto = buffer;
        _peekBeyond = known;
        return _receive.Begin();
    }

    /// <summary>Ends a pending <see cref="PeekAsync"/>, which then completes with what it knew.</summary>
    public void EndPeek()
    {
        if (_receive.IsPending && _peekBeyond >= 0)
        {
            var known = _peekBeyond;
            _peekBeyond = -1;
            _receiveInto = default;
            _readable = true;
            _receive.Complete(known);
        }
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        if (_closed)
        {
            return ValueTask.FromException(Closed());
        }

        if (_writable)
        {
            var errno = Send(ref data);
            if (errno != 0)
            {
                return ValueTask.FromException(Broken(errno));
            }

            if (data.IsEmpty)
            {
                return default;
            }
        }

        _toSend = data;
        return _send.BeginVoid();
    }

    public override ValueTask ShutdownAsync()
    {
        if (!_closed)
        {
            Libc.shutdown(_fd, Libc.SHUT_WR);
        }

        return default;
    }

    public override void Close(bool reset = false)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _loop.Forget(_slot);
        if (reset)
        {
            var linger = 1L; // struct linger { l_onoff = 1, l_linger = 0 }
            Libc.setsockopt(_fd, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(long));
        }

        Libc.close(_fd);

        // Later, so that nobody who closes finds its own waiters running inside the call.
        if (_receive.IsPending || _send.IsPending)
        {
            _loop.Post(static self => ((SocketTransport)self!).FailPending(), this);
        }
    }

    /// <summary>The destination before the kernel redirected the connection here; null when it was not redirected.</summary>
    public EndPoint? OriginalDestination()
    {
        var address = stackalloc byte[SocketAddresses.MostBytes];
        var length = SocketAddresses.MostBytes;
        var level = Info.LocalAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? Libc.IPPROTO_IPV6
            : Libc.IPPROTO_IP;
        return !_closed && Info.LocalAddress is IPEndPoint && Libc.getsockopt(_fd, level, Libc.SO_ORIGINAL_DST, address, &length) == 0
            ? SocketAddresses.Read(address, length)
            : null;
    }

    void IEpollTarget.OnReady(uint events)
    {
        if (_connecting)
        {
            FinishConnect(events);
            return;
        }

        var hangUp = (events & (Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0;
        _hungUp |= hangUp;
        if ((events & (Libc.EPOLLOUT | Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
        {
            _writable = true;
            if (_send.IsPending)
            {
                FinishSend();
            }
        }

        if (!_closed && (hangUp || (events & Libc.EPOLLIN) != 0))
        {
            _readable = true;
            if (_receive.IsPending)
            {
                FinishReceive();
            }
        }

        if (_hungUp && !_closed && !_endTold && !_receive.IsPending)
        {
            _endTold = true;
            PeerClosedCallback?.Invoke(PeerClosedState);
        }
    }

    private static ConnectionInfo NewInfo(EpollLoop loop, EndPoint local, EndPoint remote) => new()
    {
        Id = Interlocked.Increment(ref s_ids),
        LocalAddress = local,
        RemoteAddress = remote,
        DirectRemoteAddress = remote,
        StartTime = loop.Time.GetUtcNow(),
    };

    // −1: would block, or an error when _readable stays set. A short read means that the socket is drained (epoll(7)), unless the peer
    // ended: then the end is still to be read.
    private int Receive(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            Span<byte> one = stackalloc byte[1];
            return Peek(one) >= 0 ? 0 : -1;
        }

        nint count;
        fixed (byte* bytes = buffer)
        {
            count = Libc.recv(_fd, bytes, buffer.Length, 0);
        }

        if (count > 0)
        {
            _readable = count == buffer.Length || _hungUp;
        }
        else if (count == 0)
        {
            _hungUp = _endTold = true;
        }
        else if (Libc.Errno == Libc.EAGAIN)
        {
            _readable = false;
        }

        return (int)count;
    }

    private int Peek(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var count = Libc.recv(_fd, bytes, buffer.Length, Libc.MSG_PEEK);
            if (count < 0 && Libc.Errno == Libc.EAGAIN)
            {
                _readable = false;
            }

            return (int)count;
        }
    }

    private int Send(ref ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            nint count;
            fixed (byte* bytes = data.Span)
            {
                count = Libc.send(_fd, bytes, data.Length, Libc.MSG_NOSIGNAL);
            }

            if (count < 0)
            {
                var errno = Libc.Errno;
                if (errno == Libc.EAGAIN)
                {
                    _writable = false;
                    return 0;
                }

                return errno;
            }

            data = data[(int)count..];
        }

        return 0;
    }

    private void FinishSend()
    {
        var errno = Send(ref _toSend);
        if (errno != 0)
        {
            _toSend = default;
            _send.Fail(Broken(errno));
        }
        else if (_toSend.IsEmpty)
        {
            _send.Complete(0);
        }
    }

    private void FinishReceive()
    {
        var peeking = _peekBeyond >= 0;
        if (_receiveInto.IsEmpty && !peeking)
        {
            // The event itself says that there is something: no need to ask the kernel again.
            _receive.Complete(0);
            return;
        }

        var count = peeking ? Peek(_receiveInto.Span) : Receive(_receiveInto.Span);
        if (peeking ? count > _peekBeyond || count == 0 || _hungUp : count >= 0)
        {
            _peekBeyond = -1;
            _receiveInto = default;
            _receive.Complete(Math.Max(count, 0));
        }
        else if (count < 0 && _readable)
        {
            var error = Broken(Libc.Errno);
            _peekBeyond = -1;
            _receiveInto = default;
            _receive.Fail(error);
        }
    }

    private void FinishConnect(uint events)
    {
        if (!_send.IsPending || (events & (Libc.EPOLLOUT | Libc.EPOLLERR | Libc.EPOLLHUP)) == 0)
        {
            return;
        }

        int errno;
        var length = sizeof(int);
        Libc.getsockopt(_fd, Libc.SOL_SOCKET, Libc.SO_ERROR, &errno, &length);
        if (errno != 0)
        {
            _send.Fail(new TransportException(ConnectError(errno)));
            return;
        }

        // Data or an end that came along has raised its edge already.
        _connecting = false;
        _writable = true;
        _readable = (events & (Libc.EPOLLIN | Libc.EPOLLRDHUP)) != 0;
        _hungUp = (events & Libc.EPOLLRDHUP) != 0;
        Info.LocalAddress = SocketAddresses.Local(_fd);
        _send.Complete(0);
    }

    private void FailPending()
    {
        _receiveInto = default;
        _toSend = default;
        if (_receive.IsPending)
        {
            _receive.Fail(Closed());
        }

        if (_send.IsPending)
        {
            _send.Fail(Closed());
        }
    }

    /// <summary>Envoy's words for a failed connect.</summary>
    internal static string ConnectError(int errno) => $"delayed connect error: {Libc.Describe(errno)}";

    private static TransportException Closed() => new("The connection is closed.");

    private TransportException Broken(int errno)
    {
        _hungUp = _endTold = true;
        return new TransportException(Libc.Describe(errno));
    }
}
