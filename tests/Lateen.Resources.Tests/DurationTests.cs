using CsCheck;

namespace Lateen.Resources.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1s", 1000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1s1s", 2000)]
    [InlineData("0.25m", 15_000)]
    [InlineData("-2s", -2000)]
    [InlineData("+2s", 2000)]
    [InlineData("1000000ns", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1000μs", 1)]
    [InlineData("1000us", 1)]
    public void Reads_go_durations(string text, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Duration.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData("1s ")]
    [InlineData("--1s")]
    [InlineData("1..5s")]
    [InlineData("3000000h")]
    [InlineData("99999999999999999999999999999999999999999999s")]
    public void Refuses_what_go_refuses(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void The_text_form_reads_back() =>
        Gen.Long[-(long.MaxValue / 100), long.MaxValue / 100].Sample(
            ticks => Duration.Parse(new Duration(TimeSpan.FromTicks(ticks)).ToString()).Value.Ticks == ticks);

    [Theory]
    [InlineData(1.5, "1.500s")]
    [InlineData(10, "10s")]
    [InlineData(-0.000001, "-0.000001s")]
    public void Writes_proto_seconds(double seconds, string text) => Assert.Equal(text, Duration.FromSeconds(seconds).ToString());
}
