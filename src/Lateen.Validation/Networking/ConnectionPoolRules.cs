using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Limits of connections and requests (DR-40 to DR-51), also of Sidecars and the mesh.</summary>
internal static class ConnectionPoolRules
{
    public static void Check(ConnectionPoolSettings? pool, Field at)
    {
        if (pool is null || !at.Require("DR-40", pool.Http is not null || pool.Tcp is not null, "must set http or tcp")) return;
        CheckHttp(pool.Http, at["http"]);
        CheckTcp(pool.Tcp, at["tcp"]);
        if (pool.Http?.Http2KeepAlive is { } keepAlive) CheckKeepAlive(keepAlive, at["http"]["http2KeepAlive"]);
    }

    /// <summary>DR-41 to DR-43.</summary>
    public static void CheckHttp(HttpSettings? http, Field at)
    {
        if (http is null) return;
        at["http1MaxPendingRequests"].Require("DR-41", http.Http1MaxPendingRequests >= 0, "must not be negative");
        at["http2MaxRequests"].Require("DR-41", http.Http2MaxRequests >= 0, "must not be negative");
        at["maxRequestsPerConnection"].Require("DR-41", http.MaxRequestsPerConnection >= 0, "must not be negative");
        at["maxRetries"].Require("DR-41", http.MaxRetries >= 0, "must not be negative");
        at["maxConcurrentStreams"].Require("DR-41", http.MaxConcurrentStreams >= 0, "must not be negative");
        at["idleTimeout"].Check("DR-42", Numbers.DurationProblem(http.IdleTimeout));
        at["useClientProtocol"].Require("DR-43", !(http.UseClientProtocol && http.H2UpgradePolicy == H2UpgradePolicy.Upgrade), "cannot go with h2UpgradePolicy UPGRADE");
    }

    /// <summary>DR-47 to DR-50.</summary>
    public static void CheckTcp(TcpSettings? tcp, Field at)
    {
        if (tcp is null) return;
        at["maxConnections"].Require("DR-47", tcp.MaxConnections >= 0, "must not be negative");
        at["connectTimeout"].Check("DR-48", Numbers.DurationProblem(tcp.ConnectTimeout));
        at["maxConnectionDuration"].Check("DR-48", Numbers.DurationProblem(tcp.MaxConnectionDuration));
        // 0 switches it off.
        if (tcp.IdleTimeout is { } idle && Math.Abs(idle.Value.Ticks) >= TimeSpan.TicksPerMillisecond)
            at["idleTimeout"].Check("DR-49", Numbers.DurationProblem(idle));
        at["tcpKeepalive"]["time"].Check("DR-50", Numbers.DurationProblem(tcp.TcpKeepalive?.Time));
        at["tcpKeepalive"]["interval"].Check("DR-50", Numbers.DurationProblem(tcp.TcpKeepalive?.Interval));
    }

    private static void CheckKeepAlive(Http2KeepAlive keepAlive, Field at)
    {
        at["interval"].Require("DR-45", keepAlive.Interval is not null, "is needed");
        at["timeout"].Require("DR-45", keepAlive.Timeout is not null, "is needed");
        at["interval"].Check("DR-46", Numbers.DurationProblem(keepAlive.Interval));
        at["timeout"].Check("DR-46", Numbers.DurationProblem(keepAlive.Timeout));
    }
}
