using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>DestinationRule (DR-1 to DR-7).</summary>
internal static class DestinationRuleRules
{
    public static void Check(DestinationRule rule, Field at)
    {
        DestinationRuleSpec spec = rule.Spec;
        Field place = at["spec"];
        place["host"].Check("DR-1", HostName.WildcardProblem(spec.Host));
        TrafficPolicyRules.Check(spec.TrafficPolicy, rule.Namespace, place["trafficPolicy"]);
        CheckSubsets(spec.Subsets, rule.Namespace, place["subsets"]);
        ExportTo.Check(spec.ExportTo, rule.Namespace, place["exportTo"], nobodyAllowed: false);
        Selectors.Check(spec.WorkloadSelector, place["workloadSelector"]);
        if (spec.WorkloadSelector is not null) CheckLocality(spec.ExportTo, rule.Namespace, place["exportTo"]);
    }

    private static void CheckSubsets(EquatableArray<Subset> subsets, string ns, Field at)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < subsets.Count; i++)
        {
            Subset subset = subsets[i];
            at[i]["name"].Require("DR-2", names.Add(subset.Name), $"\"{subset.Name}\" is the name of another subset");
            at[i]["name"].Check("DR-3", DnsLabel.Problem(subset.Name));
            at[i]["labels"].Check("DR-4", LabelSyntax.Problem(subset.Labels));
            // DR-5: of these the warnings are lost.
            TrafficPolicyRules.Check(subset.TrafficPolicy, ns, at[i]["trafficPolicy"].Quiet);
        }
    }

    private static void CheckLocality(EquatableArray<string> exportTo, string ns, Field at)
    {
        if (exportTo.IsEmpty) return;
        bool own = exportTo.Any(name => name == "." || name == ns);
        if (at.Require("EX-7", own, "cannot reach beyond the object's own namespace when workloadSelector is set"))
            at.Require("EX-8", exportTo.Count == 1, "can have only the object's own namespace when workloadSelector is set");
    }
}
