namespace Lateen.Validation.Tests.Networking;

public sealed class GatewayRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("HTTPS", "port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*']"),
        ("HTTP", "port: {number: 80, name: a, protocol: HTTP}, hosts: ['*']"),
        ("TCP", "port: {number: 80, name: a, protocol: TCP}, hosts: ['*']"),
        ("P", "port: {number: 80, name: a, protocol: HTTP}"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        GW-1 {servers: [{$HTTP}]} @ {name: my.gateway}
        GW-2 {}
        GW-3 {servers: [{$P, hosts: []}]}
        GW-4 {servers: [{$P, hosts: [localhost]}]}
        GW-4 {servers: [{$P, hosts: ['*bar.com']}]}
        GW-4 {servers: [{$P, hosts: ['2001:db8::1']}]}
        GW-4 {servers: [{$P, hosts: [ns/]}]}
        GW-4 {servers: [{$P, hosts: [a_b/c.d]}]}
        GW-5 {servers: [{$P, hosts: ['~/a.b']}]}
        GW-6 {servers: [{hosts: ['*']}]}
        GW-7 {servers: [{port: {number: 80, name: a, protocol: websocket}, hosts: ['*']}]}
        GW-7 {servers: [{port: {number: 80, name: a, protocol: ''}, hosts: ['*']}]}
        GW-8 {servers: [{port: {number: 0, name: a, protocol: HTTP}, hosts: ['*']}]}
        GW-8 {servers: [{port: {number: 65536, name: a, protocol: HTTP}, hosts: ['*']}]}
        GW-9 {servers: [{port: {number: 80, targetPort: 1, name: a, protocol: HTTP}, hosts: ['*']}]}
        GW-10 {servers: [{port: {number: 80, name: '', protocol: HTTP}, hosts: ['*']}]}
        GW-11 {servers: [{$HTTP}, {$HTTP}]}
        GW-12 {servers: [{port: {number: 0, name: a, protocol: HTTP}, bind: 'unix://a', hosts: ['*']}]}
        GW-13 {servers: [{$HTTP, bind: 'unix:///a'}]}
        GW-14 {servers: [{$HTTP, bind: 0.0.0.0/0}]}
        GW-14 {servers: [{$HTTP, bind: host}]}
        GW-15 {servers: [{$HTTPS}]}
        GW-16 {servers: [{$HTTP, tls: {mode: SIMPLE, credentialName: a}}]}
        GW-17 {servers: [{$TCP, tls: {}}]}
        GW-22 {servers: [{$HTTPS, tls: {mode: ISTIO_MUTUAL, credentialName: a}}]}
        GW-22 {servers: [{$HTTPS, tls: {mode: ISTIO_MUTUAL, caCertificates: a}}]}
        GW-24 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, serverCertificate: b, privateKey: c}}]}
        GW-26 {servers: [{$HTTPS, tls: {mode: MUTUAL, serverCertificate: b, privateKey: c}}]}
        GW-26 {servers: [{$HTTPS, tls: {mode: OPTIONAL_MUTUAL, serverCertificate: b, privateKey: c, caCertCredentialName: d}}]}
        GW-28 {servers: [{$HTTPS, tls: {mode: SIMPLE, privateKey: c}}]}
        GW-29 {servers: [{$HTTPS, tls: {mode: SIMPLE, serverCertificate: c}}]}
        GW-29 {servers: [{$HTTPS, tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: c}]}}]}
        GW-30 {servers: [{$HTTPS, tls: {caCrl: a, credentialName: b}}]}
        GW-31 {servers: [{$HTTPS, tls: {mode: SIMPLE, caCrl: a, serverCertificate: b, privateKey: c}}]}
        GW-32 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, credentialNames: [b]}}]}
        GW-33 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialNames: [a, b, c]}}]}
        GW-33 {servers: [{$HTTPS, tls: {tlsCertificates: []}}]}
        GW-34 {servers: [{$HTTPS, tls: {mode: simple}}]}
        GW-35 {servers: [{$HTTPS, tls: {minProtocolVersion: TLSV1_4}}]}
        M-4 {servers: [{$HTTP}]} @ {name: a, annotations: {internal.istio.io/webhook-always-reject: ''}}
        M-5 {servers: [{$HTTP}]} @ {name: a, annotations: {internal.istio.io/parent-namespace: a}}
        M-6 {servers: [{$HTTP}]} @ {name: a, annotations: {internal.istio.io/parents: a}}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        GW-18 {servers: [{$HTTPS, tls: {httpsRedirect: true}}]}
        GW-19 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, minProtocolVersion: TLSV1_0}}]}
        GW-20 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, cipherSuites: [RC4]}}]}
        GW-21 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, cipherSuites: [AES128-SHA, AES128-SHA]}}]}
        GW-23 {servers: [{$HTTPS, tls: {mode: PASSTHROUGH, credentialName: a}}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A43 {servers: [{$HTTPS, tls: {}}]}
        A44 {servers: [{$HTTP, tls: {httpsRedirect: true}}]}
        A45 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, cipherSuites: [-ALL, ALL, AES128-SHA]}}]}
        A46 {servers: [{$HTTP}, {port: {number: 80, name: b, protocol: HTTP}, hosts: ['*']}]}
        A47 {servers: [{$P, hosts: [1.2.3.4, ./a.b, '*/*.c', ns/d.e]}]}
        A49 {servers: [{$HTTPS, tls: {mode: SIMPLE, credentialName: a, privateKey: b}}]}
        A50 {servers: [{port: {number: 80, name: My_Port!, protocol: HTTP}, hosts: ['*']}]}
        A51 {servers: [{port: {number: 0, name: a, protocol: HTTP}, bind: 'unix:///run/x.sock', hosts: ['*']}]}
        GW-27 {servers: [{$HTTPS, tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: c, privateKey: d}]}}]}
        M-7 {servers: [{$HTTP}]} @ {name: my.gateway, annotations: {internal.istio.io/gateway-semantics: gateway}}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("Gateway", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("Gateway", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("Gateway", spec);
    }
}
