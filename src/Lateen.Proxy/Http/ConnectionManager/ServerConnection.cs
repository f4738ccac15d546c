using System.Runtime.CompilerServices;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>A client's HTTP connection: takes the codec's exchanges and keeps what they share. Owned by one loop.</summary>
internal sealed class ServerConnection : IServerStreamHandler
{
    private readonly NetworkConnection _network;
    private readonly Stack<ServerExchange> _free = new();
    private readonly LoopTimer? _life;
    private long _requests;
    private int _active;
    private bool _closeNext;

    public ServerConnection(HttpConnectionManager manager, NetworkConnection network)
    {
        Manager = manager;
        _network = network;
        Loop = network.Transport.Loop;
        Client = new ClientFacts(manager.Options, network.Transport.Info);
        Work = manager.WorkOf(Loop);
        if (manager.Options.MaxConnectionDuration > TimeSpan.Zero)
        {
            _life = Loop.CreateTimer(static self => ((ServerConnection)self!).LivedTooLong(), this);
            _life.Start(manager.Options.MaxConnectionDuration);
        }
    }

    public HttpConnectionManager Manager { get; }

    public IEventLoop Loop { get; }

    public ClientFacts Client { get; }

    /// <summary>What all connections of the loop share.</summary>
    public LoopWork Work { get; }

    /// <inheritdoc/>
    public ValueTask HandleAsync(ServerStream stream)
    {
        var exchange = Take();
        return Track(exchange, exchange.RunAsync(stream));
    }

    /// <inheritdoc/>
    public ValueTask RejectAsync(ServerStream stream, LocalReply reply)
    {
        if (reply.Flags.HasFlag(ResponseFlags.DownstreamProtocolError))
        {
            Manager.Stats.ConnectionsProtocolError.Increment();
        }

        var exchange = Take();
        return Track(exchange, exchange.RejectAsync(stream, reply));
    }

    /// <summary>True when this response is the connection's last (draining, too old, or its last allowed request).</summary>
    public bool ShouldClose()
    {
        if (_network.Draining)
        {
            Manager.Stats.ConnectionsDrained.Increment();
            return true;
        }

        if (Manager.Options.MaxRequestsPerConnection > 0 && _requests >= Manager.Options.MaxRequestsPerConnection)
        {
            Manager.Stats.ConnectionsMaxRequests.Increment();
            return true;
        }

        return _closeNext;
    }

    /// <summary>The connection is over.</summary>
    public void Stop()
    {
        _life?.Stop();
    }

    private ServerExchange Take()
    {
        _active++;
        _requests++;
        return _free.Count > 0 ? _free.Pop() : new ServerExchange(this);
    }

    private ValueTask Track(ServerExchange exchange, ValueTask running)
    {
        if (!running.IsCompletedSuccessfully)
        {
            return FinishAsync(exchange, running);
        }

        running.GetAwaiter().GetResult();
        Finish(exchange);
        return default;
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask FinishAsync(ServerExchange exchange, ValueTask running)
    {
        await running;
        Finish(exchange);
    }

    private void Finish(ServerExchange exchange)
    {
        _free.Push(exchange);
        _active--;
    }

    // HTTP/1.1: the next response says "connection: close"; an idle connection closes now.
    private void LivedTooLong()
    {
        Manager.Stats.ConnectionsMaxDuration.Increment();
        _closeNext = true;
        if (_active == 0)
        {
            _network.Transport.Close();
        }
    }
}
