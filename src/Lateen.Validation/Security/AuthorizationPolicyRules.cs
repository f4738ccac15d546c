using Lateen.Resources.Security;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Security;

/// <summary>AuthorizationPolicy as a whole (AP-2 to AP-11).</summary>
internal static class AuthorizationPolicyRules
{
    public static void Check(AuthorizationPolicy policy, Field at)
    {
        AuthorizationPolicySpec spec = policy.Spec;
        Field place = at["spec"];
        bool custom = spec.Action == AuthorizationAction.Custom;
        TargetReferences.Check(spec.Selector, spec.TargetRef, spec.TargetRefs, place);
        if (custom)
        {
            if (place.Require("AP-4", !spec.Rules.IsEmpty, "CUSTOM without rules never matches; rules: [{}] always does"))
                place["provider"].Require("AP-5", !string.IsNullOrEmpty(spec.Provider?.Name), "needs a name");
        }
        else
        {
            place["provider"].Require("AP-6", spec.Provider is null, "can be set with action CUSTOM only");
        }
        place.Require("AP-7", spec.Action != AuthorizationAction.Deny || !spec.Rules.IsEmpty, "DENY without rules never matches; rules: [{}] always does");
        place["rules"].Require("AP-9", spec.Rules.Count <= 512, "must not have more than 512 rules");
        for (int i = 0; i < spec.Rules.Count; i++)
        {
            CheckRule(spec.Rules[i], custom, place["rules"][i]);
            if (spec.Action == AuthorizationAction.Deny) WarnOfTcp(spec.Rules[i], place["rules"][i]);
        }
    }

    private static void CheckRule(AuthorizationRule rule, bool custom, Field at)
    {
        at["from"].Require("AP-9", rule.From.Count <= 512, "must not have more than 512 callers");
        for (int i = 0; i < rule.From.Count; i++)
        {
            Field place = at["from"][i];
            if (place.Require("AP-30", rule.From[i].Source is not null, "needs source")) AuthorizationSourceRules.Check(rule.From[i].Source!, custom, place["source"]);
        }
        for (int i = 0; i < rule.To.Count; i++)
        {
            Field place = at["to"][i];
            if (place.Require("AP-40", rule.To[i].Operation is not null, "needs operation")) AuthorizationOperationRules.Check(rule.To[i].Operation!, place["operation"]);
        }
        for (int i = 0; i < rule.When.Count; i++) AuthorizationConditionRules.Check(rule.When[i], custom, at["when"][i]);
    }

    // AP-11: what only HTTP has is left out on TCP ports, and of a DENY rule then remains what denies everything.
    private static void WarnOfTcp(AuthorizationRule rule, Field at)
    {
        bool from = rule.From.Any(entry => entry.Source is not null);
        bool to = rule.To.Any(entry => entry.Operation is not null);
        bool tcpSource = rule.From.Any(entry => entry.Source is { } source && !(source.Principals.IsEmpty && source.NotPrincipals.IsEmpty && source.IpBlocks.IsEmpty
            && source.NotIpBlocks.IsEmpty && source.Namespaces.IsEmpty && source.NotNamespaces.IsEmpty && source.RemoteIpBlocks.IsEmpty
            && source.NotRemoteIpBlocks.IsEmpty && source.ServiceAccounts.IsEmpty && source.NotServiceAccounts.IsEmpty));
        bool tcpOperation = rule.To.Any(entry => entry.Operation is { } operation && !(operation.Ports.IsEmpty && operation.NotPorts.IsEmpty));
        if ((from && !to && !tcpSource) || (to && !tcpOperation))
            at.Warning("AP-11", "denies all traffic of TCP ports, where nothing of it but ports can be seen; say which ports are meant");
    }
}
