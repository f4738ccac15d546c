using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Traffic policies (DR-10 to DR-35).</summary>
internal static class TrafficPolicyRules
{
    public static void Check(TrafficPolicy? policy, string ns, Field at)
    {
        if (policy is null) return;
        bool any = policy is not { OutlierDetection: null, ConnectionPool: null, LoadBalancer: null, Tls: null, PortLevelSettings.Count: 0, Tunnel: null, ProxyProtocol: null, RetryBudget: null };
        if (!at.Require("DR-10", any, "must set something")
            || !at["tunnel"].Require("DR-11", policy.Tunnel is null || policy.ProxyProtocol is null, "cannot go with proxyProtocol")) return;
        CheckOutlierDetection(policy.OutlierDetection, at["outlierDetection"]);
        ConnectionPoolRules.Check(policy.ConnectionPool, at["connectionPool"]);
        LoadBalancerRules.Check(policy.LoadBalancer, policy.OutlierDetection, at["loadBalancer"]);
        ClientTlsRules.Check(policy.Tls, ns, at["tls"]);
        CheckTunnel(policy.Tunnel, at["tunnel"]);
        CheckRetryBudget(policy.RetryBudget, at["retryBudget"]);
        at["portLevelSettings"].Require("DR-18", policy.PortLevelSettings.Count <= 4096, "must not have more than 4096 ports");
        for (int i = 0; i < policy.PortLevelSettings.Count; i++) CheckPort(policy.PortLevelSettings[i], ns, at["portLevelSettings"][i]);
    }

    /// <summary>DR-30 to DR-35.</summary>
    public static void CheckOutlierDetection(OutlierDetection? detection, Field at)
    {
        if (detection is null) return;
        at["baseEjectionTime"].Check("DR-30", Numbers.DurationProblem(detection.BaseEjectionTime));
        at["interval"].Check("DR-30", Numbers.DurationProblem(detection.Interval));
        if (detection.ConsecutiveErrors != 0)
            at["consecutiveErrors"].Warning("DR-31", "is deprecated and has no effect; use consecutiveGatewayErrors or consecutive5xxErrors");
        at["consecutiveLocalOriginFailures"].Require("DR-32",
            detection.SplitExternalLocalOriginErrors || detection.ConsecutiveLocalOriginFailures is null or 0, "needs splitExternalLocalOriginErrors");
        at["maxEjectionPercent"].Check("DR-33", Numbers.PercentProblem(detection.MaxEjectionPercent));
        at["minHealthPercent"].Check("DR-33", Numbers.PercentProblem(detection.MinHealthPercent));
        for (int i = 0; i < detection.OutlierDetectionHttpErrorCodes.Count; i++)
        {
            at["outlierDetectionHttpErrorCodes"][i].Require("DR-35", detection.OutlierDetectionHttpErrorCodes[i] is >= 100 and <= 599, "must be 100 to 599");
        }
    }

    private static void CheckTunnel(TunnelSettings? tunnel, Field at)
    {
        if (tunnel is null) return;
        at["protocol"].Require("DR-13", tunnel.Protocol is null or "" or "CONNECT" or "POST", "must be CONNECT or POST");
        at["targetHost"].Check("DR-14", IpAddress.IsValid(tunnel.TargetHost) ? null : HostName.FqdnProblem(tunnel.TargetHost));
        at["targetPort"].Check("DR-15", Numbers.PortProblem(tunnel.TargetPort));
    }

    private static void CheckRetryBudget(RetryBudget? budget, Field at) =>
        at["percent"].Require("DR-16", budget?.Percent is null or (>= 0 and <= 100), "must be 0 to 100");

    private static void CheckPort(PortTrafficPolicy policy, string ns, Field at)
    {
        at["port"].Require("DR-19", policy.Port is not null, "is needed");
        at.Require("DR-20", policy is not { OutlierDetection: null, ConnectionPool: null, LoadBalancer: null, Tls: null },
            "must set outlierDetection, connectionPool, loadBalancer or tls");
        // DR-21: of these the warnings are lost.
        CheckOutlierDetection(policy.OutlierDetection, at["outlierDetection"].Quiet);
        ConnectionPoolRules.Check(policy.ConnectionPool, at["connectionPool"].Quiet);
        LoadBalancerRules.Check(policy.LoadBalancer, policy.OutlierDetection, at["loadBalancer"].Quiet);
        ClientTlsRules.Check(policy.Tls, ns, at["tls"].Quiet);
    }
}
