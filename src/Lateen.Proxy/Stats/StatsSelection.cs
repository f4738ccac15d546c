using System.Text.RegularExpressions;

namespace Lateen.Proxy.Stats;

/// <summary>Which metrics a page shows (Envoy: query parameters of <c>/stats</c>).</summary>
/// <param name="Filter">Part of the full name has to match; null shows all.</param>
/// <param name="UsedOnly">Only what was written at least once.</param>
public sealed record StatsSelection(Regex? Filter = null, bool UsedOnly = false)
{
    /// <summary>Everything.</summary>
    public static readonly StatsSelection All = new();

    internal IEnumerable<Counter> Counters(StatsStore stats) =>
        stats.Counters.Where(c => (!UsedOnly || c.Value != 0) && Shows(c.Name, c.Tags)).OrderBy(c => c.Name, StringComparer.Ordinal);

    internal IEnumerable<Gauge> Gauges(StatsStore stats) =>
        stats.Gauges.Where(g => (!UsedOnly || g.Used) && Shows(g.Name, g.Tags)).OrderBy(g => g.Name, StringComparer.Ordinal);

    internal IEnumerable<Histogram> Histograms(StatsStore stats) =>
        stats.Histograms.Where(h => (!UsedOnly || h.Used) && Shows(h.Name, h.Tags)).OrderBy(h => h.Name, StringComparer.Ordinal);

    internal IEnumerable<TextReadout> Texts(StatsStore stats) =>
        stats.TextReadouts.Where(t => (!UsedOnly || t.Value.Length > 0) && Shows(t.Name, [])).OrderBy(t => t.Name, StringComparer.Ordinal);

    private bool Shows(string name, IReadOnlyList<Tag> tags) => Filter is null || Filter.IsMatch(MetricText.FullName(name, tags));
}
