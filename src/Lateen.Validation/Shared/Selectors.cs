using Lateen.Resources;

namespace Lateen.Validation.Shared;

/// <summary>Selectors of workloads (SEL).</summary>
internal static class Selectors
{
    /// <summary>SEL-1 to SEL-6: <c>matchLabels</c>.</summary>
    public static void Check(WorkloadSelector? selector, Field at)
    {
        if (selector is null) return;
        Field labels = at["matchLabels"];
        if (selector.MatchLabels.IsEmpty) at.Warning("SEL-6", "has no labels, so it selects every workload in scope");
        labels.Require("SEL-5", selector.MatchLabels.Count <= 4096, "must not have more than 4096 labels");
        foreach ((string key, string value) in selector.MatchLabels)
        {
            labels.Require("SEL-1", key.Length > 0, "a label key must not be empty");
            labels[key].Require("SEL-2", !Wildcard(key), "wildcards are not supported in selectors");
            labels[key].Require("SEL-3", !Wildcard(value), "wildcards are not supported in selectors");
            labels[key].Require("SEL-4", value.Length <= 63, "must not be longer than 63");
        }
    }

    /// <summary>SEL-7 to SEL-12: <c>labels</c> of the networking kinds.</summary>
    public static void Check(NetworkingWorkloadSelector? selector, Field at)
    {
        if (selector is null) return;
        Field labels = at["labels"];
        if (selector.Labels.IsEmpty) at.Warning("SEL-12", "has no labels, so it holds for all workloads of the namespace");
        labels.Require("SEL-11", selector.Labels.Count <= 256, "must not have more than 256 labels");
        foreach ((string key, string value) in selector.Labels)
        {
            labels.Require("SEL-7", key.Length > 0, "a label key must not be empty");
            labels[key].Require("SEL-8", !Wildcard(key), "wildcards are not supported in selectors");
            labels[key].Require("SEL-9", !Wildcard(value), "wildcards are not supported in selectors");
            labels[key].Require("SEL-10", value.Length <= 63, "must not be longer than 63");
        }
    }

    private static bool Wildcard(string text) => text.Contains('*', StringComparison.Ordinal);
}
