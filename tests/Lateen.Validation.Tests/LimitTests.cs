namespace Lateen.Validation.Tests;

/// <summary>How much of something the schemas allow: one more is refused, the limit itself is not.</summary>
public sealed class LimitTests
{
    private const string Port = "ports: [{number: 80, name: http, protocol: HTTP}]";

    public static TheoryData<string, string, int, Func<int, string>> Limits => new()
    {
        { "DestinationRule", "SEL-4", 63, n => $"{{host: a, workloadSelector: {{matchLabels: {{a: {Text(n)}}}}}}}" },
        { "DestinationRule", "SEL-5", 4096, n => $"{{host: a, workloadSelector: {{matchLabels: {{{Items(n, i => $"k{i}: v")}}}}}}}" },
        { "DestinationRule", "DR-18", 4096, n => $"{{host: a, trafficPolicy: {{portLevelSettings: [{Items(n, i => $"{{port: {{number: {i}}}, tls: {{}}}}")}]}}}}" },
        { "Sidecar", "SEL-11", 256, n => $"{{outboundTrafficPolicy: {{}}, workloadSelector: {{labels: {{{Items(n, i => $"k{i}: v")}}}}}}}" },
        { "AuthorizationPolicy", "TR-7", 253, n => $"{{targetRefs: [{{kind: Service, name: {Text(n)}}}]}}" },
        { "AuthorizationPolicy", "TR-9", 16, n => $"{{targetRefs: [{Items(n, i => $"{{kind: Service, name: s{i}}}")}]}}" },
        { "AuthorizationPolicy", "AP-9", 512, n => $"{{rules: [{Items(n, _ => "{}")}]}}" },
        { "AuthorizationPolicy", "AP-9", 512, n => $"{{rules: [{{from: [{Items(n, i => $"{{source: {{namespaces: [n{i}]}}}}")}]}}]}}" },
        { "AuthorizationPolicy", "AP-35", 16, n => $"{{rules: [{{from: [{{source: {{serviceAccounts: [{Items(n, i => $"s{i}")}]}}}}]}}]}}" },
        { "AuthorizationPolicy", "AP-63", 16, n => $"{{rules: [{{when: [{{key: source.serviceAccount, values: [{Items(n, i => $"s{i}")}]}}]}}]}}" },
        { "ServiceEntry", "SE-4", 256, n => $"{{hosts: [{Items(n, i => $"h{i}.com")}], {Port}}}" },
        { "ServiceEntry", "SE-10", 256, n => $"{{hosts: [a.com], {Port}, addresses: [{Items(n, i => $"10.0.{i / 200}.{i % 200}")}]}}" },
        { "ServiceEntry", "SE-18", 256, n => $"{{hosts: [a.com], ports: [{Items(n, i => $"{{number: {i + 1}, name: p{i}, protocol: HTTP}}")}]}}" },
        { "ServiceEntry", "SE-42", 4096, n => $"{{hosts: [a.com], {Port}, resolution: STATIC, endpoints: [{Items(n, i => $"{{address: 10.1.{i / 200}.{i % 200}}}")}]}}" },
        { "WorkloadEntry", "WE-9", 128, n => $"{{address: 1.1.1.1, ports: {{{Items(n, i => $"p{i}: 80")}}}}}" },
        { "WorkloadEntry", "WE-9", 256, n => $"{{address: 1.1.1.1, labels: {{{Items(n, i => $"k{i}: v")}}}}}" },
        { "WorkloadEntry", "WE-9", 2048, n => $"{{address: 1.1.1.1, locality: {Text(n)}}}" },
        { "WorkloadEntry", "WE-9", 253, n => $"{{address: 1.1.1.1, serviceAccount: {Text(n)}}}" },
        { "WorkloadGroup", "WG-3", 256, n => $"{{template: {{}}, metadata: {{annotations: {{{Items(n, i => $"k{i}: v")}}}}}}}" },
        { "ProxyConfig", "PC-3", 2048, n => $"{{environmentVariables: {{A: {Text(n)}}}}}" },
        { "RequestAuthentication", "RA-2", 4096, n => $"{{jwtRules: [{Items(n, i => $"{{issuer: i{i}}}")}]}}" },
        { "RequestAuthentication", "RA-15", 64, n => $"{{jwtRules: [{{issuer: i, spaceDelimitedClaims: [{Items(n, i => $"c{i}")}]}}]}}" },
        { "WasmPlugin", "WP-5", 253, n => $"{{url: a, imagePullSecret: {Text(n)}}}" },
        { "WasmPlugin", "WP-6", 256, n => $"{{url: a, pluginName: {Text(n)}}}" },
        { "WasmPlugin", "WP-8", 256, n => $"{{url: a, vmConfig: {{env: [{{name: {Text(n)}}}]}}}}" },
        { "WasmPlugin", "WP-11", 256, n => $"{{url: a, vmConfig: {{env: [{Items(n, i => $"{{name: e{i}}}")}]}}}}" },
        { "WasmPlugin", "WP-11", 2048, n => $"{{url: a, vmConfig: {{env: [{{name: a, value: {Text(n)}}}]}}}}" },
        { "TrafficExtension", "TX-4", 65536, n => $"{{lua: {{inlineCode: {Text(n)}}}}}" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Limits))]
    public void The_limit_is_allowed_and_one_more_is_not(string kind, string rule, int limit, Func<int, string> spec)
    {
        RuleTable.Accepts(kind, spec(limit));
        RuleTable.Rejects(kind, rule, spec(limit + 1));
    }

    [Fact]
    public void An_EnvoyFilter_may_refer_to_any_kind() => RuleTable.Accepts("EnvoyFilter", "{targetRefs: [{group: apps, kind: Deployment, name: a}]}");

    private static string Text(int length) => new('x', length);

    private static string Items(int count, Func<int, string> item) =>
        string.Join(", ", Enumerable.Range(0, count).Select(i => item(i)));
}
