using System.Collections.Concurrent;

namespace Lateen.Proxy.Stats;

/// <summary>
/// All metrics of the process by name and tags. Looking one up takes a dictionary; hot code keeps the object it got.
/// </summary>
/// <param name="rules">Which metrics are kept; null keeps all.</param>
public sealed class StatsStore(StatsRules? rules = null)
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new();
    private readonly ConcurrentDictionary<string, Gauge> _gauges = new();
    private readonly ConcurrentDictionary<string, Histogram> _histograms = new();
    private readonly ConcurrentDictionary<string, TextReadout> _texts = new();

    /// <summary>Which metrics are kept, and how their names become tags.</summary>
    public StatsRules Rules { get; } = rules ?? StatsRules.Default;

    /// <summary>All counters, in no order.</summary>
    public IEnumerable<Counter> Counters => _counters.Values;

    /// <summary>All gauges, in no order.</summary>
    public IEnumerable<Gauge> Gauges => _gauges.Values;

    /// <summary>All histograms, in no order.</summary>
    public IEnumerable<Histogram> Histograms => _histograms.Values;

    /// <summary>All text readouts, in no order.</summary>
    public IEnumerable<TextReadout> TextReadouts => _texts.Values;

    /// <summary>
    /// The counter of this name and these tags, made on first use. What the rules leave out works too, but is shown nowhere and is
    /// a new object each time (Envoy: stats matcher).
    /// </summary>
    public Counter Counter(string name, params IReadOnlyList<Tag> tags) =>
        Rules.Accepts(name)
            ? _counters.GetOrAdd(Key(name, tags), static (_, arg) => new Counter(arg.name, arg.tags), (name, tags))
            : new Counter(name, tags);

    /// <summary>The gauge of this name and these tags, made on first use.</summary>
    public Gauge Gauge(string name, params IReadOnlyList<Tag> tags) =>
        Rules.Accepts(name)
            ? _gauges.GetOrAdd(Key(name, tags), static (_, arg) => new Gauge(arg.name, arg.tags), (name, tags))
            : new Gauge(name, tags);

    /// <summary>The histogram of this name and these tags, made on first use with the configured bounds or Envoy's default ones.</summary>
    public Histogram Histogram(string name, params IReadOnlyList<Tag> tags) =>
        Rules.Accepts(name)
            ? _histograms.GetOrAdd(
                Key(name, tags), static (_, arg) => new Histogram(arg.name, arg.tags, arg.Rules.Bounds(arg.name)), (name, tags, Rules))
            : new Histogram(name, tags, Rules.Bounds(name));

    /// <summary>The text readout of this name, made on first use.</summary>
    public TextReadout Text(string name) =>
        Rules.Accepts(name) ? _texts.GetOrAdd(name, static n => new TextReadout(n)) : new TextReadout(name);

    /// <summary>Forgets all metrics whose name starts with <paramref name="prefix"/>, when their owner is gone (a removed cluster).</summary>
    public void RemovePrefix(string prefix)
    {
        Remove(_counters, prefix);
        Remove(_gauges, prefix);
        Remove(_histograms, prefix);
        Remove(_texts, prefix);
        Rules.Forget(prefix);
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
