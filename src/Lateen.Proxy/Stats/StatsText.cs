using System.Globalization;
using System.Text.Json;

namespace Lateen.Proxy.Stats;

/// <summary>Metrics as Envoy's <c>/stats</c> shows them: lines of <c>name: value</c>, or JSON.</summary>
public static class StatsText
{
    private static readonly double[] Quantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

    /// <summary>Writes text readouts, then counters and gauges, then histograms, each sorted by name.</summary>
    public static void Write(StatsStore stats, StatsSelection selection, TextWriter output)
    {
        foreach (var text in selection.Texts(stats))
            output.Write($"{text.Name}: \"{text.Value}\"\n");
        foreach (var (name, value) in Numbers(stats, selection))
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}: {value}\n"));
        foreach (var histogram in selection.Histograms(stats))
            output.Write($"{MetricText.FullName(histogram.Name, histogram.Tags)}: {Summary(histogram)}\n");
    }

    /// <summary>Writes the same as one JSON object.</summary>
    public static void WriteJson(StatsStore stats, StatsSelection selection, Stream output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartArray("stats");
        foreach (var text in selection.Texts(stats))
        {
            json.WriteStartObject();
            json.WriteString("name", text.Name);
            json.WriteString("value", text.Value);
            json.WriteEndObject();
        }

        foreach (var (name, value) in Numbers(stats, selection))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("value", value);
            json.WriteEndObject();
        }

        WriteHistograms(selection.Histograms(stats), json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, long Value)> Numbers(StatsStore stats, StatsSelection selection) =>
        selection.Counters(stats).Select(c => (Name: MetricText.FullName(c.Name, c.Tags), c.Value))
            .Concat(selection.Gauges(stats).Select(g => (Name: MetricText.FullName(g.Name, g.Tags), g.Value)))
            .OrderBy(n => n.Name, StringComparer.Ordinal);

    // The first number of each pair would be the last interval's, which is not kept.
    private static string Summary(Histogram histogram)
    {
        var (counts, _) = histogram.Read();
        return counts.Sum() == 0
            ? "No recorded values"
            : string.Join(' ', Quantiles.Select(q => string.Create(
                CultureInfo.InvariantCulture, $"P{q * 100:0.#}(nan,{MetricText.Quantile(q, histogram.Bounds, counts):0.####})")));
    }

    private static void WriteHistograms(IEnumerable<Histogram> histograms, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("histograms");
        json.WriteStartArray("supported_quantiles");
        foreach (var quantile in Quantiles)
            json.WriteNumberValue(quantile * 100);
        json.WriteEndArray();
        json.WriteStartArray("computed_quantiles");
        foreach (var histogram in histograms)
        {
            var (counts, _) = histogram.Read();
            var recorded = counts.Sum() > 0;
            json.WriteStartObject();
            json.WriteString("name", MetricText.FullName(histogram.Name, histogram.Tags));
            json.WriteStartArray("values");
            foreach (var quantile in Quantiles)
            {
                json.WriteStartObject();
                json.WriteNull("interval");
                if (recorded)
                    json.WriteNumber("cumulative", MetricText.Quantile(quantile, histogram.Bounds, counts));
                else
                    json.WriteNull("cumulative");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
