using Lateen.Proxy.Loops;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Proxy.Tests.Support;

/// <summary>Real event loops for tests that need sockets.</summary>
public sealed class LoopThreads(int count = 1) : IDisposable
{
    public EventLoopGroup Group { get; } = new(count, TimeProvider.System, NullLoggerFactory.Instance);

    public IEventLoop Loop => Group.Loops[0];

    /// <summary>Runs asynchronous code on the first loop; the result is for the test's thread.</summary>
    public Task<T> On<T>(Func<Task<T>> action)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(async _ =>
        {
            try
            {
                done.SetResult(await action());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, null);
        return done.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <inheritdoc cref="On{T}"/>
    public Task On(Func<Task> action) => On(async () =>
    {
        await action();
        return true;
    });

    public void Dispose() => Group.Dispose();
}
