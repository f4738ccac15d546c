using System.Globalization;

namespace Lateen.Resources;

/// <summary>
/// A span of time as Istio's YAML writes it: Go's duration grammar (<c>1s</c>, <c>500ms</c>, <c>1h30m</c>, <c>0</c>).
/// Resolution is 100 ns, range ±292 years.
/// </summary>
/// <param name="Value">The span.</param>
public readonly record struct Duration(TimeSpan Value) : IComparable<Duration>
{
    private static readonly decimal LimitTicks = long.MaxValue / 100m;

    /// <summary>No time at all.</summary>
    public static Duration Zero { get; }

    /// <summary>A duration of so many seconds.</summary>
    public static Duration FromSeconds(double seconds) => new(TimeSpan.FromSeconds(seconds));

    /// <summary>A duration of so many milliseconds.</summary>
    public static Duration FromMilliseconds(double milliseconds) => new(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Reads the text form; throws <see cref="FormatException"/> when it is not one.</summary>
    public static Duration Parse(string text) =>
        TryParse(text, out Duration value) ? value : throw new FormatException($"\"{text}\" is not a duration such as \"10s\" or \"1.5s\"");

    /// <summary>Reads the text form: <c>[+-]? ( number unit )+</c> or <c>0</c>, units ns, us, µs, ms, s, m, h.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Duration value)
    {
        value = default;
        bool negative = text.StartsWith("-");
        if (negative || text.StartsWith("+")) text = text[1..];
        if (text is "0") return true;
        if (text.IsEmpty) return false;

        decimal ticks = 0;
        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExceptInRange('0', '9');
            int end = digits;
            if (end >= 0 && text[end] == '.')
            {
                int fraction = text[(end + 1)..].IndexOfAnyExceptInRange('0', '9');
                end = fraction < 0 ? -1 : end + 1 + fraction;
            }
            if (end <= 0 || end > 30 || text[..end] is ".") return false;
            decimal number = decimal.Parse(text[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            text = text[end..];
            if (!TryTakeUnit(ref text, out decimal ticksPerUnit)) return false;
            if (number > LimitTicks) return false;
            ticks += number * ticksPerUnit;
            if (ticks > LimitTicks) return false;
        }
        value = new Duration(TimeSpan.FromTicks((long)(negative ? -ticks : ticks)));
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Duration other) => Value.CompareTo(other.Value);

    /// <summary>Decimal seconds with 0, 3, 6 or 9 digits of fraction, e.g. <c>1.500s</c> (proto JSON).</summary>
    public override string ToString()
    {
        long ticks = Value.Ticks;
        long seconds = Math.Abs(ticks / TimeSpan.TicksPerSecond);
        long nanos = Math.Abs(ticks % TimeSpan.TicksPerSecond) * 100;
        string fraction = nanos switch
        {
            0 => "",
            _ when nanos % 1_000_000 == 0 => $".{nanos / 1_000_000:D3}",
            _ when nanos % 1_000 == 0 => $".{nanos / 1_000:D6}",
            _ => $".{nanos:D9}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{(ticks < 0 ? "-" : "")}{seconds}{fraction}s");
    }

    /// <summary>The span of a duration.</summary>
    public TimeSpan ToTimeSpan() => Value;

    /// <summary>The span of a duration.</summary>
    public static implicit operator TimeSpan(Duration duration) => duration.Value;

    /// <summary>The duration of a span.</summary>
    public static Duration FromTimeSpan(TimeSpan span) => new(span);

    /// <summary>The duration of a span.</summary>
    public static implicit operator Duration(TimeSpan span) => new(span);

    /// <summary>Whether left is shorter.</summary>
    public static bool operator <(Duration left, Duration right) => left.Value < right.Value;

    /// <summary>Whether left is longer.</summary>
    public static bool operator >(Duration left, Duration right) => left.Value > right.Value;

    /// <summary>Whether left is not longer.</summary>
    public static bool operator <=(Duration left, Duration right) => left.Value <= right.Value;

    /// <summary>Whether left is not shorter.</summary>
    public static bool operator >=(Duration left, Duration right) => left.Value >= right.Value;

    // Two-letter units first: "ms" must not be read as "m".
    private static bool TryTakeUnit(ref ReadOnlySpan<char> text, out decimal ticks)
    {
        (int length, ticks) = text switch
        {
            ['n', 's', ..] => (2, 0.01m),
            ['u' or 'µ' or 'μ', 's', ..] => (2, 10m),
            ['m', 's', ..] => (2, 10_000m),
            ['s', ..] => (1, 10_000_000m),
            ['m', ..] => (1, 600_000_000m),
            ['h', ..] => (1, 36_000_000_000m),
            _ => (0, 0m),
        };
        text = text[length..];
        return length > 0;
    }
}
