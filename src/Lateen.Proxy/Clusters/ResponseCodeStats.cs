using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Clusters;

/// <summary>Counts by response code: <c>upstream_rq_200</c>, <c>upstream_rq_2xx</c> and <c>upstream_rq_completed</c> below one prefix.</summary>
public sealed class ResponseCodeStats(StatsStore store, string prefix)
{
    private const int Lowest = 100;
    private readonly Counter?[] _codes = new Counter?[500];
    private readonly Counter?[] _groups = new Counter?[5];

    private Counter Completed => field ??= store.Counter(prefix + "upstream_rq_completed");

    /// <summary>Counts a response; a status outside 100 to 599 counts as completed only.</summary>
    public void Count(int status)
    {
        Completed.Increment();
        if (status is < Lowest or > 599)
            return;
        (_codes[status - Lowest] ??= store.Counter($"{prefix}upstream_rq_{status}")).Increment();
        (_groups[status / 100 - 1] ??= store.Counter($"{prefix}upstream_rq_{status / 100}xx")).Increment();
    }
}

public sealed partial class ClusterStats
{
    /// <summary>Counts by response code of all requests.</summary>
    public ResponseCodeStats Responses => field ??= new ResponseCodeStats(Store, Prefix);

    /// <summary>Counts by response code of requests from inside (<c>internal.</c>).</summary>
    public ResponseCodeStats InternalResponses => field ??= new ResponseCodeStats(Store, Prefix + "internal.");

    /// <summary>Counts by response code of requests from outside (<c>external.</c>).</summary>
    public ResponseCodeStats ExternalResponses => field ??= new ResponseCodeStats(Store, Prefix + "external.");

    /// <summary>Counts by response code of responses from canaries (<c>canary.</c>).</summary>
    public ResponseCodeStats CanaryResponses => field ??= new ResponseCodeStats(Store, Prefix + "canary.");

    /// <summary>Counts by response code of responses that were retried (<c>retry.</c>).</summary>
    public ResponseCodeStats RetriedResponses => field ??= new ResponseCodeStats(Store, Prefix + "retry.");
}
