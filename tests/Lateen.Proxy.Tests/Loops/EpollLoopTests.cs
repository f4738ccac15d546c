using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Loops;

public sealed class EpollLoopTests : IDisposable
{
    private readonly LoopThreads _threads = new(2);

    public void Dispose() => _threads.Dispose();

    [Fact]
    public async Task PostedWorkRunsOnTheLoopInOrder()
    {
        var seen = new List<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 1000; i++)
        {
            var number = i;
            _threads.Loop.Post(
                _ =>
                {
                    Assert.True(_threads.Loop.IsCurrent);
                    Assert.False(_threads.Group.Loops[1].IsCurrent);
                    seen.Add(number);
                    if (number == 999)
                    {
                        done.SetResult();
                    }
                },
                null);
        }

        await done.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 1000), seen);
    }

    [Fact]
    public async Task AFailingCallbackDoesNotEndTheLoop()
    {
        _threads.Loop.Post(_ => throw new InvalidOperationException("expected"), null);
        Assert.Equal(1, await _threads.On(() => Task.FromResult(1)));
    }

    [Fact]
    public async Task TimersFireOnTheLoopAndNotEarly()
    {
        var clock = TimeProvider.System;
        var fired = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _threads.On(() =>
        {
            var start = clock.GetTimestamp();
            _threads.Loop.CreateTimer(_ => fired.SetResult(clock.GetElapsedTime(start)), null).Start(TimeSpan.FromMilliseconds(30));
            return Task.CompletedTask;
        });
        var elapsed = await fired.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.True(elapsed >= TimeSpan.FromMilliseconds(30), elapsed.ToString());
    }
}
