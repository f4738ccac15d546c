using System.Collections.Concurrent;

namespace Lateen.Proxy.Stats;

/// <summary>
/// All metrics of the process by name and tags. Looking one up takes a dictionary; hot code keeps the object it got.
/// </summary>
public sealed class StatsStore
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new();
    private readonly ConcurrentDictionary<string, Gauge> _gauges = new();
    private readonly ConcurrentDictionary<string, Histogram> _histograms = new();

    /// <summary>All counters, in no order.</summary>
    public IEnumerable<Counter> Counters => _counters.Values;

    /// <summary>All gauges, in no order.</summary>
    public IEnumerable<Gauge> Gauges => _gauges.Values;

    /// <summary>All histograms, in no order.</summary>
    public IEnumerable<Histogram> Histograms => _histograms.Values;

    /// <summary>The counter of this name and these tags, made on first use.</summary>
    public Counter Counter(string name, params IReadOnlyList<Tag> tags) =>
        _counters.GetOrAdd(Key(name, tags), static (_, arg) => new Counter(arg.name, arg.tags), (name, tags));

    /// <summary>The gauge of this name and these tags, made on first use.</summary>
    public Gauge Gauge(string name, params IReadOnlyList<Tag> tags) =>
        _gauges.GetOrAdd(Key(name, tags), static (_, arg) => new Gauge(arg.name, arg.tags), (name, tags));

    /// <summary>The histogram of this name and these tags, made on first use with Envoy's default bounds.</summary>
    public Histogram Histogram(string name, params IReadOnlyList<Tag> tags) =>
        _histograms.GetOrAdd(
            Key(name, tags),
            static (_, arg) => new Histogram(arg.name, arg.tags, Stats.Histogram.DefaultBounds),
            (name, tags));

    /// <summary>Forgets all metrics whose name starts with <paramref name="prefix"/>, when their owner is gone (a removed cluster).</summary>
    public void RemovePrefix(string prefix)
    {
        Remove(_counters, prefix);
        Remove(_gauges, prefix);
        Remove(_histograms, prefix);
    }

    private static void Remove<T>(ConcurrentDictionary<string, T> metrics, string prefix)
    {
        foreach (var key in metrics.Keys)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                metrics.TryRemove(key, out _);
            }
        }
    }

    private static string Key(string name, IReadOnlyList<Tag> tags) =>
        tags.Count == 0 ? name : name + "\0" + string.Join('\0', tags.Select(t => t.Name + "\u0001" + t.Value));
}
