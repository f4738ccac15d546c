using Envoy.Config.Core.V3;

namespace Lateen.Proxy.Configuration;

/// <summary>A wait for a first answer that ends by itself (Envoy: initial fetch timeout, 15 s unless set, 0 = never).</summary>
internal sealed class FetchTimeout : IDisposable
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer? _timer;

    public FetchTimeout(ConfigSource? source, TimeProvider time, Action onTimeout)
    {
        var limit = source?.InitialFetchTimeout?.ToTimeSpan() ?? Default;
        if (limit <= TimeSpan.Zero)
            return;
        _timer = time.CreateTimer(
            _ =>
            {
                if (_done.TrySetResult())
                    onTimeout();
            },
            null,
            limit,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes with the first answer, acceptable or not, or when time is up.</summary>
    public Task Done => _done.Task;

    /// <summary>An answer came.</summary>
    public void Complete()
    {
        _done.TrySetResult();
        Dispose();
    }

    public void Dispose() => _timer?.Dispose();
}
