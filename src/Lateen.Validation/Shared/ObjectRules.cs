using System.Text.RegularExpressions;
using Lateen.Resources;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;

namespace Lateen.Validation.Shared;

/// <summary>Rules on names and annotations (M).</summary>
internal static partial class ObjectRules
{
    private const string DryRun = "istio.io/dry-run";
    private const string GatewaySemantics = "internal.istio.io/gateway-semantics";
    private const string RouteSemantics = "internal.istio.io/route-semantics";

    private static readonly (string Rule, string Annotation)[] Reserved =
    [
        ("M-4", "internal.istio.io/webhook-always-reject"), ("M-5", "internal.istio.io/parent-namespace"), ("M-6", "internal.istio.io/parents"),
    ];

    /// <summary>M-8: what Kubernetes asks of names.</summary>
    public static void CheckName(ObjectKey key, Field at)
    {
        at["name"].Require("M-8", key.Name.Length <= 253 && DnsSubdomain().IsMatch(key.Name),
            $"\"{key.Name}\" is no name: lower-case letters, digits, '-' and '.', at most 253");
        at["namespace"].Require("M-8", key.Namespace.Length == 0 || (key.Namespace.Length <= 63 && Namespace().IsMatch(key.Namespace)),
            $"\"{key.Namespace}\" is no namespace: lower-case letters, digits and '-', at most 63");
    }

    /// <summary>M-1 to M-6. After an error here nothing else is checked.</summary>
    public static void CheckAnnotations(IstioResource resource, Field at)
    {
        EquatableMap<string> annotations = resource.Metadata.Annotations;
        if (annotations.TryGetValue(DryRun, out string? value)) at[DryRun].Check(DryRunRule(resource), DryRunProblem(resource, value));
        foreach ((string rule, string annotation) in Reserved)
        {
            if (annotations.ContainsKey(annotation)) at[annotation].Error(rule, "this annotation is not for users");
        }
    }

    /// <summary>Whether a Gateway was made of one of Kubernetes' Gateway API.</summary>
    public static bool HasGatewaySemantics(IstioResource resource) => resource.Metadata.Annotations.GetValueOrDefault(GatewaySemantics) == "gateway";

    /// <summary>M-11: whether a VirtualService was made of a route of Kubernetes' Gateway API.</summary>
    public static bool HasRouteSemantics(IstioResource resource) => resource.Metadata.Annotations.GetValueOrDefault(RouteSemantics) == "gateway";

    private static string DryRunRule(IstioResource resource) => resource switch
    {
        AuthorizationPolicy { Spec.Action: AuthorizationAction.Allow or AuthorizationAction.Deny } => "M-2",
        AuthorizationPolicy => "M-3",
        _ => "M-1",
    };

    private static string? DryRunProblem(IstioResource resource, string value)
    {
        if (resource is not AuthorizationPolicy policy) return "only an AuthorizationPolicy can be tried without effect";
        if (policy.Spec.Action is not (AuthorizationAction.Allow or AuthorizationAction.Deny)) return "only the actions ALLOW and DENY can be tried without effect";
        bool boolean = value is "1" or "t" or "T" or "TRUE" or "true" or "True" or "0" or "f" or "F" or "FALSE" or "false" or "False";
        return boolean ? null : $"expected true or false, found \"{value}\"";
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex DnsSubdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Namespace();
}
