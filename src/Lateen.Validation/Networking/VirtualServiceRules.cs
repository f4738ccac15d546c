using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>What the rules of a VirtualService's parts need to know of the whole.</summary>
/// <param name="Delegate">It has no hosts, so another VirtualService refers to it.</param>
/// <param name="GatewayBound">It holds for gateways only.</param>
/// <param name="GatewayApi">It was made of a route of Kubernetes' Gateway API (M-11).</param>
/// <param name="Hosts">Its hosts.</param>
internal sealed record VirtualServiceScope(bool Delegate, bool GatewayBound, bool GatewayApi, EquatableArray<string> Hosts);

/// <summary>VirtualService as a whole (VS-1 to VS-13).</summary>
internal static class VirtualServiceRules
{
    private const string Mesh = "mesh";

    public static void Check(VirtualService service, Field at)
    {
        VirtualServiceSpec spec = service.Spec;
        Field place = at["spec"];
        var scope = new VirtualServiceScope(spec.Hosts.IsEmpty, !spec.Gateways.IsEmpty && !spec.Gateways.Contains(Mesh),
            ObjectRules.HasRouteSemantics(service), spec.Hosts);
        if (scope.Delegate) CheckDelegate(spec, place);
        place.Require("VS-4", !spec.Http.IsEmpty || !spec.Tls.IsEmpty || !spec.Tcp.IsEmpty, "needs http, tls or tcp routes");
        CheckGateways(spec.Gateways, scope.GatewayApi, place["gateways"], "VS-5");
        CheckHosts(spec, scope, place["hosts"]);
        ExportTo.Check(spec.ExportTo, service.Namespace, place["exportTo"], nobodyAllowed: false);

        for (int i = 0; i < spec.Http.Count; i++) HttpRouteRules.Check(spec.Http[i], scope, place["http"][i]);
        for (int i = 0; i < spec.Tls.Count; i++) L4RouteRules.Check(spec.Tls[i], scope, place["tls"][i]);
        for (int i = 0; i < spec.Tcp.Count; i++) L4RouteRules.Check(spec.Tcp[i], scope, place["tcp"][i]);
        UnreachableRouteRules.Check(spec, place);
    }

    /// <summary>VS-5 to VS-7; what stands behind the first entry without a slash is not looked at.</summary>
    /// <param name="gateways">The names.</param>
    /// <param name="gatewayApi">Whether names need not be DNS labels.</param>
    /// <param name="at">Where they stand.</param>
    /// <param name="rule">The rule for names without a namespace.</param>
    public static void CheckGateways(EquatableArray<string> gateways, bool gatewayApi, Field at, string rule)
    {
        for (int i = 0; i < gateways.Count; i++)
        {
            string name = gateways[i];
            int slash = name.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                if (name.Contains('.', StringComparison.Ordinal)) at[i].Warning("VS-6", $"\"{name}\" is the old form of a gateway's name; write namespace/name");
                at[i].Check(rule, HostName.FqdnProblem(name));
                return;
            }
            (string ns, string gateway) = (name[..slash], name[(slash + 1)..]);
            if (!at[i].Require("VS-7", ns.Length > 0 && gateway.Length > 0, $"\"{name}\": namespace and name must not be empty")) continue;
            at[i].Check("VS-7", DnsLabel.Problem(ns));
            if (!gatewayApi) at[i].Check("VS-7", DnsLabel.Problem(gateway));
        }
    }

    private static void CheckDelegate(VirtualServiceSpec spec, Field at)
    {
        at["gateways"].Require("VS-1", spec.Gateways.IsEmpty, "a VirtualService without hosts is a delegate and takes its gateways from the one that refers to it");
        at["tls"].Require("VS-2", spec.Tls.IsEmpty, "a VirtualService without hosts is a delegate and has http routes only");
        at["tcp"].Require("VS-3", spec.Tcp.IsEmpty, "a VirtualService without hosts is a delegate and has http routes only");
    }

    private static void CheckHosts(VirtualServiceSpec spec, VirtualServiceScope scope, Field at)
    {
        bool serverNames = scope.GatewayBound && spec.Tls.Any(route => route.Match.Any(match => !match.SniHosts.IsEmpty));
        bool good = true;
        for (int i = 0; i < spec.Hosts.Count; i++)
        {
            string host = spec.Hosts[i];
            bool other = IpAddress.IsValid(host) || (serverNames && HostName.IsAutoSni(host));
            good &= at[i].Check(scope.GatewayBound ? "VS-9" : "VS-8", other ? null : HostName.WildcardProblem(host));
            good &= at[i].Require("VS-10", scope.GatewayBound || host != "*", "\"*\" is allowed only when bound to gateways; sidecars need names");
        }
        if (good) CheckOverlaps(spec.Hosts, at);
    }

    // Names are looked up; only wildcards, of which there are few, are compared with each other.
    private static void CheckOverlaps(EquatableArray<string> hosts, Field at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < hosts.Count; i++)
        {
            string host = hosts[i];
            string? other = seen.Contains(host) ? host : null;
            for (int j = 0; j < i && other is null; j++)
            {
                if ((host.StartsWith('*') || hosts[j].StartsWith('*')) && HostName.Overlap(host, hosts[j])) other = hosts[j];
            }
            at[i].Require("VS-11", other is null, $"\"{host}\" and \"{other}\" stand for the same names");
            seen.Add(host);
        }
    }
}
