using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Cluster.V3.OutlierDetection;

namespace Lateen.Proxy.Clusters;

/// <summary>Outlier detection of a cluster, with Envoy's defaults. Percentages are 0 to 100.</summary>
public sealed record OutlierOptions
{
#pragma warning disable CS1591 // each property is the field of its name in envoy.config.cluster.v3.OutlierDetection
    public uint Consecutive5xx { get; init; } = 5;
    public uint EnforcingConsecutive5xx { get; init; } = 100;
    public uint ConsecutiveGatewayFailure { get; init; } = 5;
    public uint EnforcingConsecutiveGatewayFailure { get; init; }
    public uint ConsecutiveLocalOriginFailure { get; init; } = 5;
    public uint EnforcingConsecutiveLocalOriginFailure { get; init; } = 100;
    public bool SplitExternalLocalOriginErrors { get; init; }
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan BaseEjectionTime { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan MaxEjectionTime { get; init; } = TimeSpan.FromSeconds(300);
    public TimeSpan MaxEjectionTimeJitter { get; init; }
    public uint MaxEjectionPercent { get; init; } = 10;
    public bool AlwaysEjectOneHost { get; init; }
    public uint SuccessRateMinimumHosts { get; init; } = 5;
    public uint SuccessRateRequestVolume { get; init; } = 100;
    public uint SuccessRateStdevFactor { get; init; } = 1900;
    public uint EnforcingSuccessRate { get; init; } = 100;
    public uint EnforcingLocalOriginSuccessRate { get; init; } = 100;
    public uint FailurePercentageThreshold { get; init; } = 85;
    public uint EnforcingFailurePercentage { get; init; }
    public uint EnforcingFailurePercentageLocalOrigin { get; init; }
    public uint FailurePercentageMinimumHosts { get; init; } = 5;
    public uint FailurePercentageRequestVolume { get; init; } = 50;
#pragma warning restore CS1591

    /// <summary>Compiles the message.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static OutlierOptions Compile(Proto c)
    {
        if (c.Monitors.Count > 0)
            throw new ConfigurationException("monitors", "outlier monitors are not supported");
        var baseTime = Durations.Positive(c.BaseEjectionTime, "base_ejection_time") ?? TimeSpan.FromSeconds(30);
        var maxTime = Durations.Positive(c.MaxEjectionTime, "max_ejection_time") ?? TimeSpan.FromSeconds(Math.Max(300, baseTime.TotalSeconds));
        if (maxTime < baseTime)
            throw new ConfigurationException("max_ejection_time", "expected at least base_ejection_time");
        return new OutlierOptions
        {
            Consecutive5xx = c.Consecutive5Xx ?? 5,
            EnforcingConsecutive5xx = Percent(c.EnforcingConsecutive5Xx, 100, "enforcing_consecutive_5xx"),
            ConsecutiveGatewayFailure = c.ConsecutiveGatewayFailure ?? 5,
            EnforcingConsecutiveGatewayFailure = Percent(c.EnforcingConsecutiveGatewayFailure, 0, "enforcing_consecutive_gateway_failure"),
            ConsecutiveLocalOriginFailure = c.ConsecutiveLocalOriginFailure ?? 5,
            EnforcingConsecutiveLocalOriginFailure =
                Percent(c.EnforcingConsecutiveLocalOriginFailure, 100, "enforcing_consecutive_local_origin_failure"),
            SplitExternalLocalOriginErrors = c.SplitExternalLocalOriginErrors,
            Interval = Durations.Positive(c.Interval, "interval") ?? TimeSpan.FromSeconds(10),
            BaseEjectionTime = baseTime,
            MaxEjectionTime = maxTime,
            MaxEjectionTimeJitter = Durations.Optional(c.MaxEjectionTimeJitter, "max_ejection_time_jitter") ?? TimeSpan.Zero,
            MaxEjectionPercent = Percent(c.MaxEjectionPercent, 10, "max_ejection_percent"),
            AlwaysEjectOneHost = c.AlwaysEjectOneHost ?? false,
            SuccessRateMinimumHosts = c.SuccessRateMinimumHosts ?? 5,
            SuccessRateRequestVolume = c.SuccessRateRequestVolume ?? 100,
            SuccessRateStdevFactor = c.SuccessRateStdevFactor ?? 1900,
            EnforcingSuccessRate = Percent(c.EnforcingSuccessRate, 100, "enforcing_success_rate"),
            EnforcingLocalOriginSuccessRate = Percent(c.EnforcingLocalOriginSuccessRate, 100, "enforcing_local_origin_success_rate"),
            FailurePercentageThreshold = Percent(c.FailurePercentageThreshold, 85, "failure_percentage_threshold"),
            EnforcingFailurePercentage = Percent(c.EnforcingFailurePercentage, 0, "enforcing_failure_percentage"),
            EnforcingFailurePercentageLocalOrigin =
                Percent(c.EnforcingFailurePercentageLocalOrigin, 0, "enforcing_failure_percentage_local_origin"),
            FailurePercentageMinimumHosts = c.FailurePercentageMinimumHosts ?? 5,
            FailurePercentageRequestVolume = c.FailurePercentageRequestVolume ?? 50,
        };
    }

    private static uint Percent(uint? value, uint fallback, string field) => value switch
    {
        null => fallback,
        <= 100 => value.Value,
        _ => throw new ConfigurationException(field, $"expected 0 to 100, got {value}"),
    };
}
