using System.Threading.Channels;

namespace Lateen.Local.Running;

/// <summary>Does something soon after it is asked to, however often it is asked meanwhile, and never twice at once.</summary>
internal sealed class SignalledWriter : IAsyncDisposable
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Func<Task> _write;
    private readonly Task _loop;

    internal SignalledWriter(Func<Task> write)
    {
        _write = write;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Asks for it.</summary>
    internal void Signal() => _signals.Writer.TryWrite(true);

    /// <summary>Does what was asked for last, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _signals.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        await foreach (var _ in _signals.Reader.ReadAllAsync().ConfigureAwait(false))
            await _write().ConfigureAwait(false);
    }
}
