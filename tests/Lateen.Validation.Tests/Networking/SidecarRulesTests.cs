namespace Lateen.Validation.Tests.Networking;

public sealed class SidecarRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("P", "port: {number: 80, protocol: HTTP, name: a}"),
        ("S", "port: {number: 443, protocol: HTTPS, name: a}"),
        ("E", "egress: [{hosts: ['*/*']}]"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        SEL-9 {workloadSelector: {labels: {a: '*'}}, $E}
        SC-2 {}
        SC-2 {workloadSelector: {}}
        SC-3 {ingress: [{bind: 1.1.1.1}]}
        SC-4 {ingress: [{port: {number: 80, protocol: HTTP, targetPort: 1}}]}
        SC-5 {ingress: [{port: {number: 80, protocol: HTTP, name: a_b}}]}
        SC-6 {egress: [{port: {number: 80, protocol: h2c}, hosts: ['*/*']}]}
        SC-7 {ingress: [{port: {number: 0, protocol: HTTP}}]}
        SC-8 {ingress: [{$P, bind: host}]}
        SC-9 {ingress: [{$P, bind: 1.1.1.1}, {$P, bind: 1.1.1.2}]}
        SC-10 {ingress: [{$P, defaultEndpoint: 'unix://x'}]}
        SC-11 {ingress: [{$P, defaultEndpoint: 'localhost:80'}]}
        SC-11 {ingress: [{$P, defaultEndpoint: '10.0.0.1:80'}]}
        SC-11 {ingress: [{$P, defaultEndpoint: '127.0.0.1'}]}
        SC-11 {ingress: [{$P, defaultEndpoint: '127.0.0.1:0'}]}
        SC-13 {ingress: [{$S, tls: {mode: SIMPLE, credentialName: a}}]}
        SC-13 {ingress: [{$S, tls: {mode: SIMPLE, subjectAltNames: [a], serverCertificate: a, privateKey: b}}]}
        SC-14 {ingress: [{$S, tls: {mode: ISTIO_MUTUAL}}]}
        SC-15 {ingress: [{$P, tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}}]}
        GW-28 {ingress: [{$S, tls: {mode: SIMPLE, privateKey: b}}]}
        DR-40 {inboundConnectionPool: {}}
        DR-47 {ingress: [{$P, connectionPool: {tcp: {maxConnections: -1}}}]}
        SC-20 {egress: [{hosts: ['*/*']}, {$P, hosts: ['*/*']}]}
        SC-22 {egress: [{port: {number: 0, protocol: TCP}, bind: 1.1.1.1, hosts: ['*/*']}]}
        SC-23 {egress: [{port: {number: 0, protocol: TCP}, bind: 'unix:///a', captureMode: IPTABLES, hosts: ['*/*']}]}
        SC-24 {egress: [{$P, bind: 'unix:///a', hosts: ['*/*']}]}
        SC-25 {egress: [{port: {number: 65536, protocol: TCP}, hosts: ['*/*']}]}
        SC-26 {egress: [{port: {number: 0, protocol: TCP}, bind: 'unix:///a', hosts: ['*/*']}, {port: {number: 0, protocol: TCP}, bind: 'unix:///a', hosts: ['*/*']}]}
        SC-27 {egress: [{$P, hosts: ['*/*']}, {$P, hosts: ['*/*']}]}
        SC-28 {egress: [{hosts: []}]}
        SC-29 {egress: [{hosts: [prod/reviews]}]}
        SC-29 {egress: [{hosts: [reviews.com]}]}
        SC-29 {egress: [{hosts: [ns/1.2.3.4]}]}
        SC-29 {egress: [{hosts: [a_b/c.d]}]}
        SC-29 {egress: [{hosts: ['ns/*bar.com']}]}
        SC-32 {outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}}
        SC-33 {outboundTrafficPolicy: {egressProxy: {host: a.b, port: {number: 1}}}}
        SC-34 {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: '*.b', port: {number: 1}}}}
        SC-35 {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b}}}
        VS-93 {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b, port: {}}}}
        SC-37 {ingress: [{$P, captureMode: none}]}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        SEL-12 {workloadSelector: {}, $E}
        SC-18 {ingress: [{port: {number: 80, protocol: TCP}, connectionPool: {http: {}}}]}
        SC-30 {egress: [{hosts: [a/b.c, a/b.c]}]}
        SC-30 {egress: [{hosts: [default/b.c, ./b.c]}]}
        SC-30 {egress: [{hosts: [a/b.c, 'a/*']}]}
        SC-31 {egress: [{hosts: ['*/*', a/b.c]}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A63 {egress: [{hosts: ['~/*', '~ns1/*', '~*/x.com', 'istio-system/*', ./*]}]}
        A64 {outboundTrafficPolicy: {}}
        A65 {ingress: [{$P, defaultEndpoint: ':8080'}]}
        A65 {ingress: [{$P, defaultEndpoint: '[::]:80'}]}
        SC-12 {ingress: [{$P, defaultEndpoint: ''}]}
        A66 {ingress: [{port: {number: 80, name: a}}]}
        SC-16 {ingress: [{$S, tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}}]}
        SC-22 {egress: [{port: {number: 0, protocol: TCP}, bind: 'unix:///a', hosts: ['*/*']}]}
        SC-33 {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b, port: {number: 1}}}}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("Sidecar", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("Sidecar", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("Sidecar", spec);
    }
}
