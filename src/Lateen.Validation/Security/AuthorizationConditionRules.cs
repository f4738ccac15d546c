using Lateen.Resources;
using Lateen.Resources.Security;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Security;

/// <summary>Conditions of an AuthorizationPolicy (AP-21, AP-50 to AP-71).</summary>
internal static class AuthorizationConditionRules
{
    public static void Check(AuthorizationCondition condition, bool custom, Field at)
    {
        string key = condition.Key;
        if (!at["key"].Require("AP-50", key.Length > 0, "must not be empty")) return;
        bool identity = key is "source.namespace" or "source.serviceAccount" or "source.trustDomain" or "source.principal" || Begins(key, "request.auth.");
        at["key"].Require("AP-21", !(custom && identity), $"\"{key}\" is not supported with action CUSTOM");
        at.Require("AP-51", !condition.Values.IsEmpty || !condition.NotValues.IsEmpty, "needs values or notValues");
        (string keyRule, string? keyProblem) = KeyProblem(key);
        if (!at["key"].Check(keyRule, keyProblem)) return;
        CheckValues(key, condition.Values, at["values"]);
        CheckValues(key, condition.NotValues, at["notValues"]);
    }

    private static (string Rule, string? Problem) KeyProblem(string key) => key switch
    {
        "source.ip" or "remote.ip" or "destination.ip" or "source.namespace" or "source.principal" or "request.auth.principal" or "request.auth.audiences"
            or "request.auth.presenter" or "connection.sni" or "source.serviceAccount" or "source.trustDomain" or "destination.port" => ("AP-53", null),
        _ when Begins(key, "request.headers") => ("AP-60", FormProblem(key)),
        _ when Begins(key, "request.auth.claims") => ("AP-65", FormProblem(key)),
        _ when Begins(key, "experimental.envoy.filters.") => ("AP-67", FormProblem(key)),
        "destination.namespace" => ("AP-68", "is replaced by the policy's own namespace"),
        _ when Begins(key, "destination.labels") => ("AP-69", "is replaced by the policy's selector"),
        "destination.name" or "destination.user" => ("AP-70", $"\"{key}\" existed in v1alpha1 only"),
        _ => ("AP-53", $"\"{key}\" is no known attribute"),
    };

    // name[value], of which only the brackets and that something is between them count.
    private static string? FormProblem(string key)
    {
        int open = key.IndexOf('[', StringComparison.Ordinal);
        return open > 0 && key.EndsWith(']') && key.Length - open > 2 ? null : $"\"{key}\" must be written as attribute[name]";
    }

    private static void CheckValues(string key, EquatableArray<string> values, Field at)
    {
        at.Require("AP-63", key != "source.serviceAccount" || values.Count <= 16, "must not have more than 16 entries");
        for (int i = 0; i < values.Count; i++)
        {
            if (!at[i].Require("AP-52", values[i].Length > 0, "must not be empty")) continue;
            (string rule, string? problem) = key switch
            {
                "source.ip" or "remote.ip" or "destination.ip" => ("AP-61", Identities.IpBlockProblem(values[i])),
                "source.serviceAccount" => ("AP-63", Identities.ServiceAccountProblem(values[i])),
                "source.trustDomain" => ("AP-64", Identities.WildcardProblem(values[i])),
                "destination.port" => ("AP-66", Numbers.IsPortText(values[i]) ? null : $"\"{values[i]}\" is no port"),
                _ => ("AP-62", null),
            };
            at[i].Check(rule, problem);
        }
    }

    private static bool Begins(string key, string start) => key.StartsWith(start, StringComparison.Ordinal);
}
