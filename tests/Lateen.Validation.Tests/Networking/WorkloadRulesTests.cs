namespace Lateen.Validation.Tests.Networking;

public sealed class WorkloadRulesTests
{
    public static TheoryData<string, string, string> Rejected => RuleTable.OfKinds("""
        WorkloadEntry WE-1 {}
        WorkloadEntry WE-1 {labels: {a: b}}
        WorkloadEntry WE-3 {address: 'unix://'}
        WorkloadEntry WE-3 {address: 'unix:///a/'}
        WorkloadEntry WE-4 {address: 'unix:///a', ports: {http: 1}}
        WorkloadEntry WE-5 {address: foo_bar.com}
        WorkloadEntry WE-5 {address: 10.0.0.1/32}
        WorkloadEntry WE-6 {address: 1.1.1.1, ports: {a_b: 1}}
        WorkloadEntry WE-6 {address: 1.1.1.1, ports: {aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1}}
        WorkloadEntry WE-7 {address: 1.1.1.1, ports: {http: 65536}}
        WorkloadEntry WE-8 {address: 1.1.1.1, labels: {a: 'b c'}}
        WorkloadEntry WE-9 {address: 1.1.1.1, weight: -1}
        WorkloadGroup WG-1 {}
        WorkloadGroup WG-2 {metadata: {labels: {'': a}}, template: {}}
        WorkloadGroup WE-7 {template: {ports: {http: 0}}}
        WorkloadGroup WG-5 {template: {}, probe: {}}
        WorkloadGroup WG-5 {template: {}, probe: {grpc: {port: 1}}}
        WorkloadGroup WG-6 {template: {}, probe: {tcpSocket: {port: 1}, exec: {command: [a]}}}
        WorkloadGroup WG-7 {template: {}, probe: {tcpSocket: {port: 1}, periodSeconds: -1}}
        WorkloadGroup WG-7 {template: {}, probe: {tcpSocket: {port: 1}, failureThreshold: -1}}
        WorkloadGroup WG-8 {template: {}, probe: {tcpSocket: {port: 0}}}
        WorkloadGroup WG-8 {template: {}, probe: {httpGet: {port: 65536}}}
        WorkloadGroup WG-9 {template: {}, probe: {grpc: {port: 0}}}
        WorkloadGroup WG-10 {template: {}, probe: {httpGet: {port: 1, scheme: http}}}
        WorkloadGroup WG-11 {template: {}, probe: {httpGet: {port: 1, httpHeaders: [{name: x_a}]}}}
        WorkloadGroup WG-12 {template: {}, probe: {exec: {command: []}}}
        ProxyConfig SEL-2 {selector: {matchLabels: {'*': a}}}
        ProxyConfig PC-2 {concurrency: -1}
        """);

    public static TheoryData<string, string, string> Warned => RuleTable.OfKinds("""
        WorkloadEntry WE-2 {network: a}
        ProxyConfig SEL-6 {selector: {}}
        """);

    public static TheoryData<string, string, string> Accepted => RuleTable.OfKinds("""
        WorkloadEntry A67 {address: 'fe80::1%eth0'}
        WorkloadEntry A67 {address: 'unix://@'}
        WorkloadEntry WE-5 {address: db.internal, ports: {http: 80}, labels: {a: b}, weight: 0}
        WorkloadGroup A68 {template: {}}
        WorkloadGroup A68 {template: {labels: {'a b': c}}}
        WorkloadGroup WG-12 {template: {}, probe: {exec: {command: [a]}}}
        ProxyConfig A86 {concurrency: 0, image: {imageType: distroless}}
        """);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string kind, string rule, string spec) => RuleTable.Rejects(kind, rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string kind, string rule, string spec) => RuleTable.Warns(kind, rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string kind, string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts(kind, spec);
    }
}
