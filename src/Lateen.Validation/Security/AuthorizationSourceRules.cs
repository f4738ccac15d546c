using Lateen.Resources;
using Lateen.Resources.Security;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Security;

/// <summary>Callers of an AuthorizationPolicy (AP-20, AP-31 to AP-37).</summary>
internal static class AuthorizationSourceRules
{
    private const int MaxServiceAccounts = 16;

    public static void Check(AuthorizationSource source, bool custom, Field at)
    {
        (string Name, EquatableArray<string> Values, bool ForCustom)[] lists =
        [
            ("principals", source.Principals, false), ("notPrincipals", source.NotPrincipals, false),
            ("requestPrincipals", source.RequestPrincipals, false), ("notRequestPrincipals", source.NotRequestPrincipals, false),
            ("namespaces", source.Namespaces, false), ("notNamespaces", source.NotNamespaces, false),
            ("ipBlocks", source.IpBlocks, true), ("notIpBlocks", source.NotIpBlocks, true),
            ("remoteIpBlocks", source.RemoteIpBlocks, true), ("notRemoteIpBlocks", source.NotRemoteIpBlocks, true),
            ("serviceAccounts", source.ServiceAccounts, false), ("notServiceAccounts", source.NotServiceAccounts, false),
            ("trustDomains", source.TrustDomains, false), ("notTrustDomains", source.NotTrustDomains, false),
        ];
        at.Require("AP-31", lists.Any(list => !list.Values.IsEmpty), "must not be empty");
        foreach ((string name, EquatableArray<string> values, bool forCustom) in lists)
        {
            at[name].Require("AP-20", !custom || forCustom || values.IsEmpty, "is not supported with action CUSTOM");
            CheckValues(name, values, at[name]);
        }
        bool accounts = at["serviceAccounts"].Written || at["notServiceAccounts"].Written;
        bool others = at["principals"].Written || at["notPrincipals"].Written || at["namespaces"].Written || at["notNamespaces"].Written;
        at["serviceAccounts"].Require("AP-32", !(accounts && others), "service accounts cannot go with principals or namespaces");
    }

    private static void CheckValues(string name, EquatableArray<string> values, Field at)
    {
        bool accounts = name is "serviceAccounts" or "notServiceAccounts";
        at.Require("AP-35", !accounts || values.Count <= MaxServiceAccounts, $"must not have more than {MaxServiceAccounts} entries");
        for (int i = 0; i < values.Count; i++)
        {
            (string rule, string? problem) = name switch
            {
                "serviceAccounts" or "notServiceAccounts" => ("AP-35", Identities.ServiceAccountProblem(values[i])),
                "trustDomains" or "notTrustDomains" => ("AP-36", Identities.TrustDomainProblem(values[i])),
                "ipBlocks" or "notIpBlocks" or "remoteIpBlocks" or "notRemoteIpBlocks" when values[i].Length > 0 => ("AP-33", Identities.IpBlockProblem(values[i])),
                _ => ("AP-34", values[i].Length == 0 ? "must not be empty" : null),
            };
            at[i].Check(rule, problem);
        }
    }
}
