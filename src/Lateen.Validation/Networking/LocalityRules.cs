using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Preference by locality, of DestinationRules and the mesh (DR-74 to DR-85).</summary>
internal static class LocalityRules
{
    public static void Check(LocalityLoadBalancerSetting setting, Field at)
    {
        if (!at.Require("DR-74", setting.Distribute.IsEmpty || setting.Failover.IsEmpty, "only one of distribute and failover may be set")) return;
        bool topology = !setting.Failover.IsEmpty && setting.FailoverPriority.Any(IsTopologyLabel);
        if (!at["failoverPriority"].Require("DR-75", !topology, "cannot have labels of region, zone or subzone when failover is set")) return;
        if (!CheckDistribution(setting.Distribute, at["distribute"])) return;
        CheckFailover("", setting.Failover, at["failover"]);
    }

    public static void Check(ZoneAwareLoadBalancerSetting setting, Field at)
    {
        for (int i = 0; i < setting.FailoverPriority.Count; i++)
            at["failoverPriority"][i].Require("DR-83", !IsTopologyLabel(setting.FailoverPriority[i]), "labels of region, zone and subzone are taken into account anyway");
        CheckFailover("DR-84", setting.Failover, at["failover"]);
        at["minClusterSize"].Require("DR-85", setting.MinClusterSize != 0, "must be at least 1");
    }

    private static bool CheckDistribution(EquatableArray<LocalityDistribution> distribute, Field at)
    {
        for (int i = 0; i < distribute.Count; i++)
        {
            Field to = at[i]["to"];
            foreach ((string locality, uint weight) in distribute[i].To)
            {
                if (!to[locality].Require("DR-76", weight is >= 1 and <= 100, "must be 1 to 100")) return false;
            }
            long total = distribute[i].To.Sum(entry => (long)entry.Value);
            if (!to.Require("DR-77", total == 100, $"must add up to 100, not {total}")) return false;
            if (!to.Check("DR-78", LocalityList.Problem(distribute[i].To.Keys))) return false;
        }
        return at.Check("DR-78", LocalityList.Problem(distribute.Select(entry => entry.From ?? "")));
    }

    private static void CheckFailover(string zoneRule, EquatableArray<LocalityFailover> failover, Field at)
    {
        for (int i = 0; i < failover.Count; i++)
        {
            (string from, string to) = (failover[i].From ?? "", failover[i].To ?? "");
            at[i].Require(Rule("DR-80"), from != to, "must name two regions");
            at[i].Require(Rule("DR-81"), !from.Contains('/', StringComparison.Ordinal) && !to.Contains('/', StringComparison.Ordinal), "must name regions, not zones");
            at[i].Require(Rule("DR-82"), !from.Contains('*', StringComparison.Ordinal) && !to.Contains('*', StringComparison.Ordinal), "wildcards are not allowed");
        }

        string Rule(string rule) => zoneRule.Length > 0 ? zoneRule : rule;
    }

    private static bool IsTopologyLabel(string label) =>
        label is "topology.kubernetes.io/region" or "topology.kubernetes.io/zone" or "topology.istio.io/subzone";
}
