using System.Net;
using System.Text;
using System.Threading.Tasks.Sources;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Tests.Support;

/// <summary>
/// One end of an in-memory connection. As with a socket, what one end sends the other receives in a later turn of the loop; a send
/// waits while the other end has more than <see cref="Capacity"/> bytes unread.
/// </summary>
public sealed class PipeTransport : Transport
{
    private static long s_ids;
    private readonly PipeOperation _receive = new();
    private readonly PipeOperation _send = new();
    private byte[] _unread = new byte[4096];
    private int _start;
    private int _length;
    private Memory<byte> _receiveInto;
    private PipeTransport _other = null!;
    private bool _endReceived;
    private bool _broken;
    private bool _closed;
    private bool _ended;
    private bool _turnPosted;
    private bool _closeTold;

    private PipeTransport(IEventLoop loop, ConnectionInfo info)
    {
        Loop = loop;
        Info = info;
    }

    public override IEventLoop Loop { get; }

    public override ConnectionInfo Info { get; }

    public override bool PeerClosed => _endReceived || _broken;

    /// <summary>Bytes that may wait unread at this end before the other end's send waits.</summary>
    public int Capacity { get; set; } = 1 << 20;

    /// <summary>The most bytes a single receive gives; 1 splits the stream after every byte.</summary>
    public int MostPerReceive { get; set; } = int.MaxValue;

    /// <summary>How many sends were made at this end.</summary>
    public int Sends { get; private set; }

    /// <summary>True after <see cref="Close"/> of this end.</summary>
    public bool IsClosed => _closed;

    /// <summary>True when this end was closed with a reset.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Two connected ends: the client's and the server's.</summary>
    public static (PipeTransport Client, PipeTransport Server) Pair(IEventLoop loop)
    {
        var clientAddress = new IPEndPoint(IPAddress.Loopback, 40000);
        var serverAddress = new IPEndPoint(IPAddress.Loopback, 8080);
        var client = new PipeTransport(loop, NewInfo(loop, clientAddress, serverAddress));
        var server = new PipeTransport(loop, NewInfo(loop, serverAddress, clientAddress));
        client._other = server;
        server._other = client;
        return (client, server);
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        Assert.False(_receive.IsPending, "A receive is already pending.");
        if (_closed)
        {
            return ValueTask.FromException<int>(new TransportException("The connection is closed."));
        }

        if (TryReceive(buffer, out var result))
        {
            return result;
        }

        _receiveInto = buffer;
        return _receive.Begin();
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        Assert.False(_send.IsPending, "A send is already pending.");
        if (_closed || _ended || _broken || _other._closed)
        {
            return ValueTask.FromException(new TransportException(_closed ? "The connection is closed." : "Broken pipe"));
        }

        Sends++;
        _other.Append(data.Span);
        return _other._length <= _other.Capacity ? default : _send.BeginVoid();
    }

    public override ValueTask ShutdownAsync()
    {
        if (!_closed && !_ended)
        {
            _ended = true;
            _other.PeerEnded(broken: false);
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
        WasReset = reset;
        var unread = _length > 0;
        _length = 0;
        PostTurn();
        _other.PeerEnded(broken: reset || unread);
        _other.PostTurn();
    }

    /// <summary>Sends text from a test (Latin-1).</summary>
    public void Write(string text)
    {
        var sent = SendAsync(Encoding.Latin1.GetBytes(text));
        Assert.True(sent.IsCompletedSuccessfully, "The other end takes no more; receive there first.");
    }

    /// <summary>Takes everything that has arrived at this end, as text (Latin-1).</summary>
    public string TakeText()
    {
        var text = Encoding.Latin1.GetString(_unread, _start, _length);
        _length = _start = 0;
        _other.PostTurn();
        return text;
    }

    private static ConnectionInfo NewInfo(IEventLoop loop, EndPoint local, EndPoint remote) => new()
    {
        Id = Interlocked.Increment(ref s_ids),
        LocalAddress = local,
        RemoteAddress = remote,
        DirectRemoteAddress = remote,
        StartTime = loop.Time.GetUtcNow(),
    };

    private bool TryReceive(Memory<byte> buffer, out ValueTask<int> result)
    {
        if (_length > 0)
        {
            var count = Math.Min(Math.Min(buffer.Length, _length), MostPerReceive);
            _unread.AsSpan(_start, count).CopyTo(buffer.Span);
            _length -= count;
            _start = _length == 0 ? 0 : _start + count;
            _other.PostTurn();
            result = new(count);
            return true;
        }

        _closeTold |= PeerClosed;
        result = _broken ? ValueTask.FromException<int>(new TransportException("Connection reset by peer")) : new(0);
        return _broken || _endReceived;
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_start + _length + data.Length > _unread.Length)
        {
            var larger = _length + data.Length > _unread.Length ? new byte[(_length + data.Length) * 2] : _unread;
            _unread.AsSpan(_start, _length).CopyTo(larger);
            (_unread, _start) = (larger, 0);
        }

        data.CopyTo(_unread.AsSpan(_start + _length));
        _length += data.Length;
        PostTurn();
    }

    private void PeerEnded(bool broken)
    {
        _broken |= broken;
        _endReceived = true;
        PostTurn();
    }

    private void PostTurn()
    {
        if (!_turnPosted)
        {
            _turnPosted = true;
            Loop.Post(static self => ((PipeTransport)self!).Turn(), this);
        }
    }

    private void Turn()
    {
        _turnPosted = false;
        if (_send.IsPending && (_closed || _broken || _other._closed))
        {
            _send.Fail(new TransportException(_closed ? "The connection is closed." : "Broken pipe"));
        }
        else if (_send.IsPending && _other._length <= _other.Capacity)
        {
            _send.Complete(0);
        }

        if (_receive.IsPending)
        {
            FinishReceive();
        }

        if (PeerClosed && !_closed && !_closeTold && !_receive.IsPending)
        {
            _closeTold = true;
            PeerClosedCallback?.Invoke(PeerClosedState);
        }
    }

    private void FinishReceive()
    {
        if (_closed)
        {
            _receive.Fail(new TransportException("The connection is closed."));
        }
        else if (_receiveInto.Length == 0 && (_length > 0 || PeerClosed))
        {
            _closeTold |= _length == 0;
            _receive.Complete(0);
        }
        else if (_receiveInto.Length > 0 && TryReceive(_receiveInto, out var result))
        {
            if (result.IsFaulted)
            {
                _receive.Fail(new TransportException("Connection reset by peer"));
            }
            else
            {
                _receive.Complete(result.Result);
            }
        }
    }

    private sealed class PipeOperation : IValueTaskSource<int>, IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<int> _core;

        public bool IsPending { get; private set; }

        public ValueTask<int> Begin()
        {
            _core.Reset();
            IsPending = true;
            return new(this, _core.Version);
        }

        public ValueTask BeginVoid()
        {
            _core.Reset();
            IsPending = true;
            return new((IValueTaskSource)this, _core.Version);
        }

        public void Complete(int result)
        {
            IsPending = false;
            _core.SetResult(result);
        }

        public void Fail(Exception error)
        {
            IsPending = false;
            _core.SetException(error);
        }

        public int GetResult(short token) => _core.GetResult(token);

        void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);
    }
}
