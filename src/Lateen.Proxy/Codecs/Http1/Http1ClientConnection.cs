using System.Runtime.CompilerServices;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>The pool of a client connection.</summary>
public interface IHttp1ClientOwner
{
    /// <summary>The connection finished an exchange and can carry another.</summary>
    void OnIdle(Http1ClientConnection connection);

    /// <summary>The connection is closed: after an exchange, or while it was idle. Called once.</summary>
    void OnClosed(Http1ClientConnection connection);
}

/// <summary>
/// The client side of an HTTP/1 connection: one exchange at a time, no pipelining. While it is idle it watches the server, and closes
/// itself when the server ends the connection or sends bytes that nobody asked for.
/// </summary>
public sealed class Http1ClientConnection
{
    private readonly IHttp1ClientOwner _owner;
    private readonly Http1ClientStream _stream;
    private readonly Action _onReadable;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _readable;
    private readonly LoopOperation _wait = new();
    private bool _armed;
    private bool _signalled;
    private bool _closeTold;

    /// <summary>Takes over a connected transport, idle but not watched: begin an exchange next, or call <see cref="WatchIdle"/>.</summary>
    public Http1ClientConnection(Transport transport, Http1ClientOptions options, IHttp1ClientOwner owner)
    {
        Transport = transport;
        _owner = owner;
        _onReadable = OnReadable;
        Input = new Http1Input(transport);
        _stream = new Http1ClientStream(this, options);
    }

    /// <summary>The connection.</summary>
    public Transport Transport { get; }

    /// <summary>True while an exchange runs.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>True when it was closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Exchanges begun so far.</summary>
    public long Exchanges { get; private set; }

    internal Http1Input Input { get; }

    /// <summary>Begins an exchange on an idle connection.</summary>
    public ClientStream Begin()
    {
        if (IsBusy || IsClosed)
        {
            throw new InvalidOperationException("The connection is busy or closed.");
        }

        IsBusy = true;
        Exchanges++;
        _stream.Begin();
        return _stream;
    }

    /// <summary>Closes the connection at once; a running exchange fails. Idempotent.</summary>
    public void Close()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        Transport.Close();
        if (!IsBusy)
        {
            TellClosed();
        }
    }

    /// <summary>Watches a connection that was made ahead of need; may close it before this returns.</summary>
    public void WatchIdle() => Arm();

    /// <summary>The exchange is over.</summary>
    internal void Released(bool reusable)
    {
        IsBusy = false;
        if (IsClosed || !reusable || Transport.PeerClosed || Input.Length > 0)
        {
            Close();
            TellClosed();
            return;
        }

        Input.ReleaseIfEmpty();
        _signalled = false;
        Arm();
        if (!IsClosed)
        {
            _owner.OnIdle(this);
        }
    }

    /// <summary>Waits, without a buffer, until the server sent something or is gone.</summary>
    internal ValueTask WaitReadableAsync()
    {
        Arm();
        if (_signalled)
        {
            _signalled = false;
            return default;
        }

        return _wait.BeginVoid();
    }

    private void Arm()
    {
        if (_armed || _signalled)
        {
            return;
        }

        _armed = true;
#pragma warning disable CA2012 // consumed once, in OnReadable
        _readable = Transport.ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (_readable.IsCompleted)
        {
            OnReadable();
        }
        else
        {
            _readable.UnsafeOnCompleted(_onReadable);
        }
    }

    private void OnReadable()
    {
        _armed = false;
        try
        {
            _readable.GetResult();
        }
        catch (TransportException)
        {
            // The next receive says so again, to whom it concerns.
        }

        if (!IsBusy)
        {
            Close();
            TellClosed();
        }
        else if (_wait.IsPending)
        {
            _wait.Complete(0);
        }
        else
        {
            _signalled = true;
        }
    }

    private void TellClosed()
    {
        if (!_closeTold)
        {
            _closeTold = true;
            Input.Release();
            _owner.OnClosed(this);
        }
    }
}
