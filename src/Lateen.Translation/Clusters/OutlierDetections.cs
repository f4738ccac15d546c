using Envoy.Config.Cluster.V3;
using Lateen.Translation.Naming;
using Settings = Lateen.Resources.Networking.OutlierDetection;

namespace Lateen.Translation.Clusters;

/// <summary>Passive health checks of a cluster. Counters that are left out keep Envoy's defaults.</summary>
internal static class OutlierDetections
{
    private const uint Always = 100;
    private const uint Never = 0;

    public static void Apply(Cluster cluster, Settings? settings)
    {
        // Not-ready endpoints are sent as unhealthy ones, so panic routing must be off unless the user sets a threshold.
        cluster.CommonLbConfig ??= new Cluster.Types.CommonLbConfig();
        cluster.CommonLbConfig.HealthyPanicThreshold = new Envoy.Type.V3.Percent { Value = Math.Max(settings?.MinHealthPercent ?? 0, 0) };
        if (settings is not null) cluster.OutlierDetection = Translate(settings);
    }

    private static OutlierDetection Translate(Settings settings)
    {
        var result = new OutlierDetection { EnforcingSuccessRate = Never };
        if (settings.Consecutive5xxErrors is { } errors)
        {
            result.Consecutive5Xx = errors;
            result.EnforcingConsecutive5Xx = errors > 0 ? Always : Never;
        }
        if (settings.ConsecutiveGatewayErrors is { } gatewayErrors)
        {
            result.ConsecutiveGatewayFailure = gatewayErrors;
            result.EnforcingConsecutiveGatewayFailure = gatewayErrors > 0 ? Always : Never;
        }
        if (settings.Interval is { } interval) result.Interval = interval.Value.ToProto();
        if (settings.BaseEjectionTime is { } ejection) result.BaseEjectionTime = ejection.Value.ToProto();
        if (settings.MaxEjectionPercent > 0) result.MaxEjectionPercent = (uint)settings.MaxEjectionPercent;
        if (settings.SplitExternalLocalOriginErrors)
        {
            result.SplitExternalLocalOriginErrors = true;
            result.EnforcingLocalOriginSuccessRate = Never;
            if (settings.ConsecutiveLocalOriginFailures is { } failures)
            {
                result.ConsecutiveLocalOriginFailure = failures;
                result.EnforcingConsecutiveLocalOriginFailure = failures > 0 ? Always : Never;
            }
        }
        return result;
    }
}
