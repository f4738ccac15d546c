namespace Lateen.Proxy.Clusters;

/// <summary>
/// Indexes in turn by weight, spread evenly, from one interlocked number (static stride scheduling): in each round an index is taken
/// when its weight's share of the round comes due.
/// </summary>
internal sealed class StrideSchedule
{
    private const uint Scale = ushort.MaxValue;
    private readonly uint[]? _weights;
    private readonly uint _count;
    private long _sequence;

    /// <param name="weights">Weights above 0.</param>
    /// <param name="start">Where to begin.</param>
    public StrideSchedule(double[] weights, uint start)
    {
        _count = (uint)weights.Length;
        _sequence = start;
        var max = weights.Max();
        if (!Array.TrueForAll(weights, w => w.Equals(max)))
            _weights = [.. weights.Select(w => (uint)Math.Clamp(Math.Round(w / max * Scale), 1, Scale))];
    }

    public int Next()
    {
        while (true)
        {
            var turn = (ulong)Interlocked.Increment(ref _sequence);
            var index = turn % _count;
            if (_weights is null)
                return (int)index;
            var weight = _weights[index];
            var due = (turn / _count * weight + index * (Scale / 2)) % Scale; // indexes come due at different rounds
            if (due >= Scale - weight)
                return (int)index;
        }
    }
}
