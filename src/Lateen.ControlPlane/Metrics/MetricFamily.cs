using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Lateen.ControlPlane.Metrics;

/// <summary>One metric with all its label sets.</summary>
internal sealed class MetricFamily
{
    // istiod's bucket bounds for times in seconds, and those for sizes in bytes.
    private static readonly double[] Seconds = [0.01, 0.1, 0.5, 1, 3, 5, 10, 20, 30];
    private static readonly double[] Bytes = [1, 10_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000];

    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string? _description;
    private readonly string _type;
    private readonly bool _observed;
    private readonly double[] _bounds;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        Name = instrument.Name;
        _description = instrument.Description;
        _observed = instrument.IsObservable;
        _type = kind == typeof(Histogram<>) ? "histogram"
            : kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter"
            : "gauge";
        _bounds = _type != "histogram" ? [] : instrument.Unit == "By" ? Bytes : Seconds;
    }

    public string Name { get; }

    public void Record(double value, string labels)
    {
        var series = _series.GetOrAdd(labels, _ => new Series(_bounds.Length));
        lock (series)
        {
            series.Sum = _observed ? value : series.Sum + value;
            series.Count++;
            for (var i = 0; i < _bounds.Length; i++)
            {
                if (value <= _bounds[i])
                    series.Buckets[i]++;
            }
        }
    }

    /// <summary>Drops what is about to be observed anew, so that what does not exist any more is not reported.</summary>
    public void ForgetObserved()
    {
        if (_observed)
            _series.Clear();
    }

    public void Render(StringBuilder text)
    {
        if (_series.IsEmpty)
            return;
        if (_description is not null)
            text.Append("# HELP ").Append(Name).Append(' ').Append(_description).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var (labels, series) in _series.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            lock (series)
                Render(text, labels, series);
        }
    }

    private void Render(StringBuilder text, string labels, Series series)
    {
        if (_type != "histogram")
        {
            Line(text, "", labels, series.Sum);
            return;
        }

        var separator = labels.Length > 0 ? "," : "";
        for (var i = 0; i < _bounds.Length; i++)
            Line(text, "_bucket", $"{labels}{separator}le=\"{Text(_bounds[i])}\"", series.Buckets[i]);
        Line(text, "_bucket", $"{labels}{separator}le=\"+Inf\"", series.Count);
        Line(text, "_sum", labels, series.Sum);
        Line(text, "_count", labels, series.Count);
    }

    private void Line(StringBuilder text, string suffix, string labels, double value)
    {
        text.Append(Name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Text(value)).Append('\n');
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Series(int buckets)
    {
        public double Sum { get; set; }

        public long Count { get; set; }

        public long[] Buckets { get; } = new long[buckets];
    }
}
