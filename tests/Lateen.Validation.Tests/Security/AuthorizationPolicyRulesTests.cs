namespace Lateen.Validation.Tests.Security;

public sealed class AuthorizationPolicyRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("CUSTOM", "action: CUSTOM, provider: {name: p}"),
        ("F", "rules: [{from: [{source"),
        ("O", "rules: [{to: [{operation"),
        ("W", "rules: [{when: [{key"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        M-2 {} @ {name: x, annotations: {istio.io/dry-run: 'yes'}}
        M-3 {action: AUDIT} @ {name: x, annotations: {istio.io/dry-run: 'true'}}
        SEL-2 {selector: {matchLabels: {'a*': b}}}
        TR-1 {selector: {matchLabels: {a: b}}, targetRefs: []}
        TR-1 {targetRef: {kind: Service, name: a}, targetRefs: [{kind: Service, name: a}]}
        TR-2 {targetRefs: [{kind: Service, name: ''}]}
        TR-3 {targetRefs: [{kind: Service, name: a, namespace: default}]}
        TR-4 {targetRefs: [{kind: Deployment, name: a}]}
        TR-4 {targetRefs: [{group: v1, kind: Service, name: a}]}
        TR-4 {targetRefs: [{group: gateway.networking.k8s.io, kind: gateway, name: a}]}
        TR-5 {targetRefs: [{group: A_b, kind: Service, name: a}]}
        TR-6 {targetRefs: [{kind: 1a-, name: a}]}
        TR-8 {targetRefs: [{name: a}]}
        AP-3 {action: allow}
        AP-4 {$CUSTOM}
        AP-5 {action: CUSTOM, rules: [{}]}
        AP-5 {action: CUSTOM, provider: {name: ''}, rules: [{}]}
        AP-6 {provider: {name: p}}
        AP-7 {action: DENY, rules: []}
        AP-20 {$CUSTOM, $F: {principals: [a]}}]}]}
        AP-20 {$CUSTOM, $F: {notTrustDomains: [a]}}]}]}
        AP-21 {$CUSTOM, $W: 'request.auth.claims[x]', values: [a]}]}]}
        AP-21 {$CUSTOM, $W: source.namespace, values: [a]}]}]}
        AP-30 {rules: [{from: [{}]}]}
        AP-31 {$F: {}}]}]}
        AP-32 {$F: {serviceAccounts: [a], namespaces: [b]}}]}]}
        AP-32 {$F: {serviceAccounts: [a], principals: []}}]}]}
        AP-33 {$F: {ipBlocks: [10.0.0.0/33]}}]}]}
        AP-33 {$F: {notRemoteIpBlocks: ['10.0.0.1:80']}}]}]}
        AP-34 {$F: {principals: ['']}}]}]}
        AP-34 {$F: {ipBlocks: ['']}}]}]}
        AP-35 {$F: {serviceAccounts: ['ns/*']}}]}]}
        AP-35 {$F: {serviceAccounts: [a/b/c]}}]}]}
        AP-35 {$F: {serviceAccounts: [a,b,c,d,e,f,g,h,i,j,k,l,m,'n',o,p,q]}}]}]}
        AP-36 {$F: {trustDomains: ['spiffe://td']}}]}]}
        AP-36 {$F: {trustDomains: [a*b]}}]}]}
        AP-40 {rules: [{to: [{}]}]}
        AP-41 {$O: {}}]}]}
        AP-42 {$O: {ports: ['65536']}}]}]}
        AP-42 {$O: {ports: [http]}}]}]}
        AP-42 {$O: {notPorts: ['+1']}}]}]}
        AP-43 {$O: {methods: ['']}}]}]}
        AP-44 {$O: {paths: ['/{id}/x']}}]}]}
        AP-44 {$O: {paths: ['/{*}.txt']}}]}]}
        AP-44 {$O: {paths: ['/{**}/{*}']}}]}]}
        AP-44 {$O: {paths: ['/{*}//x']}}]}]}
        AP-44 {$O: {notPaths: ['/a?b/{*}']}}]}]}
        AP-48 {$O: {ports: [80]}}]}]}
        AP-50 {$W: '', values: [a]}]}]}
        AP-51 {$W: source.ip}]}]}
        AP-52 {$W: source.namespace, values: ['']}]}]}
        AP-53 {$W: source.user, values: [a]}]}]}
        AP-53 {$W: request.method, values: [a]}]}]}
        AP-60 {$W: request.headers, values: [a]}]}]}
        AP-60 {$W: 'request.headers[]', values: [a]}]}]}
        AP-61 {$W: remote.ip, values: [a]}]}]}
        AP-63 {$W: source.serviceAccount, values: [a/b/c]}]}]}
        AP-64 {$W: source.trustDomain, values: [a*b]}]}]}
        AP-65 {$W: request.auth.claims, values: [a]}]}]}
        AP-66 {$W: destination.port, notValues: [x]}]}]}
        AP-67 {$W: experimental.envoy.filters.a.b, values: [a]}]}]}
        AP-68 {$W: destination.namespace, values: [a]}]}]}
        AP-69 {$W: 'destination.labels[app]', values: [a]}]}]}
        AP-70 {$W: destination.user, values: [a]}]}]}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        SEL-6 {selector: {}}
        AP-11 {action: DENY, $O: {methods: [GET]}}]}]}
        AP-11 {action: DENY, $F: {requestPrincipals: ['*']}}]}]}
        AP-11 {action: DENY, $F: {trustDomains: ['a']}}]}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A69 {}
        A69 {rules: [{}]}
        AP-38 {rules: [{from: []}]}
        A70 {$O: {ports: ['0', '0080']}}]}]}
        A71 {$O: {paths: ['/a/{**}/b', '/x*y*z', '/{*}/b', '*']}}]}]}
        A72 {$O: {methods: [get], hosts: [foo bar]}}], from: [{source: {principals: ['*mid*dle*']}}]}]}
        A73 {$W: 'request.headersFoo[x]', values: [a]}, {key: 'request.headers[]x]', values: [a]}]}]}
        A74 {} @ {name: x, annotations: {istio.io/dry-run: T}}
        AP-65 {$W: 'request.auth.claims[a][b]', values: [a]}, {key: 'experimental.envoy.filters.x[y]', notValues: [a]}]}]}
        AP-11 {action: DENY, $O: {methods: [GET], ports: ['80']}}]}]}
        AP-11 {action: DENY, rules: [{}]}
        AP-20 {$CUSTOM, $F: {ipBlocks: [1.2.3.4, '::/0']}}], to: [{operation: {hosts: [a]}}], when: [{key: connection.sni, values: [a]}]}]}
        TR-4 {targetRefs: [{group: core, kind: Service, name: a}, {group: networking.istio.io, kind: ServiceEntry, name: a}]}
        AP-36 {$F: {trustDomains: ['*', 'a*', '*a']}}]}]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("AuthorizationPolicy", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("AuthorizationPolicy", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("AuthorizationPolicy", spec);
    }
}
