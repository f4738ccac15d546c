using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using Keepalive = Lateen.Resources.Networking.TcpKeepalive;

namespace Lateen.Translation.Clusters;

/// <summary>Limits and timeouts of connections to a cluster. Without settings no limit is reached in practice.</summary>
internal static class ConnectionPools
{
    /// <summary>Istio's "no limit": the largest value of the field.</summary>
    private const uint Unlimited = uint.MaxValue;

    private const double DefaultBudgetPercent = 20;
    private const uint DefaultBudgetConcurrency = 3;

    public static void Apply(Cluster cluster, UpstreamProtocol protocol, TrafficPolicy policy, MeshSettings mesh)
    {
        var pool = policy.ConnectionPool;
        cluster.ConnectTimeout = (pool?.Tcp?.ConnectTimeout ?? mesh.ConnectTimeout).Value.ToProto();
        cluster.CircuitBreakers = new CircuitBreakers { Thresholds = { Thresholds(pool, policy.RetryBudget) } };
        if ((pool?.Tcp?.TcpKeepalive ?? mesh.TcpKeepalive) is { } keepalive) SetKeepalive(cluster, keepalive);
        SetCommonOptions(protocol, pool);
    }

    private static CircuitBreakers.Types.Thresholds Thresholds(ConnectionPoolSettings? pool, RetryBudget? budget)
    {
        var thresholds = new CircuitBreakers.Types.Thresholds
        {
            MaxConnections = Limit(pool?.Tcp?.MaxConnections),
            MaxPendingRequests = Limit(pool?.Http?.Http1MaxPendingRequests),
            MaxRequests = Limit(pool?.Http?.Http2MaxRequests),
            MaxRetries = Limit(pool?.Http?.MaxRetries),
        };
        if (budget is not null)
        {
            thresholds.RetryBudget = new CircuitBreakers.Types.Thresholds.Types.RetryBudget
            {
                BudgetPercent = new Envoy.Type.V3.Percent { Value = budget.Percent ?? DefaultBudgetPercent },
                MinRetryConcurrency = budget.MinRetryConcurrency > 0 ? budget.MinRetryConcurrency : DefaultBudgetConcurrency,
            };
        }
        return thresholds;
    }

    private static uint Limit(int? value) => value > 0 ? (uint)value : Unlimited;

    private static void SetKeepalive(Cluster cluster, Keepalive keepalive)
    {
        var result = new Envoy.Config.Core.V3.TcpKeepalive();
        if (keepalive.Probes > 0) result.KeepaliveProbes = keepalive.Probes;
        if (keepalive.Time is { } time) result.KeepaliveTime = (uint)time.Value.TotalSeconds;
        if (keepalive.Interval is { } interval) result.KeepaliveInterval = (uint)interval.Value.TotalSeconds;
        cluster.UpstreamConnectionOptions = new UpstreamConnectionOptions { TcpKeepalive = result };
    }

    private static void SetCommonOptions(UpstreamProtocol protocol, ConnectionPoolSettings? pool)
    {
        if ((pool?.Http?.IdleTimeout ?? pool?.Tcp?.IdleTimeout) is { } idle) protocol.Common().IdleTimeout = idle.Value.ToProto();
        if (pool?.Tcp?.MaxConnectionDuration is { } longest) protocol.Common().MaxConnectionDuration = longest.Value.ToProto();
        if (pool?.Http?.MaxRequestsPerConnection is > 0 and var most) protocol.Common().MaxRequestsPerConnection = (uint)most;
        if (pool?.Http is not { } http) return;
        if (http.UseClientProtocol) protocol.UseClientProtocol();
        if (http.MaxConcurrentStreams > 0) protocol.Http2Options(options => options.MaxConcurrentStreams = (uint)http.MaxConcurrentStreams);
        if (http.Http2KeepAlive is { Interval: { } every, Timeout: { } timeout })
        {
            protocol.Http2Options(options => options.ConnectionKeepalive =
                new KeepaliveSettings { Interval = every.Value.ToProto(), Timeout = timeout.Value.ToProto() });
        }
    }
}
