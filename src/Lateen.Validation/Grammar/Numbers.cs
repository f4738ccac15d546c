using System.Globalization;
using Lateen.Resources;

namespace Lateen.Validation.Grammar;

/// <summary>Ports, durations, percents, statuses, primes (H-16 to H-19, H-25, H-26).</summary>
internal static class Numbers
{
    public const string PortRange = "must be a port, 1 to 65535";

    /// <summary>H-16.</summary>
    public static bool IsPort(long number) => number is >= 1 and <= 65535;

    /// <summary>H-16.</summary>
    public static string? PortProblem(long number) => IsPort(number) ? null : PortRange;

    /// <summary>H-17: at least 1 ms, in whole milliseconds.</summary>
    public static string? DurationProblem(Duration? duration)
    {
        if (duration is not { } span) return null;
        if (span.Value < TimeSpan.FromMilliseconds(1)) return "must be at least 1ms";
        return span.Value.Ticks % TimeSpan.TicksPerMillisecond == 0 ? null : "must be in whole milliseconds";
    }

    /// <summary>H-18.</summary>
    public static string? PercentProblem(long percent) => percent is >= 0 and <= 100 ? null : "must be 0 to 100";

    /// <summary>H-19.</summary>
    public static string? FractionalPercentProblem(double? percent) =>
        percent is null or 0 or (>= 0.0001 and <= 100) ? null : "must be 0, or 0.0001 to 100";

    /// <summary>H-25.</summary>
    public static string? StatusProblem(long status) => status is >= 200 and <= 600 ? null : "must be an HTTP status, 200 to 599";

    /// <summary>H-26: by Envoy's algorithm, to which 1 is a prime.</summary>
    public static bool IsPrime(ulong number)
    {
        if (number is 1 or 2 or 3) return true;
        if (number % 2 == 0) return false;
        for (ulong factor = 3; factor * factor <= number; factor += 2)
        {
            if (number % factor == 0) return false;
        }
        return true;
    }

    /// <summary>A whole number as Go's Atoi takes it: a sign and leading zeros allowed, no spaces.</summary>
    public static bool TryInteger(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>A port as text, 0 allowed, without a sign.</summary>
    public static bool IsPortText(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
