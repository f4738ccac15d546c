using System.Globalization;

namespace Lateen.Proxy.Stats;

/// <summary>What the text forms of metrics have in common.</summary>
internal static class MetricText
{
    /// <summary>The name with its own tags, as <c>/stats</c> shows it: <c>name.tag.value…</c>.</summary>
    public static string FullName(string name, IReadOnlyList<Tag> tags) =>
        tags.Count == 0 ? name : name + "." + string.Join('.', tags.Select(t => t.Name + "." + t.Value));

    /// <summary>A number with as many digits as it needs.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>
    /// The value below which the fraction <paramref name="quantile"/> of samples lies, interpolated within its bucket; samples above
    /// the last bound count as that bound.
    /// </summary>
    public static double Quantile(double quantile, IReadOnlyList<double> bounds, long[] counts)
    {
        var total = counts.Sum();
        var rank = quantile * total;
        long before = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && before + counts[i] >= rank)
            {
                var low = i == 0 ? 0 : bounds[i - 1];
                var high = i < bounds.Count ? bounds[i] : low;
                return low + ((high - low) * Math.Max(0, rank - before) / counts[i]);
            }

            before += counts[i];
        }

        return double.NaN;
    }
}
