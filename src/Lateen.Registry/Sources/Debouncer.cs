using System.Threading.Channels;

namespace Lateen.Registry.Sources;

/// <summary>Gathers signals: waits until there was quiet for a while, but at most some time after the first.</summary>
/// <param name="quiet">How long no signal must have come.</param>
/// <param name="most">Longest wait after the first signal.</param>
/// <param name="time">The clock.</param>
public sealed class Debouncer(TimeSpan quiet, TimeSpan most, TimeProvider time)
{
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _last;

    /// <summary>Says that something happened.</summary>
    public void Signal()
    {
        Volatile.Write(ref _last, time.GetTimestamp());
        _pending.Writer.TryWrite(true);
    }

    /// <summary>Completes when signals have come and settled. Signals that come later count for the next wait.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        await _pending.Reader.WaitToReadAsync(cancellation);
        long first = time.GetTimestamp();
        while (true)
        {
            TimeSpan untilQuiet = quiet - time.GetElapsedTime(Volatile.Read(ref _last));
            TimeSpan untilMost = most - time.GetElapsedTime(first);
            TimeSpan wait = untilQuiet < untilMost ? untilQuiet : untilMost;
            if (wait <= TimeSpan.Zero) break;
            await Task.Delay(wait, time, cancellation);
        }
        _pending.Reader.TryRead(out _);
    }
}
