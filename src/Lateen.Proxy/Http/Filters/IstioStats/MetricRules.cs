using Google.Protobuf.Collections;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Stats;
using Lateen.Xds.Istio;

namespace Lateen.Proxy.Http.Filters.IstioStats;

/// <summary>What the configuration changes about the standard metrics: metrics left out, labels left out, labels with fixed values.</summary>
internal sealed class MetricRules
{
    private const string Namespace = "istiocustom.istio_";
    private readonly RepeatedField<MetricConfig> _rules;

    public MetricRules(PluginConfig configuration, FilterContext context)
    {
        _rules = configuration.Metrics;
        if (configuration.Definitions.Count > 0)
        {
            context.Ignore("stats.PluginConfig.definitions");
        }

        if (_rules.Any(r => r.Match.Length > 0))
        {
            context.Ignore("stats.PluginConfig.metrics.match");
        }

        if (_rules.Any(r => r.Dimensions.Values.Any(v => !IsLiteral(v))))
        {
            context.Ignore("stats.PluginConfig.metrics.dimensions (expressions)");
        }
    }

    /// <summary>The counter of a standard metric with these labels; null when the metric is left out.</summary>
    public Counter? Counter(StatsStore stats, string metric, List<Tag> labels) =>
        Apply(metric, labels) is { } left ? stats.Counter(Namespace + metric, left) : null;

    /// <summary>The histogram of a standard metric with these labels; null when the metric is left out.</summary>
    public Histogram? Histogram(StatsStore stats, string metric, List<Tag> labels) =>
        Apply(metric, labels) is { } left ? stats.Histogram(Namespace + metric, left) : null;

    private List<Tag>? Apply(string metric, List<Tag> labels)
    {
        var left = new List<Tag>(labels);
        foreach (var rule in _rules)
        {
            if (rule.Match.Length > 0 || rule.Name.Length > 0 && rule.Name != metric)
            {
                continue;
            }

            if (rule.Drop)
            {
                return null;
            }

            left.RemoveAll(t => rule.TagsToRemove.Contains(t.Name));
            foreach (var (name, value) in rule.Dimensions.Where(d => IsLiteral(d.Value)))
            {
                left.RemoveAll(t => t.Name == name);
                left.Add(new Tag(name, value[1..^1]));
            }
        }

        return left;
    }

    private static bool IsLiteral(string expression) =>
        expression.Length >= 2 && expression[0] is '"' or '\'' && expression[^1] == expression[0] && !expression[1..^1].Contains(expression[0]);
}
