using Lateen.Proxy.Clusters;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Upstream;

namespace Lateen.Proxy.Tests.Support;

/// <summary>Connects to hosts in memory; the test plays the hosts.</summary>
public sealed class FakeUpstreams(ManualLoop pipes) : IUpstreamConnector
{
    private readonly Queue<TransportException> _failures = new();
    private readonly Queue<TaskCompletionSource<Transport>> _held = new();

    /// <summary>The hosts' ends of all connections made, in order.</summary>
    public List<PipeTransport> Connections { get; } = [];

    /// <summary>What each connection was asked for.</summary>
    public List<(Host Host, UpstreamTlsOverride Tls)> Asked { get; } = [];

    /// <summary>Connections neither succeed nor fail until <see cref="ReleaseHeld"/>.</summary>
    public bool Hold { get; set; }

    /// <summary>Called with the host's end of each new connection.</summary>
    public Action<PipeTransport>? Connected { get; set; }

    /// <summary>The next connection fails.</summary>
    public void FailNext(string message, bool timeout = false) =>
        _failures.Enqueue(new TransportException(message) { IsTimeout = timeout });

    public void ReleaseHeld()
    {
        Hold = false;
        while (_held.TryDequeue(out var waiting))
        {
            waiting.SetResult(Make());
        }
    }

    public ValueTask<Transport> ConnectAsync(IEventLoop loop, Host host, UpstreamTransport transport, UpstreamTlsOverride tls)
    {
        Asked.Add((host, tls));
        if (_failures.TryDequeue(out var failure))
        {
            return ValueTask.FromException<Transport>(failure);
        }

        if (Hold)
        {
            var waiting = new TaskCompletionSource<Transport>();
            _held.Enqueue(waiting);
            return new ValueTask<Transport>(waiting.Task);
        }

        return new ValueTask<Transport>(Make());
    }

    private PipeTransport Make()
    {
        var (ours, theirs) = PipeTransport.Pair(pipes);
        Connections.Add(theirs);
        Connected?.Invoke(theirs);
        return ours;
    }
}
