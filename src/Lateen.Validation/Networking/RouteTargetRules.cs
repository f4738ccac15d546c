using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Targets of routes and their weights (VS-90 to VS-97).</summary>
internal static class RouteTargetRules
{
    public static void Check(Destination? destination, Field at)
    {
        if (destination is null) return;
        if (at["host"].Require("VS-90", destination.Host != "*", "must name a host, not all"))
            at["host"].Check("VS-91", HostName.WildcardProblem(destination.Host));
        if (!string.IsNullOrEmpty(destination.Subset)) at["subset"].Check("VS-92", DnsLabel.Problem(destination.Subset));
        if (destination.Port is { } port) at["port"]["number"].Check("VS-93", Numbers.PortProblem(port.Number));
    }

    public static void CheckWeighted(EquatableArray<HttpRouteDestination> targets, VirtualServiceScope scope, Field at)
    {
        for (int i = 0; i < targets.Count; i++)
        {
            if (!scope.GatewayApi) Check(targets[i].Destination, at[i]["destination"]);
        }
        CheckWeights([.. targets.Select(target => target.Weight)], at);
    }

    public static void CheckWeighted(EquatableArray<RouteDestination> targets, VirtualServiceScope scope, Field at)
    {
        for (int i = 0; i < targets.Count; i++)
        {
            if (!scope.GatewayApi) Check(targets[i].Destination, at[i]["destination"]);
        }
        CheckWeights([.. targets.Select(target => target.Weight)], at);
    }

    private static void CheckWeights(int[] weights, Field at)
    {
        for (int i = 0; i < weights.Length; i++) at[i]["weight"].Require("VS-95", weights[i] >= 0, "must not be negative");
        at.Require("VS-96", weights.Length < 2 || weights.Sum(weight => (long)weight) != 0, "the weights are all 0");
    }
}
