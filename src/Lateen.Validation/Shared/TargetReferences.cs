using System.Text.RegularExpressions;
using Lateen.Resources;

namespace Lateen.Validation.Shared;

/// <summary>What policies are attached to (TR).</summary>
internal static partial class TargetReferences
{
    /// <summary>Selector, <c>targetRef</c> and <c>targetRefs</c> of a policy's spec, and TR-1: only one of them.</summary>
    public static void Check(WorkloadSelector? selector, TargetReference? target, EquatableArray<TargetReference> targets, Field spec)
    {
        int written = (spec["selector"].Written ? 1 : 0) + (spec["targetRef"].Written ? 1 : 0) + (spec["targetRefs"].Written ? 1 : 0);
        spec.Require("TR-1", written <= 1, "only one of selector, targetRef and targetRefs may be set");
        Selectors.Check(selector, spec["selector"]);
        if (target is not null) Check(target, spec["targetRef"], kindsLimited: true);
        Check(targets, spec["targetRefs"], kindsLimited: true);
    }

    /// <summary>TR-2 to TR-9.</summary>
    /// <param name="targets">The references.</param>
    /// <param name="at">Where they stand.</param>
    /// <param name="kindsLimited">Whether TR-4 holds; not for EnvoyFilters (TR-11).</param>
    public static void Check(EquatableArray<TargetReference> targets, Field at, bool kindsLimited)
    {
        at.Require("TR-9", targets.Count <= 16, "must not have more than 16 references");
        for (int i = 0; i < targets.Count; i++) Check(targets[i], at[i], kindsLimited);
    }

    private static void Check(TargetReference target, Field at, bool kindsLimited)
    {
        string group = target.Group ?? "";
        at["name"].Require("TR-2", target.Name.Length > 0, "must not be empty");
        at["name"].Require("TR-7", target.Name.Length <= 253, "must not be longer than 253");
        at["namespace"].Require("TR-3", string.IsNullOrEmpty(target.Namespace), "must be empty: a target is in the policy's own namespace");
        at["group"].Require("TR-5", group.Length <= 253 && Group().IsMatch(group), $"\"{group}\" is no API group");
        if (!at["kind"].Require("TR-6", target.Kind.Length is > 0 and <= 63 && Kind().IsMatch(target.Kind), $"\"{target.Kind}\" is no kind")) return;
        bool known = (group, target.Kind) is ("" or "core", "Service") or ("networking.istio.io", "ServiceEntry")
            or ("gateway.networking.k8s.io", "Gateway" or "GatewayClass");
        at.Require("TR-4", known || !kindsLimited,
            $"must be a Service, a ServiceEntry of networking.istio.io, or a Gateway or GatewayClass of gateway.networking.k8s.io, not {group}/{target.Kind}");
    }

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?\z")]
    private static partial Regex Group();

    [GeneratedRegex(@"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?\z")]
    private static partial Regex Kind();
}
