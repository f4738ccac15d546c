using k8s.Models;
using Lateen.Resources;
using Lateen.Resources.Extensions;
using Lateen.Resources.Networking;
using Lateen.Resources.Observability;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;
using Lateen.Validation.Extensions;
using Lateen.Validation.Networking;
using Lateen.Validation.Observability;
using Lateen.Validation.Security;
using Lateen.Validation.Shared;

namespace Lateen.Validation;

/// <summary>
/// Rules on a single object: those of Kubernetes, of Istio's schemas and of Istio's validation webhook. What breaks an error of any of them
/// a cluster would refuse.
/// </summary>
public static class ResourceRules
{
    /// <summary>What is wrong with an object: errors, with which it cannot be used, and warnings.</summary>
    public static IEnumerable<Finding> Check(ResourceDocument document)
    {
        if (document.Resource is null) return [];
        var report = new RuleReport(document.Key, document.Origin);
        var root = new Field(report);
        ObjectRules.CheckName(document.Key, root["metadata"]);
        if (document.Resource is IstioResource resource)
        {
            ObjectRules.CheckAnnotations(resource, root["metadata"]["annotations"]);
            if (report.HasErrors) return report.Findings;
        }
        CheckKind(document.Resource, root);
        return report.Findings;
    }

    private static void CheckKind(object resource, Field root)
    {
        switch (resource)
        {
            case V1Service service: KubernetesServiceRules.Check(service.Spec, root["spec"]); break;
            case VirtualService service: VirtualServiceRules.Check(service, root); break;
            case DestinationRule rule: DestinationRuleRules.Check(rule, root); break;
            case Gateway gateway: GatewayRules.Check(gateway, root); break;
            case ServiceEntry entry: ServiceEntryRules.Check(entry, root); break;
            case Sidecar sidecar: SidecarRules.Check(sidecar, root); break;
            case WorkloadEntry entry: WorkloadEntryRules.Check(entry, root); break;
            case WorkloadGroup group: WorkloadGroupRules.Check(group, root); break;
            case EnvoyFilter filter: EnvoyFilterRules.Check(filter, root); break;
            case ProxyConfig config: ProxyConfigRules.Check(config, root); break;
            case PeerAuthentication policy: PeerAuthenticationRules.Check(policy, root); break;
            case RequestAuthentication policy: RequestAuthenticationRules.Check(policy, root); break;
            case AuthorizationPolicy policy: AuthorizationPolicyRules.Check(policy, root); break;
            case Telemetry telemetry: TelemetryRules.Check(telemetry, root); break;
            case WasmPlugin plugin: WasmPluginRules.Check(plugin, root); break;
            case TrafficExtension extension: TrafficExtensionRules.Check(extension, root); break;
        }
    }
}
