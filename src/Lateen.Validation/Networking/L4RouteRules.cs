using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>TLS and TCP routes (VS-130 to VS-143).</summary>
internal static class L4RouteRules
{
    public static void Check(TlsRoute route, VirtualServiceScope scope, Field at)
    {
        at["match"].Require("VS-130", !route.Match.IsEmpty, "needs at least one condition");
        for (int i = 0; i < route.Match.Count; i++) CheckMatch(route.Match[i], scope, at["match"][i]);
        at["route"].Require("VS-140", !route.Route.IsEmpty, "needs a target");
        RouteTargetRules.CheckWeighted(route.Route, scope, at["route"]);
    }

    public static void Check(TcpRoute route, VirtualServiceScope scope, Field at)
    {
        for (int i = 0; i < route.Match.Count; i++)
        {
            L4MatchAttributes match = route.Match[i];
            CheckPlace(match.DestinationSubnets, match.Port, match.SourceLabels, at["match"][i]);
            VirtualServiceRules.CheckGateways(match.Gateways, gatewayApi: false, at["match"][i]["gateways"].Quiet, "VS-139");
        }
        at["route"].Require("VS-140", !route.Route.IsEmpty, "needs a target");
        RouteTargetRules.CheckWeighted(route.Route, scope, at["route"]);
    }

    private static void CheckMatch(TlsMatchAttributes match, VirtualServiceScope scope, Field at)
    {
        at["sniHosts"].Require("VS-131", !match.SniHosts.IsEmpty, "needs at least one server name");
        for (int i = 0; i < match.SniHosts.Count; i++) CheckServerName(match.SniHosts[i], scope, at["sniHosts"][i]);
        CheckPlace(match.DestinationSubnets, match.Port, match.SourceLabels, at);
        VirtualServiceRules.CheckGateways(match.Gateways, gatewayApi: false, at["gateways"], "VS-138");
    }

    private static void CheckServerName(string name, VirtualServiceScope scope, Field at)
    {
        if (IpAddress.IsValid(name))
        {
            at.Warning("VS-133", "clients do not send addresses as server names");
            return;
        }
        if (!(scope.GatewayBound && HostName.IsAutoSni(name))) at.Check("VS-132", HostName.WildcardProblem(name));
        at.Require("VS-134", scope.Hosts.Any(host => HostName.IsSubset(name, host)), $"\"{name}\" is none of the hosts");
    }

    private static void CheckPlace(EquatableArray<string> subnets, uint port, EquatableMap<string> labels, Field at)
    {
        for (int i = 0; i < subnets.Count; i++) at["destinationSubnets"][i].Check("VS-135", IpAddress.SubnetProblem(subnets[i]));
        at["port"].Require("VS-136", port <= 65535, Numbers.PortRange);
        at["sourceLabels"].Check("VS-137", LabelSyntax.Problem(labels));
    }
}
