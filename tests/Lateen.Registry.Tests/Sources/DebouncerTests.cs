using Lateen.Registry.Sources;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Registry.Tests.Sources;

public sealed class DebouncerTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _time = new();
    private readonly Debouncer _debouncer;

    public DebouncerTests() => _debouncer = new Debouncer(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), _time);

    [Fact]
    public async Task Waits_for_quiet_after_the_last_signal()
    {
        _debouncer.Signal();
        Task wait = _debouncer.WaitAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(Step);
            _debouncer.Signal();
            Assert.False(wait.IsCompleted);
        }
        await AdvanceUntilDone(wait, most: TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Does_not_wait_longer_than_the_limit()
    {
        _debouncer.Signal();
        Task wait = _debouncer.WaitAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < 19; i++)
        {
            _time.Advance(Step);
            _debouncer.Signal();
            Assert.False(wait.IsCompleted);
        }
        _time.Advance(Step);
        _debouncer.Signal();
        await wait.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Nothing_comes_without_a_signal_and_later_signals_count_again()
    {
        Task first = _debouncer.WaitAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(first.IsCompleted);
        _debouncer.Signal();
        await AdvanceUntilDone(first, most: TimeSpan.FromMinutes(1));

        Task second = _debouncer.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        _debouncer.Signal();
        await AdvanceUntilDone(second, most: TimeSpan.FromMinutes(1));
    }

    // The waiting task goes on by itself after time moved; it needs as much time as it says, however often it looks.
    private async Task AdvanceUntilDone(Task wait, TimeSpan most)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < most && !wait.IsCompleted; passed += Step)
        {
            _time.Advance(Step);
            await Task.Yield();
        }
        await wait.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
