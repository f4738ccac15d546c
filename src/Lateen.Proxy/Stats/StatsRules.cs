using System.Collections.Concurrent;
using Envoy.Config.Metrics.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Stats;

/// <summary>A bootstrap's <c>stats_config</c>, compiled: which metrics are kept, what becomes a tag, histogram buckets.</summary>
public sealed class StatsRules
{
    /// <summary>Envoy's defaults: everything is kept, all default tags.</summary>
    public static readonly StatsRules Default = new(null);

    private readonly TagExtractor _tags;
    private readonly ConcurrentDictionary<string, ExtractedName> _extracted = new();
    private readonly bool _acceptsAll;
    private readonly bool _acceptsMatching;
    private readonly StringMatcher[] _patterns;
    private readonly (StringMatcher Match, double[] Bounds)[] _buckets;

    /// <summary>Compiles the settings.</summary>
    /// <exception cref="ConfigurationException">A matcher or expression is invalid.</exception>
    public StatsRules(StatsConfig? configuration)
    {
        _tags = new TagExtractor(configuration);
        var matcher = configuration?.StatsMatcher;
        _acceptsAll = matcher is null or { RejectAll: false, StatsMatcherCase: StatsMatcher.StatsMatcherOneofCase.RejectAll };
        _acceptsMatching = matcher?.StatsMatcherCase == StatsMatcher.StatsMatcherOneofCase.InclusionList;
        var list = matcher?.InclusionList ?? matcher?.ExclusionList;
        _patterns = [.. (list?.Patterns ?? []).Select((p, i) => StringMatcher.Compile(p, $"stats_config.stats_matcher.patterns[{i}]"))];
        _buckets = [.. (configuration?.HistogramBucketSettings ?? []).Select((s, i) =>
            (StringMatcher.Compile(s.Match, $"stats_config.histogram_bucket_settings[{i}].match"), s.Buckets.Order().ToArray()))];
    }

    /// <summary>Whether a metric of this name is kept and shown.</summary>
    public bool Accepts(string name) => _acceptsAll || Array.Exists(_patterns, p => p.Matches(name)) == _acceptsMatching;

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public IReadOnlyList<double> Bounds(string name) =>
        Array.Find(_buckets, b => b.Match.Matches(name)).Bounds ?? Histogram.DefaultBounds;

    /// <summary>The name without its tag values, and the tags; remembered, for it is asked again with each scrape.</summary>
    internal ExtractedName Extract(string name) => _extracted.GetOrAdd(name, static (n, tags) => tags.Extract(n), _tags);

    /// <summary>Forgets what was remembered for names with this prefix.</summary>
    internal void Forget(string prefix)
    {
        foreach (var name in _extracted.Keys)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                _extracted.TryRemove(name, out _);
        }
    }
}
