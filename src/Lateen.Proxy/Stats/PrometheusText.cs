using System.Globalization;
using System.Text;

namespace Lateen.Proxy.Stats;

/// <summary>
/// Metrics as Prometheus reads them (text format 0.0.4, Envoy's rules): <c>envoy_</c> before the tag-extracted name, except for
/// Istio's own, whose namespace <c>istiocustom.</c> is dropped.
/// </summary>
public static class PrometheusText
{
    /// <summary>The content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string CustomNamespace = "istiocustom.";

    /// <summary>Writes counters, gauges and histograms, each family after its <c># TYPE</c> line.</summary>
    public static void Write(StatsStore stats, StatsSelection selection, TextWriter output)
    {
        WriteFamilies("counter", selection.Counters(stats).Select(c => Describe(stats, c.Name, c.Tags, c)), output, WriteCounter);
        WriteFamilies("gauge", selection.Gauges(stats).Select(g => Describe(stats, g.Name, g.Tags, g)), output, WriteGauge);
        WriteFamilies("histogram", selection.Histograms(stats).Select(h => Describe(stats, h.Name, h.Tags, h)), output, WriteHistogram);
    }

    private static Series<T> Describe<T>(StatsStore stats, string name, IReadOnlyList<Tag> own, T metric)
        where T : class
    {
        if (name.StartsWith(CustomNamespace, StringComparison.Ordinal))
            return new(Sanitize(name[CustomNamespace.Length..]), Labels(own, []), metric);
        if (name.StartsWith("istio_", StringComparison.Ordinal))
            return new(Sanitize(name), Labels(own, []), metric);
        var extracted = stats.Rules.Extract(name);
        return new("envoy_" + Sanitize(extracted.Name), Labels(extracted.Tags, own), metric);
    }

    private static void WriteFamilies<T>(string type, IEnumerable<Series<T>> series, TextWriter output, Action<Series<T>, TextWriter> write)
        where T : class
    {
        // A name that would begin with a digit is not valid and is left out.
        foreach (var family in series.Where(s => s.Name.Length > 0 && !char.IsAsciiDigit(s.Name[0]))
            .GroupBy(s => s.Name).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            output.Write($"# TYPE {family.Key} {type}\n");
            foreach (var one in family)
                write(one, output);
        }
    }

    private static void WriteCounter(Series<Counter> series, TextWriter output) =>
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{series.Name}{{{series.Labels}}} {series.Metric.Value}\n"));

    private static void WriteGauge(Series<Gauge> series, TextWriter output) =>
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{series.Name}{{{series.Labels}}} {series.Metric.Value}\n"));

    private static void WriteHistogram(Series<Histogram> series, TextWriter output)
    {
        var (counts, sum) = series.Metric.Read();
        var bounds = series.Metric.Bounds;
        var separator = series.Labels.Length > 0 ? "," : "";
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < bounds.Count ? MetricText.Number(bounds[i]) : "+Inf";
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{series.Name}_bucket{{{series.Labels}{separator}le=\"{bound}\"}} {total}\n"));
        }

        output.Write($"{series.Name}_sum{{{series.Labels}}} {MetricText.Number(sum)}\n");
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{series.Name}_count{{{series.Labels}}} {total}\n"));
    }

    private static string Sanitize(string name) =>
        name.AsSpan().IndexOfAnyExcept(Allowed) < 0
            ? name
            : string.Create(name.Length, name, static (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                    to[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
            });

    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static string Labels(IReadOnlyList<Tag> first, IReadOnlyList<Tag> second)
    {
        var text = new StringBuilder();
        Append(text, first);
        Append(text, second);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<Tag> tags)
    {
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(Sanitize(name)).Append("=\"");
            foreach (var c in value)
                _ = c switch { '\\' => text.Append("\\\\"), '"' => text.Append("\\\""), '\n' => text.Append("\\n"), _ => text.Append(c) };
            text.Append('"');
        }
    }

    private sealed record Series<T>(string Name, string Labels, T Metric);
}
