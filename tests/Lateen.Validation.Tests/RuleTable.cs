using Lateen.Resources.Reading;

namespace Lateen.Validation.Tests;

/// <summary>
/// Tables of specs, one in a line: a rule (or the number of an edge case), the spec, and behind <c>@</c> the metadata when it matters.
/// </summary>
internal static class RuleTable
{
    private static readonly Dictionary<string, string> ApiVersions = new()
    {
        ["EnvoyFilter"] = "networking.istio.io/v1alpha3",
        ["ProxyConfig"] = "networking.istio.io/v1beta1",
        ["PeerAuthentication"] = "security.istio.io/v1",
        ["RequestAuthentication"] = "security.istio.io/v1",
        ["AuthorizationPolicy"] = "security.istio.io/v1",
        ["Telemetry"] = "telemetry.istio.io/v1",
        ["WasmPlugin"] = "extensions.istio.io/v1alpha1",
        ["TrafficExtension"] = "extensions.istio.io/v1alpha1",
        ["Service"] = "v1",
    };

    /// <summary>The lines of a table; <c>$NAME</c> stands for a text used often.</summary>
    public static TheoryData<string, string> Of(string table, params (string Name, string Text)[] words)
    {
        var rows = new TheoryData<string, string>();
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = Expand(line, words).Split(' ', 2);
            rows.Add(parts[0], parts[1]);
        }
        return rows;
    }

    /// <summary>The lines of a table whose first word is the kind.</summary>
    public static TheoryData<string, string, string> OfKinds(string table, params (string Name, string Text)[] words)
    {
        var rows = new TheoryData<string, string, string>();
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = Expand(line, words).Split(' ', 3);
            rows.Add(parts[0], parts[1], parts[2]);
        }
        return rows;
    }

    /// <summary>The spec is refused because of the rule: by the rules, or already when it is read (enums, oneofs, types).</summary>
    public static void Rejects(string kind, string rule, string row)
    {
        (IReadOnlyList<ReadError> errors, Finding[] findings) = Read(kind, row);
        // A slip in the table itself would be an error of syntax, outside of any object.
        Assert.All(errors, error => Assert.NotNull(error.Object));
        if (errors.Count > 0) return;
        Assert.Contains(findings, finding => finding.Severity == Severity.Error && finding.Rule == rule);
    }

    /// <summary>The spec is taken, with the rule's warning.</summary>
    public static void Warns(string kind, string rule, string row)
    {
        (IReadOnlyList<ReadError> errors, Finding[] findings) = Read(kind, row);
        Assert.Empty(errors);
        Assert.DoesNotContain(findings, finding => finding.Severity == Severity.Error);
        Assert.Contains(findings, finding => finding.Rule == rule);
    }

    /// <summary>The spec is taken without a word.</summary>
    public static void Accepts(string kind, string row)
    {
        (IReadOnlyList<ReadError> errors, Finding[] findings) = Read(kind, row);
        Assert.Empty(errors);
        Assert.Empty(findings.Where(finding => finding.Rule != "EF-1").Select(finding => $"{finding.Rule} {finding}"));
    }

    private static string Expand(string line, (string Name, string Text)[] words) =>
        words.Aggregate(line, (text, word) => text.Replace($"${word.Name}", word.Text, StringComparison.Ordinal));

    private static (IReadOnlyList<ReadError> Errors, Finding[] Findings) Read(string kind, string row)
    {
        string[] parts = row.Split(" @ ");
        string metadata = parts.Length > 1 ? parts[1] : "{name: x}";
        string version = ApiVersions.GetValueOrDefault(kind, "networking.istio.io/v1");
        ReadResult read = ResourceReader.Read("f.yaml", $"{{apiVersion: {version}, kind: {kind}, metadata: {metadata}, spec: {parts[0]}}}");
        return (read.Errors, [.. read.Documents.SelectMany(ResourceRules.Check)]);
    }
}
