namespace Lateen.Proxy.Clusters;

/// <summary>What outlier detection remembers of one host. Counters are interlocked; the rest belongs to the detector's lock.</summary>
internal sealed class OutlierState
{
    public int Consecutive5xx;
    public int ConsecutiveGatewayFailure;
    public int ConsecutiveLocalOriginFailure;
    public long Successes;
    public long Requests;
    public long LocalSuccesses;
    public long LocalRequests;

    /// <summary>How many base times the next ejection lasts; grows with each ejection and shrinks while healthy.</summary>
    public int Multiplier;

    /// <summary>Time stamp after which the ejection may end.</summary>
    public long EjectedUntil;

    public bool IsEjected;

    /// <summary>How often it was ejected.</summary>
    public int Ejections;

    public void ResetConsecutive()
    {
        Volatile.Write(ref Consecutive5xx, 0);
        Volatile.Write(ref ConsecutiveGatewayFailure, 0);
        Volatile.Write(ref ConsecutiveLocalOriginFailure, 0);
    }
}
