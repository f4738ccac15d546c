using Lateen.Local.Processes;

namespace Lateen.Local.Tests;

public sealed class RestartBackoffTests
{
    [Fact]
    public void Doubles_from_one_second_to_thirty()
    {
        var backoff = new RestartBackoff();

        var pauses = Enumerable.Range(0, 7).Select(_ => backoff.After(TimeSpan.FromSeconds(1)).TotalSeconds);

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], pauses);
    }

    [Fact]
    public void Starts_afresh_after_a_minute_of_life()
    {
        var backoff = new RestartBackoff();
        for (var i = 0; i < 5; i++)
            backoff.After(TimeSpan.Zero);

        Assert.Equal(30, backoff.After(TimeSpan.FromSeconds(59.9)).TotalSeconds);
        Assert.Equal(1, backoff.After(TimeSpan.FromSeconds(60)).TotalSeconds);
        Assert.Equal(2, backoff.After(TimeSpan.Zero).TotalSeconds);
    }
}
