using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Matching;

/// <summary>Durations of configuration messages as time spans.</summary>
internal static class Durations
{
    /// <summary>The duration, 0 or more; null when it is not set.</summary>
    public static TimeSpan? Optional(Duration? duration, string field)
    {
        if (duration is null)
            return null;
        try
        {
            var span = duration.ToTimeSpan();
            return span >= TimeSpan.Zero ? span : throw new ConfigurationException(field, "a duration cannot be negative");
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            throw new ConfigurationException(field, "not a valid duration", e);
        }
    }

    /// <summary>The duration, more than 0; null when it is not set.</summary>
    public static TimeSpan? Positive(Duration? duration, string field) =>
        Optional(duration, field) is { } span
            ? span > TimeSpan.Zero ? span : throw new ConfigurationException(field, "expected more than 0s")
            : null;

    /// <summary>The duration where 0 means none; <paramref name="unset"/> when it is not set.</summary>
    public static TimeSpan? ZeroIsNone(Duration? duration, string field, TimeSpan? unset) =>
        Optional(duration, field) is { } span ? span > TimeSpan.Zero ? span : null : unset;
}
