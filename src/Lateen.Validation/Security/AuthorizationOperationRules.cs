using Lateen.Resources;
using Lateen.Resources.Security;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Security;

/// <summary>Operations of an AuthorizationPolicy (AP-41 to AP-44).</summary>
internal static class AuthorizationOperationRules
{
    public static void Check(AuthorizationOperation operation, Field at)
    {
        (string Name, EquatableArray<string> Values)[] lists =
        [
            ("hosts", operation.Hosts), ("notHosts", operation.NotHosts), ("ports", operation.Ports), ("notPorts", operation.NotPorts),
            ("methods", operation.Methods), ("notMethods", operation.NotMethods), ("paths", operation.Paths), ("notPaths", operation.NotPaths),
        ];
        at.Require("AP-41", lists.Any(list => !list.Values.IsEmpty), "must not be empty");
        foreach ((string name, EquatableArray<string> values) in lists)
        {
            for (int i = 0; i < values.Count; i++) CheckValue(name, values[i], at[name][i]);
        }
    }

    private static void CheckValue(string list, string value, Field at)
    {
        if (!at.Require("AP-43", value.Length > 0, "must not be empty")) return;
        if (list is "ports" or "notPorts") at.Require("AP-42", Numbers.IsPortText(value), $"\"{value}\" is no port");
        if (list is "paths" or "notPaths") at.Check("AP-44", PathTemplate.Problem(value));
    }
}
