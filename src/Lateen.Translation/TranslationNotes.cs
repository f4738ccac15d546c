using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Routes;

namespace Lateen.Translation;

/// <summary>Finds the fields of a mesh's resources that Translation does not carry out yet.</summary>
public static class TranslationNotes
{
    private const string NotYet = "not supported yet, has no effect";

    /// <summary>All notes of a snapshot, in the order of the resources.</summary>
    public static IReadOnlyList<TranslationNote> Of(MeshSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return
        [
            .. Notes(snapshot.Settings),
            .. snapshot.Content.VirtualServices.SelectMany(Notes),
            .. snapshot.Content.DestinationRules.SelectMany(Notes),
            .. snapshot.Content.Gateways.SelectMany(Notes),
            .. snapshot.Content.ServiceEntries.Where(entry => entry.Spec.Resolution == ServiceEntryResolution.DynamicDns)
                .Select(entry => TranslationNote.Of(entry, "spec.resolution", "DYNAMIC_DNS is " + NotYet)),
            .. Conflicts(snapshot),
        ];
    }

    /// <summary>Servers that a gateway of the mesh leaves out, as each gateway workload would find it.</summary>
    private static IEnumerable<TranslationNote> Conflicts(MeshSnapshot snapshot) =>
        snapshot.Workloads.Where(workload => snapshot.GatewaysFor(workload.Labels).Any(gateway => !gateway.Spec.Selector.IsEmpty))
            .DistinctBy(workload => (workload.Namespace, workload.WorkloadName))
            .SelectMany(workload => new ProxyConfiguration(snapshot, ProxyNode.GatewayOf(workload)).Conflicts())
            .Distinct();

    private static IEnumerable<TranslationNote> Notes(MeshSettings mesh)
    {
        if (mesh.OutboundTrafficPolicy == OutboundTrafficPolicyMode.AllowAnyDynamicDns)
        {
            yield return new TranslationNote(
                "MeshConfig", mesh.RootNamespace, "istio", "outboundTrafficPolicy.mode", "not supported yet, taken as ALLOW_ANY");
        }
    }

    private static IEnumerable<TranslationNote> Notes(VirtualService rules)
    {
        if (rules.Spec.Hosts.IsEmpty) yield return Note(rules, "spec", "a VirtualService to delegate to is " + NotYet);
        for (var i = 0; i < rules.Spec.Http.Count; i++)
            foreach (var note in Notes(rules, rules.Spec.Http[i], $"spec.http[{i}]")) yield return note;
        for (var i = 0; i < rules.Spec.Tcp.Count; i++)
            if (rules.Spec.Tcp[i].Match.Any(match => !string.IsNullOrEmpty(match.SourceSubnet)))
                yield return Note(rules, $"spec.tcp[{i}].match.sourceSubnet", "has no effect in Istio either");
    }

    private static IEnumerable<TranslationNote> Notes(VirtualService rules, HttpRoute route, string path)
    {
        if (route.Delegate is not null) yield return Note(rules, path + ".delegate", "not supported yet, the route is left out");
        if (route.Match.Any(match => match.Headers.Keys.Concat(match.WithoutHeaders.Keys).Any(RouteMatches.IsClaim)))
            yield return Note(rules, path + ".match.headers", "matching JWT claims is " + NotYet);
        if (route.Redirect is { RedirectCode: not (0 or 301 or 302 or 303 or 307 or 308) } redirect)
            yield return Note(rules, path + ".redirect.redirectCode", $"{redirect.RedirectCode} cannot be sent by the proxy, 301 is sent");
        if (route.Fault?.Delay?.ExponentialDelay is not null) yield return Note(rules, path + ".fault.delay.exponentialDelay", NotYet);
        if (route.Fault?.Abort?.Http2Error is not null) yield return Note(rules, path + ".fault.abort.http2Error", NotYet);
    }

    private static IEnumerable<TranslationNote> Notes(DestinationRule rule)
    {
        foreach (var note in Notes(rule, rule.Spec.TrafficPolicy, "spec.trafficPolicy")) yield return note;
        for (var i = 0; i < rule.Spec.Subsets.Count; i++)
            foreach (var note in Notes(rule, rule.Spec.Subsets[i].TrafficPolicy, $"spec.subsets[{i}].trafficPolicy")) yield return note;
    }

    private static IEnumerable<TranslationNote> Notes(DestinationRule rule, TrafficPolicy? policy, string path)
    {
        if (policy is null) yield break;
        foreach (var field in Unused(policy.LoadBalancer, policy.OutlierDetection, policy.Tls))
            yield return Note(rule, $"{path}.{field}", NotYet);
        if (policy.Tunnel is not null) yield return Note(rule, path + ".tunnel", NotYet);
        if (policy.ProxyProtocol is not null) yield return Note(rule, path + ".proxyProtocol", NotYet);
        if (policy.RetryBudget?.BudgetInterval is not null) yield return Note(rule, path + ".retryBudget.budgetInterval", NotYet);
        for (var i = 0; i < policy.PortLevelSettings.Count; i++)
        {
            var port = policy.PortLevelSettings[i];
            foreach (var field in Unused(port.LoadBalancer, port.OutlierDetection, port.Tls))
                yield return Note(rule, $"{path}.portLevelSettings[{i}].{field}", NotYet);
        }
    }

    private static IEnumerable<string> Unused(LoadBalancerSettings? loadBalancer, OutlierDetection? outlier, ClientTlsSettings? tls)
    {
        if (loadBalancer?.LocalityLbSetting is not null) yield return "loadBalancer.localityLbSetting";
        if (loadBalancer?.ZoneAwareLbSetting is not null) yield return "loadBalancer.zoneAwareLbSetting";
        if (loadBalancer?.BackendUtilization is not null) yield return "loadBalancer.backendUtilization";
        if (outlier is { OutlierDetectionHttpErrorCodes.IsEmpty: false }) yield return "outlierDetection.outlierDetectionHttpErrorCodes";
        if (outlier is { ConsecutiveErrors: > 0 }) yield return "outlierDetection.consecutiveErrors";
        if (!string.IsNullOrEmpty(tls?.CaCrl)) yield return "tls.caCrl";
    }

    private static IEnumerable<TranslationNote> Notes(Gateway gateway)
    {
        for (var i = 0; i < gateway.Spec.Servers.Count; i++)
        {
            var server = gateway.Spec.Servers[i];
            if (!string.IsNullOrEmpty(server.DefaultEndpoint))
                yield return Note(gateway, $"spec.servers[{i}].defaultEndpoint", "has no effect in Istio either");
            if (!string.IsNullOrEmpty(server.Tls?.CaCrl)) yield return Note(gateway, $"spec.servers[{i}].tls.caCrl", NotYet);
        }
    }

    private static TranslationNote Note(IstioResource resource, string field, string reason) => TranslationNote.Of(resource, field, reason);
}
