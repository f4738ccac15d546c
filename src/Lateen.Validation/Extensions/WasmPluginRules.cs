using System.Text.RegularExpressions;
using Lateen.Resources;
using Lateen.Resources.Extensions;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Extensions;

/// <summary>WasmPlugin, and what TrafficExtension has in common with it (WP).</summary>
internal static partial class WasmPluginRules
{
    public static void Check(WasmPlugin plugin, Field at)
    {
        WasmPluginSpec spec = plugin.Spec;
        Field place = at["spec"];
        // WP-1
        TargetReferences.Check(spec.Selector, spec.TargetRef, spec.TargetRefs, place);
        CheckModule(spec.Url, spec.Sha256, spec.ImagePullSecret, spec.PluginName, spec.VmConfig, place);
        CheckMatch(spec.Match, place["match"]);
    }

    /// <summary>WP-2 to WP-11.</summary>
    public static void CheckModule(string url, string? sha256, string? secret, string? name, VmConfig? machine, Field at)
    {
        if (at["url"].Require("WP-2", url.Length > 0, "must not be empty")) at["url"].Check("WP-3", UrlSyntax.ModuleProblem(url));
        at["sha256"].Require("WP-4", string.IsNullOrEmpty(sha256) || Sha256().IsMatch(sha256), "must be 64 hexadecimal digits in lower case");
        at["imagePullSecret"].Require("WP-5", secret is null or { Length: > 0 and <= 253 }, "must have 1 to 253 characters");
        at["pluginName"].Require("WP-6", name is null or { Length: > 0 and <= 256 }, "must have 1 to 256 characters");
        if (machine is not null) CheckEnvironment(machine.Env, at["vmConfig"]["env"]);
    }

    /// <summary>WP-12 to WP-14.</summary>
    public static void CheckMatch(EquatableArray<TrafficSelector> match, Field at)
    {
        for (int i = 0; i < match.Count; i++)
        {
            var numbers = new HashSet<uint>();
            for (int j = 0; j < match[i].Ports.Count; j++)
            {
                Field number = at[i]["ports"][j]["number"];
                number.Check("WP-12", Numbers.PortProblem(match[i].Ports[j].Number));
                number.Require("WP-13", numbers.Add(match[i].Ports[j].Number), "is there twice");
            }
        }
    }

    private static void CheckEnvironment(EquatableArray<VmEnvironmentVariable> variables, Field at)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        at.Require("WP-11", variables.Count <= 256, "must not have more than 256 variables");
        for (int i = 0; i < variables.Count; i++)
        {
            VmEnvironmentVariable variable = variables[i];
            at[i]["name"].Require("WP-7", variable.Name.Length > 0, "must not be empty");
            at[i]["name"].Require("WP-8", variable.Name.Length <= 256, "must not be longer than 256");
            at[i]["name"].Require("WP-9", names.Add(variable.Name), $"\"{variable.Name}\" is there twice");
            at[i]["value"].Require("WP-10", variable.ValueFrom != VmValueSource.Host || !at[i]["value"].Written, "cannot go with valueFrom HOST");
            at[i]["value"].Require("WP-11", (variable.Value?.Length ?? 0) <= 2048, "must not be longer than 2048");
        }
    }

    [GeneratedRegex(@"^[a-f0-9]{64}\z")]
    private static partial Regex Sha256();
}
