using CsCheck;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Tests.Loops;

public sealed class TimerWheelTests
{
    private long _now;

    [Fact]
    public void FiresEveryTimerOnceNeverEarlyAndAtMostATickLate()
    {
        var delays = Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, 100_000], Gen.Long[0, 20_000_000]);
        Gen.Select(delays.Array[1, 40], Gen.Long[1, 70_000].Array[1, 60]).Sample((timers, steps) =>
        {
            var now = 0L;
            var wheel = new TimerWheel(() => now);
            var fired = new long[timers.Length];
            Array.Fill(fired, -1);
            for (var i = 0; i < timers.Length; i++)
            {
                wheel.CreateTimer(state => fired[(int)state!] = fired[(int)state!] < 0 ? now : long.MinValue, i)
                    .Start(TimeSpan.FromMilliseconds(timers[i]));
            }

            foreach (var step in steps)
            {
                var next = wheel.NextDelay(now);
                var before = now;
                now += next >= 0 ? Math.Min(step, Math.Max(next, 1)) : step;
                wheel.Advance(now);
                for (var i = 0; i < timers.Length; i++)
                {
                    Assert.NotEqual(long.MinValue, fired[i]);
                    if (fired[i] >= 0)
                    {
                        Assert.True(fired[i] >= timers[i], "early");
                    }
                    else
                    {
                        Assert.True(now < timers[i] + TimerWheel.TickMilliseconds, "late");
                    }
                }
            }

            Assert.Equal(fired.Count(f => f < 0), wheel.Count);
        });
    }

    [Fact]
    public void NextDelayLeadsToTheNextTimerInFewSteps()
    {
        Gen.Long[0, 1_000_000_000].Sample(delay =>
        {
            var now = 0L;
            var wheel = new TimerWheel(() => now);
            var fired = false;
            wheel.CreateTimer(_ => fired = true, null).Start(TimeSpan.FromMilliseconds(delay));
            var steps = 0;
            while (!fired)
            {
                Assert.True(++steps <= 16);
                now += wheel.NextDelay(now);
                wheel.Advance(now);
            }

            Assert.InRange(now, delay, delay + TimerWheel.TickMilliseconds);
            Assert.Equal(-1, wheel.NextDelay(now));
        });
    }

    [Fact]
    public void AStoppedTimerDoesNotFireEvenWhenStoppedByAnotherOfTheSameTick()
    {
        var wheel = new TimerWheel(() => _now);
        var count = 0;
        LoopTimer? first = null, second = null;
        first = wheel.CreateTimer(_ => { count++; second!.Stop(); }, null);
        second = wheel.CreateTimer(_ => { count++; first!.Stop(); }, null);
        first.Start(TimeSpan.FromMilliseconds(10));
        second.Start(TimeSpan.FromMilliseconds(10));
        _now = 100;
        wheel.Advance(_now);
        Assert.Equal(1, count);
        Assert.False(first.IsActive || second.IsActive);
    }

    [Fact]
    public void ACallbackMayStartItsOwnTimerAgain()
    {
        var wheel = new TimerWheel(() => _now);
        var count = 0;
        LoopTimer? timer = null;
        timer = wheel.CreateTimer(_ => { count++; timer!.Start(TimeSpan.Zero); }, null);
        timer.Start(TimeSpan.Zero);
        for (_now = 4; _now <= 40; _now += 4)
        {
            wheel.Advance(_now);
        }

        Assert.Equal(10, count);
        Assert.True(timer.IsActive);
    }

    [Fact]
    public void StartingAnActiveTimerMovesIt()
    {
        var wheel = new TimerWheel(() => _now);
        var firedAt = -1L;
        var timer = wheel.CreateTimer(_ => firedAt = _now, null);
        timer.Start(TimeSpan.FromMilliseconds(8));
        timer.Start(TimeSpan.FromSeconds(1));
        foreach (var now in new[] { 12L, 500, 999, 1000 })
        {
            _now = now;
            wheel.Advance(now);
        }

        Assert.Equal(1000, firedAt);
        Assert.Equal(0, wheel.Count);
    }
}
