using System.Text.Json.Nodes;
using Lateen.Cli.Output;
using Lateen.Validation;

namespace Lateen.Cli.Validating;

/// <summary>Writes findings for other programs: as a JSON list, or as SARIF 2.1.0.</summary>
internal static class FindingJson
{
    /// <summary>A list of objects with code, severity, rule, kind, namespace, name, path, file, line, column and message.</summary>
    internal static string List(IEnumerable<Finding> findings) => Formats.Json(findings.Select(finding => new JsonObject
    {
        ["code"] = finding.Code,
        ["severity"] = finding.Severity.ToString().ToLowerInvariant(),
        ["rule"] = finding.Rule,
        ["kind"] = finding.Kind,
        ["namespace"] = finding.Namespace,
        ["name"] = finding.Name,
        ["path"] = finding.Path,
        ["file"] = finding.Position?.File,
        ["line"] = finding.Position?.Line,
        ["column"] = finding.Position?.Column,
        ["message"] = finding.Message,
    }));

    /// <summary>A SARIF log of one run.</summary>
    internal static string Sarif(IReadOnlyList<Finding> findings, string version) => Formats.Json(new JsonObject
    {
        ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
        ["version"] = "2.1.0",
        ["runs"] = new JsonArray(new JsonObject
        {
            ["tool"] = new JsonObject { ["driver"] = new JsonObject { ["name"] = "lateen", ["version"] = version, ["rules"] = Rules(findings) } },
            ["results"] = new JsonArray([.. findings.Select(Result)]),
        }),
    });

    private static JsonArray Rules(IEnumerable<Finding> findings) =>
        new([.. findings.Select(RuleId).Distinct().Order(StringComparer.Ordinal).Select(id => new JsonObject { ["id"] = id })]);

    private static JsonObject Result(Finding finding)
    {
        var result = new JsonObject
        {
            ["ruleId"] = RuleId(finding),
            ["level"] = finding.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" },
            ["message"] = new JsonObject { ["text"] = finding.Path.Length > 0 ? $"{finding.Path}: {finding.Message}" : finding.Message },
        };
        if (finding.Position is { } position)
        {
            result["locations"] = new JsonArray(new JsonObject
            {
                ["physicalLocation"] = new JsonObject
                {
                    ["artifactLocation"] = new JsonObject { ["uri"] = position.File.Replace('\\', '/') },
                    ["region"] = new JsonObject { ["startLine"] = position.Line, ["startColumn"] = position.Column },
                },
            });
        }

        return result;
    }

    private static string RuleId(Finding finding) => finding.Rule.Length > 0 ? finding.Rule : finding.Code;
}
