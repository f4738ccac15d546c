using Lateen.Resources;
using Lateen.Resources.Observability;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Observability;

/// <summary>Telemetry (TE).</summary>
internal static class TelemetryRules
{
    public static void Check(Telemetry telemetry, Field at)
    {
        TelemetrySpec spec = telemetry.Spec;
        Field place = at["spec"];
        // TE-1
        TargetReferences.Check(spec.Selector, spec.TargetRef, spec.TargetRefs, place);
        for (int i = 0; i < spec.Metrics.Count; i++) CheckMetrics(spec.Metrics[i], place["metrics"][i]);
        if (spec.Tracing.Count > 1) place["tracing"].Warning("TE-12", "only one entry is used");
        for (int i = 0; i < spec.Tracing.Count; i++) CheckTracing(spec.Tracing[i], place["tracing"][i]);
        for (int i = 0; i < spec.AccessLogging.Count; i++)
        {
            AccessLogSettings logging = spec.AccessLogging[i];
            CheckProviders(logging.Providers, place["accessLogging"][i]["providers"]);
            if (logging.Filter is { } filter) place["accessLogging"][i]["filter"]["expression"].Check("TE-20", CelSyntax.Problem(filter.Expression ?? ""));
        }
    }

    private static void CheckProviders(EquatableArray<ProviderReference> providers, Field at)
    {
        for (int i = 0; i < providers.Count; i++) at[i]["name"].Require("TE-2", providers[i].Name.Length > 0, "must not be empty");
    }

    private static void CheckMetrics(MetricsSettings metrics, Field at)
    {
        CheckProviders(metrics.Providers, at["providers"]);
        at["reportingInterval"].Require("TE-11", metrics.ReportingInterval is null || metrics.ReportingInterval >= Duration.FromMilliseconds(1), "must be at least 1ms");
        for (int i = 0; i < metrics.Overrides.Count; i++)
        {
            MetricsOverrides overrides = metrics.Overrides[i];
            Field place = at["overrides"][i];
            place["match"]["customMetric"].Require("TE-8", overrides.Match?.CustomMetric != "", "must not be empty");
            foreach ((string tag, TagOverride change) in overrides.TagOverrides) CheckTag(tag, change, place["tagOverrides"]);
        }
    }

    private static void CheckTag(string tag, TagOverride change, Field at)
    {
        if (tag.Length == 0) at.Warning("TE-3", "a tag's name should not be empty");
        Field value = at[tag]["value"];
        if (change.Operation == TagOperation.Upsert) value.Require("TE-4", !string.IsNullOrEmpty(change.Value), "is needed for UPSERT, which is the default");
        else value.Require("TE-5", !value.Written, "cannot go with REMOVE");
    }

    private static void CheckTracing(TracingSettings tracing, Field at)
    {
        CheckProviders(tracing.Providers, at["providers"]);
        if (tracing.Providers.Count > 1) at["providers"].Warning("TE-13", "only one provider is used");
        at["randomSamplingPercentage"].Require("TE-14", tracing.RandomSamplingPercentage is null or (>= 0 and <= 100), "must be 0 to 100");
        foreach ((string name, CustomTag tag) in tracing.CustomTags)
        {
            at["customTags"].Require("TE-15", name.Length > 0, "a tag's name must not be empty");
            at["customTags"][name].Require("TE-16", tag.Literal?.Value != "" && tag.Header?.Name != "" && tag.Environment?.Name != "", "value and name must not be empty");
            at["customTags"][name].Require("TE-17", tag.Formatter?.Value != "", "value must not be empty");
        }
    }
}
