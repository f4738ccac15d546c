using Lateen.Resources.Reading;

namespace Lateen.Validation.Tests;

public sealed class ResourceRulesTests
{
    [Fact]
    public void A_finding_says_where_what_and_by_which_rule()
    {
        ReadResult read = ResourceReader.Read("f.yaml", """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: x}
            spec:
              hosts: [a]
              http:
                - match:
                    - headers: {x.y: {prefix: ""}}
                  route:
                    - destination: {host: a}
            """);
        Finding finding = Assert.Single(ResourceRules.Check(Assert.Single(read.Documents)));
        Assert.Equal(("VS-41", FindingCodes.Invalid, Severity.Error), (finding.Rule, finding.Code, finding.Severity));
        Assert.Equal(
            "f.yaml:8:27: VirtualService default/x: spec.http[0].match[0].headers[\"x.y\"].prefix: must not be empty", finding.ToString());
    }

    [Fact]
    public void The_samples_are_good()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Lateen.slnx"))) root = Path.GetDirectoryName(root)!;
        string[] files = Directory.GetFiles(Path.Combine(root, "samples"), "*.yaml", SearchOption.AllDirectories);
        foreach (string file in files.Where(file => Path.GetFileName(file) != "local.yaml"))
        {
            ReadResult read = ResourceReader.Read(file, File.ReadAllText(file));
            Assert.Empty(read.Errors);
            Assert.Empty(read.Documents.SelectMany(ResourceRules.Check).Select(finding => finding.ToString()));
        }
    }

    [Theory]
    [InlineData("{ports: [{port: 70000}]}", "spec.ports[0].port: must be 1 to 65535")]
    [InlineData("{ports: [{port: 1, name: a}, {port: 2}]}", "spec.ports[1]: needs a name")]
    [InlineData("{ports: [{port: 1, name: a}, {port: 2, name: a}]}", "spec.ports[1].name: duplicate port name \"a\"")]
    public void Broken_services_are_refused(string spec, string message) =>
        Assert.Contains(message, Assert.Single(Check("Service", "x", spec)), StringComparison.Ordinal);

    [Theory]
    [InlineData("UPPER")]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Names_are_those_of_Kubernetes(string name) =>
        Assert.Contains("metadata.name: ", Assert.Single(Check("VirtualService", name, "{}")), StringComparison.Ordinal);

    private static string[] Check(string kind, string name, string spec)
    {
        string group = kind == "Service" ? "" : "networking.istio.io/";
        ReadResult read = ResourceReader.Read("f.yaml", $"{{apiVersion: {group}v1, kind: {kind}, metadata: {{name: '{name}'}}, spec: {spec}}}");
        return [.. read.Errors.Select(error => error.ToString()), .. read.Documents.SelectMany(ResourceRules.Check).Select(finding => finding.ToString())];
    }
}
