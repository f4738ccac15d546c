using System.Runtime.InteropServices;

namespace Lateen.Proxy.Stats;

/// <summary>One name and value that tells apart metrics of one family, e.g. <c>response_code</c> = <c>200</c>.</summary>
public readonly record struct Tag(string Name, string Value);

/// <summary>Where event loops announce their shard; other threads share shard 0.</summary>
internal static class StatShard
{
    /// <summary>Shards per metric: loops beyond it share.</summary>
    public const int Count = 8;

    [ThreadStatic]
    private static int _current;

    /// <summary>The shard of this thread.</summary>
    public static int Current
    {
        get => _current;
        set => _current = value & (Count - 1);
    }
}

[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct PaddedLong
{
    [FieldOffset(0)]
    public long Value;
}

/// <summary>A value that only grows. Adding costs one interlocked add on the thread's own cache line.</summary>
public sealed class Counter(string name, IReadOnlyList<Tag> tags)
{
    private readonly PaddedLong[] _shards = new PaddedLong[StatShard.Count];

    /// <summary>Envoy's full name, e.g. <c>cluster.outbound|9080||reviews….upstream_rq_total</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Tags in order; empty for most of Envoy's own metrics.</summary>
    public IReadOnlyList<Tag> Tags { get; } = tags;

    /// <summary>The sum of all shards.</summary>
    public long Value
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < _shards.Length; i++)
            {
                sum += Volatile.Read(ref _shards[i].Value);
            }

            return sum;
        }
    }

    /// <summary>Adds one.</summary>
    public void Increment() => Add(1);

    /// <summary>Adds <paramref name="amount"/>.</summary>
    public void Add(long amount) => Interlocked.Add(ref _shards[StatShard.Current].Value, amount);

    /// <summary>Back to 0 (admin <c>/reset_counters</c>).</summary>
    public void Reset()
    {
        for (var i = 0; i < _shards.Length; i++)
        {
            Volatile.Write(ref _shards[i].Value, 0);
        }
    }
}

/// <summary>A value that goes up and down.</summary>
public sealed class Gauge(string name, IReadOnlyList<Tag> tags)
{
    private long _value;
    private bool _used;

    /// <summary>True once it was written.</summary>
    public bool Used => Volatile.Read(ref _used);

    /// <summary>Envoy's full name.</summary>
    public string Name { get; } = name;

    /// <summary>Tags in order.</summary>
    public IReadOnlyList<Tag> Tags { get; } = tags;

    /// <summary>The value now.</summary>
    public long Value => Volatile.Read(ref _value);

    /// <summary>Adds one.</summary>
    public void Increment() => Add(1);

    /// <summary>Takes one.</summary>
    public void Decrement() => Add(-1);

    /// <summary>Adds <paramref name="amount"/>, which may be negative.</summary>
    public void Add(long amount)
    {
        Interlocked.Add(ref _value, amount);
        if (!_used)
            Volatile.Write(ref _used, true);
    }

    /// <summary>Sets the value.</summary>
    public void Set(long value)
    {
        Volatile.Write(ref _value, value);
        Volatile.Write(ref _used, true);
    }
}

/// <summary>A value that is text, e.g. the version of a configuration.</summary>
public sealed class TextReadout(string name)
{
    private volatile string _value = "";

    /// <summary>Envoy's full name.</summary>
    public string Name { get; } = name;

    /// <summary>The text now.</summary>
    public string Value
    {
        get => _value;
        set => _value = value;
    }
}

/// <summary>A distribution over fixed buckets (Envoy's built-in bounds unless others are given).</summary>
public sealed class Histogram
{
    /// <summary>Envoy's default upper bounds.</summary>
    public static readonly IReadOnlyList<double> DefaultBounds =
        [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000];

    private readonly double[] _bounds;
    private readonly long[][] _counts = new long[StatShard.Count][];
    private readonly double[] _sums = new double[StatShard.Count * 8];

    internal Histogram(string name, IReadOnlyList<Tag> tags, IReadOnlyList<double> bounds)
    {
        Name = name;
        Tags = tags;
        _bounds = [.. bounds];
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] = new long[_bounds.Length + 1];
        }
    }

    /// <summary>Envoy's full name.</summary>
    public string Name { get; }

    /// <summary>Tags in order.</summary>
    public IReadOnlyList<Tag> Tags { get; }

    /// <summary>Upper bounds, ascending; a last bucket without bound follows.</summary>
    public IReadOnlyList<double> Bounds => _bounds;

    /// <summary>True once a sample was counted.</summary>
    public bool Used => Array.Exists(Read().Counts, count => count > 0);

    /// <summary>Counts one sample.</summary>
    public void Record(double value)
    {
        var at = Array.BinarySearch(_bounds, value);
        var shard = StatShard.Current;
        Interlocked.Increment(ref _counts[shard][at >= 0 ? at : ~at]);
        ref var sum = ref _sums[shard * 8];
        double seen;
        do
        {
            seen = Volatile.Read(ref sum);
        }
        while (Interlocked.CompareExchange(ref sum, seen + value, seen) != seen);
    }

    /// <summary>Samples per bucket (not cumulative) and the sum of all samples.</summary>
    public (long[] Counts, double Sum) Read()
    {
        var counts = new long[_bounds.Length + 1];
        double sum = 0;
        for (var s = 0; s < StatShard.Count; s++)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += Volatile.Read(ref _counts[s][i]);
            }

            sum += Volatile.Read(ref _sums[s * 8]);
        }

        return (counts, sum);
    }
}
