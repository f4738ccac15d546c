using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Network.TcpProxy;

/// <summary>
/// Copies bytes both ways between two connections until both directions ended, one broke, or a timer fired. Each direction holds a
/// buffer only while there are bytes, and reads no further before the last ones were taken.
/// </summary>
internal sealed class TcpRelay(NetworkConnection connection, Transport upstream, TcpProxyOptions options, TcpProxyStats stats)
{
    private readonly Transport _downstream = connection.Transport;
    private readonly TcpStreamInfo _info = connection.Info;
    private LoopTimer? _idle;

    /// <summary>Runs to the end; both connections have to be closed then. Does not throw.</summary>
    public async Task RunAsync()
    {
        _idle = Begin(options.IdleTimeout, static self => ((TcpRelay)self!).OnIdle());
        var life = Begin(options.MaxDuration, static self => ((TcpRelay)self!).OnMaxDuration());
        var toUpstream = CopyAsync(_downstream, upstream, fromClient: true);
        var toDownstream = CopyAsync(upstream, _downstream, fromClient: false);
        await toUpstream;
        await toDownstream;
        _idle?.Stop();
        life?.Stop();
    }

    private LoopTimer? Begin(TimeSpan? time, Action<object?> callback)
    {
        if (time is not { } delay)
        {
            return null;
        }

        var timer = _downstream.Loop.CreateTimer(callback, this);
        timer.Start(delay);
        return timer;
    }

    private async Task CopyAsync(Transport from, Transport to, bool fromClient)
    {
        byte[]? buffer = null;
        try
        {
            while (true)
            {
                var waiting = from.ReceiveAsync(Memory<byte>.Empty);
                if (!waiting.IsCompleted)
                {
                    Return(ref buffer);
                }

                await waiting;
                buffer ??= from.Loop.Buffers.Rent();
                var count = await from.ReceiveAsync(buffer);
                if (count == 0)
                {
                    await to.ShutdownAsync();
                    return;
                }

                Count(count, fromClient);
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (TransportException e)
        {
            _info.Downstream.TerminationDetails ??= e.Message;
            Break();
        }
        finally
        {
            Return(ref buffer);
        }
    }

    private void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            _downstream.Loop.Buffers.Return(buffer);
            buffer = null;
        }
    }

    private void Count(int bytes, bool fromClient)
    {
        var now = _downstream.Loop.Time.GetTimestamp();
        if (fromClient)
        {
            _info.BytesReceived += bytes;
            stats.BytesReceived.Add(bytes);
            _info.Times.UpstreamFirstSent = _info.Times.UpstreamFirstSent == 0 ? now : _info.Times.UpstreamFirstSent;
            _info.Times.UpstreamLastSent = now;
        }
        else
        {
            _info.BytesSent += bytes;
            stats.BytesSent.Add(bytes);
            _info.Times.UpstreamFirstReceived = _info.Times.UpstreamFirstReceived == 0 ? now : _info.Times.UpstreamFirstReceived;
            _info.Times.UpstreamLastReceived = now;
        }

        if (options.IdleTimeout is { } timeout)
        {
            _idle!.Start(timeout);
        }
    }

    private void OnIdle()
    {
        stats.IdleTimeout.Increment();
        _info.Downstream.TerminationDetails = "tcp_session_idle_timeout";
        Break();
    }

    private void OnMaxDuration()
    {
        stats.MaxDuration.Increment();
        _info.Flags |= ResponseFlags.DurationTimeout;
        _info.Downstream.TerminationDetails = "max_connection_duration_reached";
        Break();
    }

    private void Break()
    {
        _downstream.Close();
        upstream.Close();
    }
}
