using Lateen.Resources.Reading;

namespace Lateen.Validation.Tests;

public sealed class ResourceRulesTests
{
    [Theory]
    [InlineData("VirtualService", "{hosts: [a], http: [{}]}", "1:109: VirtualService default/x: spec.http[0]: needs one of route, redirect, directResponse and delegate")]
    [InlineData("VirtualService", "{http: [{redirect: {uri: /}, directResponse: {status: 200}}]}", "spec.http[0]: only one of")]
    [InlineData("VirtualService", "{http: [{redirect: {uri: /}, rewrite: {uri: /}}]}", "spec.http[0].rewrite: cannot go with redirect")]
    [InlineData("VirtualService", "{http: [{route: [{destination: {host: a}, weight: -1}]}]}", "spec.http[0].route[0].weight: must not be negative")]
    [InlineData("VirtualService", "{http: [{route: [{destination: {host: a}}, {destination: {host: b}}]}]}", "spec.http[0].route: the weights are all 0")]
    [InlineData("DestinationRule", "{host: ''}", "spec.host: must not be empty")]
    [InlineData("DestinationRule", "{host: a, subsets: [{name: v1}, {name: v1}]}", "spec.subsets[1].name: duplicate subset \"v1\"")]
    [InlineData("Gateway", "{servers: [{port: {number: 0, name: a, protocol: HTTP}, hosts: [a]}]}", "spec.servers[0].port.number: must be 1 to 65535")]
    [InlineData("Gateway", "{servers: [{port: {number: 443, name: a, protocol: HTTPS}, hosts: [a]}]}", "spec.servers[0]: HTTPS needs tls")]
    [InlineData("Gateway", "{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: []}]}", "spec.servers[0].hosts: needs at least one host")]
    [InlineData("ServiceEntry", "{hosts: []}", "spec.hosts: needs at least one host")]
    [InlineData("ServiceEntry", "{hosts: [a.b], endpoints: [{address: 1.1.1.1}]}", "spec.endpoints: cannot go with resolution NONE")]
    [InlineData("ServiceEntry", "{hosts: [a.b], ports: [{number: 80, name: a}, {number: 80, name: b}]}", "spec.ports[1].number: duplicate port 80")]
    [InlineData("ServiceEntry", "{hosts: [a.b], resolution: STATIC, endpoints: [{weight: 1}]}", "spec.endpoints[0].address: is needed")]
    [InlineData("PeerAuthentication", "{portLevelMtls: {'8080': {mode: STRICT}}}", "spec.portLevelMtls: needs a selector")]
    [InlineData("PeerAuthentication", "{selector: {matchLabels: {a: b}}, portLevelMtls: {http: {mode: STRICT}}}", "spec.portLevelMtls.http: must be a port")]
    [InlineData("Service", "{ports: [{port: 70000}]}", "spec.ports[0].port: must be 1 to 65535")]
    [InlineData("Service", "{ports: [{port: 1, name: a}, {port: 2}]}", "spec.ports[1]: needs a name")]
    [InlineData("Service", "{ports: [{port: 1, name: a}, {port: 2, name: a}]}", "spec.ports[1].name: duplicate port name \"a\"")]
    public void Broken_objects_are_refused(string kind, string spec, string message) =>
        Assert.Contains(message, Assert.Single(Check(kind, "x", spec)), StringComparison.Ordinal);

    [Theory]
    [InlineData("VirtualService", "{hosts: [a], http: [{delegate: {name: a}}, {route: [{destination: {host: a}, weight: 1}, {destination: {host: b}}]}]}")]
    [InlineData("Gateway", "{servers: [{port: {number: 0, name: a, protocol: HTTP}, bind: 'unix:///a', hosts: [a]}]}")]
    [InlineData("PeerAuthentication", "{selector: {matchLabels: {a: b}}, portLevelMtls: {8080: {mode: STRICT}}}")]
    [InlineData("ServiceEntry", "{hosts: [a.b], resolution: STATIC, endpoints: [{network: net1}]}")]
    [InlineData("Service", "{ports: [{port: 80}]}")]
    public void Good_objects_pass(string kind, string spec) => Assert.Empty(Check(kind, "x", spec));

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
        string group = kind switch { "Service" => "", "PeerAuthentication" => "security.istio.io/", _ => "networking.istio.io/" };
        ReadResult read = ResourceReader.Read("f.yaml", $"{{apiVersion: {group}v1, kind: {kind}, metadata: {{name: '{name}'}}, spec: {spec}}}");
        return [.. read.Errors.Select(error => error.ToString()), .. read.Documents.SelectMany(ResourceRules.Check).Select(finding => finding.ToString())];
    }
}
