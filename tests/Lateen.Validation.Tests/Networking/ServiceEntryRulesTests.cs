namespace Lateen.Validation.Tests.Networking;

public sealed class ServiceEntryRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("H", "hosts: [a.com]"),
        ("P", "ports: [{number: 80, name: http, protocol: HTTP}]"),
        ("TWO", "hosts: [a.com, b.com]"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        SEL-7 {$H, $P, resolution: STATIC, workloadSelector: {labels: {'': a}}}
        SEL-8 {$H, $P, resolution: STATIC, workloadSelector: {labels: {'a*': a}}}
        SEL-9 {$H, $P, resolution: STATIC, workloadSelector: {labels: {a: '*'}}}
        SEL-10 {$H, $P, resolution: STATIC, workloadSelector: {labels: {a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}}
        SE-2 {$H, $P, resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: []}
        SE-3 {hosts: [], $P}
        SE-3 {$P}
        SE-5 {hosts: ['*'], $P}
        SE-6 {hosts: [1.2.3.4], $P}
        SE-6 {hosts: ['foo*.com'], $P}
        SE-8 {$H, $P, addresses: [010.1.1.1]}
        SE-8 {$H, $P, addresses: [a]}
        SE-9 {$H, $P, addresses: [10.0.0.0/8], resolution: DNS}
        SE-11 {$H, ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: a, protocol: HTTP}]}
        SE-12 {$H, ports: [{number: 80, name: a, protocol: HTTP}, {number: 80, name: b, protocol: HTTP}]}
        SE-13 {$H, ports: [{number: 80, name: a, protocol: HTTP, targetPort: 0}]}
        SE-13 {$H, ports: [{number: 80, name: a, protocol: HTTP, targetPort: 65536}]}
        SE-15 {$H, ports: [{number: 80, name: a.b, protocol: HTTP}]}
        SE-16 {$H, ports: [{number: 80, name: a, protocol: h2c}]}
        SE-17 {$H, ports: [{number: 0, name: a, protocol: HTTP}]}
        SE-19 {$H, $P, resolution: dns}
        SE-20 {$H, $P, location: EXTERNAL}
        SE-21 {$H, $P, endpoints: [{address: 1.1.1.1}]}
        SE-21 {$H, $P, endpoints: []}
        WE-5 {$H, $P, resolution: STATIC, endpoints: [{address: db.internal}]}
        SE-24 {$H, $P, resolution: STATIC, endpoints: [{address: 1.1.1.1, ports: {grpc: 1}}]}
        SE-25 {$H, ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: b, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 'unix:///x'}]}
        SE-27 {hosts: ['*.foo.com'], $P, resolution: DNS}
        SE-28 {$H, $P, resolution: DNS_ROUND_ROBIN, endpoints: [{address: a}, {address: b}]}
        SE-29 {$H, $P, resolution: DNS, endpoints: [{address: 'unix:///x.sock'}]}
        SE-29 {$H, $P, resolution: DNS, endpoints: [{network: a}]}
        SE-30 {$H, $P, resolution: DNS, endpoints: [{address: a, labels: {'': a}}]}
        SE-31 {$H, $P, resolution: DNS, endpoints: [{address: a, ports: {grpc: 1}}]}
        SE-33 {hosts: [], $P, resolution: DYNAMIC_DNS}
        SE-34 {$H, $P, resolution: DYNAMIC_DNS}
        SE-35 {hosts: ['*.a.com'], $P, resolution: DYNAMIC_DNS, addresses: [1.1.1.1]}
        SE-36 {hosts: ['*.a.com'], $P, resolution: DYNAMIC_DNS, endpoints: [{address: a}]}
        SE-37 {hosts: ['*.a.com'], ports: [{number: 80, name: a, protocol: HTTPS}], resolution: DYNAMIC_DNS}
        SE-37 {hosts: ['*.a.com'], ports: [{number: 80, name: a}], resolution: DYNAMIC_DNS}
        SE-39 {hosts: ['*.a.com'], $P, resolution: DYNAMIC_DNS, location: MESH_INTERNAL} @ {name: x, labels: {istio.io/use-waypoint: w}}
        SE-40 {$TWO, ports: [{number: 80, name: a, protocol: TCP}], resolution: DNS}
        SE-40 {$TWO, ports: [{number: 80, name: a}], resolution: STATIC}
        EX-1 {$H, $P, exportTo: [a, a]}
        EX-6 {$H, $P, exportTo: ['~', ns1]}
        SE-43 {$H, $P, resolution: STATIC, endpoints: [{weight: 1}]}
        SE-44 {$H, $P, resolution: STATIC, endpoints: [{address: 'unix://@x/'}]}
        WE-3 {$H, $P, resolution: STATIC, endpoints: [{address: 'unix://x'}]}
        WE-4 {$H, $P, resolution: STATIC, endpoints: [{address: 'unix:///x', ports: {http: 1}}]}
        WE-6 {$H, $P, resolution: DNS, endpoints: [{address: a, ports: {a_b: 1}}]}
        WE-7 {$H, $P, resolution: DNS, endpoints: [{address: a, ports: {http: 0}}]}
        SE-48 {$H, $P, resolution: STATIC, endpoints: [null]}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        SEL-12 {$H, $P, resolution: STATIC, workloadSelector: {}}
        SE-7 {hosts: ['*x'], $P}
        SE-14 {$H, ports: [{number: 80, name: a, protocol: TCP}]}
        SE-14 {$H, ports: [{number: 80, name: a}]}
        SE-14 {$H, ports: [{number: 80, name: a, protocol: TCP}], resolution: DNS} @ {name: x, labels: {networking.istio.io/enable-autoallocate-ip: 'False'}}
        SE-22 {$H, $P, workloadSelector: {labels: {a: b}}}
        SE-32 {$TWO, ports: [{number: 80, name: a, protocol: TLS}], addresses: [1.1.1.1], resolution: DNS}
        WE-2 {$H, $P, resolution: STATIC, endpoints: [{network: net1}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A52 {$H, $P, resolution: STATIC}
        A55 {$H, ports: [{number: 80, name: a, protocol: HTTP, targetPort: 1}, {number: 81, name: b, protocol: HTTP, targetPort: 1}]}
        A56 {hosts: [db], $P}
        A57 {$H, $P, addresses: [10.9.8.7/16]}
        A58 {$H, ports: [{number: 80, name: a, protocol: UDP}]}
        A59 {hosts: ['*.a.com'], $P, resolution: DNS, endpoints: [{address: b.com}]}
        A60 {$H, $P, exportTo: ['~']}
        A61 {$H, ports: [{number: 80, name: a, protocol: tcp}]}
        SE-25 {$H, $P, resolution: STATIC, endpoints: [{address: 'unix:///x'}]}
        SE-37 {hosts: ['*.a.com'], $P, resolution: DYNAMIC_DNS}
        SE-39 {hosts: ['*.a.com'], $P, resolution: DYNAMIC_DNS, location: MESH_INTERNAL} @ {name: x, labels: {istio.io/use-waypoint: None}}
        SE-40 {$TWO, ports: [{number: 80, name: a, protocol: TCP}], addresses: [1.1.1.1]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("ServiceEntry", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("ServiceEntry", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("ServiceEntry", spec);
    }
}
