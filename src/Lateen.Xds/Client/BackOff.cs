namespace Lateen.Xds.Client;

/// <summary>
/// Exponential back-off with full jitter: a delay between nothing and an interval that doubles (Envoy: JitteredExponentialBackOff).
/// </summary>
internal sealed class BackOff(TimeSpan first, TimeSpan max, Random random)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    public TimeSpan Next()
    {
        var bound = _next;
        _next = bound * 2 < max ? bound * 2 : max;
        return bound * random.NextDouble();
    }

    public void Reset() => _next = _first;
}
