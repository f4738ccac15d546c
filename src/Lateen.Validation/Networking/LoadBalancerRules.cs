using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Load balancing (DR-60 to DR-92).</summary>
internal static class LoadBalancerRules
{
    private const ulong MaxTableSize = 5000011;

    public static void Check(LoadBalancerSettings? settings, OutlierDetection? detection, Field at)
    {
        if (settings is null) return;
        if (settings.ConsistentHash is { } hash) CheckConsistentHash(hash, at["consistentHash"]);
        CheckLocality(settings, detection, at);
        if (settings.Warmup is { } warmup) CheckWarmup(warmup, at["warmup"]);
        at["warmupDurationSecs"].Require("DR-90", settings.WarmupDurationSecs is null || settings.WarmupDurationSecs >= Duration.FromMilliseconds(1), "must be at least 1ms");
    }

    private static void CheckConsistentHash(ConsistentHashLoadBalancer hash, Field at)
    {
        if (hash.HttpCookie is { } cookie) CheckCookie(cookie, at["httpCookie"]);
        if (hash.MinimumRingSize != 0)
        {
            at["minimumRingSize"].Warning("DR-67", "is deprecated; use ringHash");
            at["minimumRingSize"].Require("DR-68", hash.RingHash is null && hash.Maglev is null, "cannot go with ringHash or maglev");
        }
        if (hash.Maglev is not { } maglev) return;
        Field size = at["maglev"]["tableSize"];
        size.Require("DR-69", maglev.TableSize != 0, "is needed");
        if (size.Require("DR-70", maglev.TableSize < MaxTableSize, "must be less than 5000011"))
            size.Require("DR-71", Numbers.IsPrime(maglev.TableSize), "must be a prime");
    }

    private static void CheckCookie(HttpCookie cookie, Field at)
    {
        at["name"].Require("DR-64", cookie.Name.Length > 0, "must not be empty");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < cookie.Attributes.Count; i++)
        {
            string name = cookie.Attributes[i].Name;
            at["attributes"][i]["name"].Require("DR-65", name.Length > 0, "must not be empty");
            at["attributes"][i]["name"].Require("DR-66", names.Add(name), $"\"{name}\" is there twice");
        }
    }

    private static void CheckLocality(LoadBalancerSettings settings, OutlierDetection? detection, Field at)
    {
        at["zoneAwareLbSetting"].Require("DR-73", settings.LocalityLbSetting is null || settings.ZoneAwareLbSetting is null, "cannot go with localityLbSetting");
        if (settings.LocalityLbSetting is { } locality)
        {
            LocalityRules.Check(locality, at["localityLbSetting"]);
            if (detection is null && !(locality.Failover.IsEmpty && locality.FailoverPriority.IsEmpty)) WarnOfNoDetection(at["localityLbSetting"]);
        }
        if (settings.ZoneAwareLbSetting is { } zones)
        {
            LocalityRules.Check(zones, at["zoneAwareLbSetting"]);
            if (detection is null && !(zones.Failover.IsEmpty && zones.FailoverPriority.IsEmpty)) WarnOfNoDetection(at["zoneAwareLbSetting"]);
        }
    }

    private static void WarnOfNoDetection(Field at) => at.Warning("DR-79", "failover needs outlierDetection, without which nothing is known to have failed");

    private static void CheckWarmup(WarmupConfiguration warmup, Field at)
    {
        at["duration"].Check("DR-87", Numbers.DurationProblem(warmup.Duration));
        at["minimumPercent"].Require("DR-88", warmup.MinimumPercent is null or (>= 0 and <= 100), "must be 0 to 100");
        at["aggression"].Require("DR-89", warmup.Aggression is null or > 0, "must be greater than 0");
    }
}
