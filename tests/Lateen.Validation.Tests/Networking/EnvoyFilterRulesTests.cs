namespace Lateen.Validation.Tests.Networking;

public sealed class EnvoyFilterRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("V", "patch: {operation: MERGE, value: {a: b}}"),
        ("HCM", "name: envoy.filters.network.http_connection_manager"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        SEL-8 {workloadSelector: {labels: {'*': a}}}
        EF-3 {workloadSelector: {labels: {a: b}}, targetRefs: [{kind: Service, name: a}]}
        TR-3 {targetRefs: [{kind: Service, name: a, namespace: default}]}
        EF-6 {configPatches: [{applyTo: CLUSTER, match: {context: WAYPOINT}, $V}]}
        EF-6 {configPatches: [{applyTo: CLUSTER, match: {waypoint: {}}, $V}]}
        EF-7 {configPatches: [{applyTo: CLUSTER, match: {context: WAYPOINT, waypoint: {portNumber: 0}}, $V}]}
        EF-8 {configPatches: [{applyTo: CLUSTER, match: {cluster: {}, listener: {}}, $V}]}
        EF-9 {configPatches: [{$V}]}
        EF-10 {configPatches: [{applyTo: cluster, $V}]}
        EF-11 {configPatches: [{applyTo: CLUSTER}]}
        EF-12 {configPatches: [{applyTo: CLUSTER, patch: {value: {a: b}}}]}
        EF-13 {configPatches: [{applyTo: CLUSTER, patch: {operation: X, value: {a: b}}}]}
        EF-14 {configPatches: [{applyTo: CLUSTER, patch: {operation: REPLACE}}]}
        EF-16 {configPatches: [{applyTo: CLUSTER, match: {proxy: {proxyVersion: '('}}, $V}]}
        EF-17 {configPatches: [{applyTo: LISTENER, match: {cluster: {}}, $V}]}
        EF-19 {configPatches: [{applyTo: NETWORK_FILTER, match: {listener: {filterChain: {filter: {}}}}, $V}]}
        EF-20 {configPatches: [{applyTo: NETWORK_FILTER, match: {listener: {filterChain: {filter: {$HCM, subFilter: {name: a}}}}}, $V}]}
        EF-21 {configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: a, subFilter: {name: a}}}}}, $V}]}
        EF-22 {configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {$HCM, subFilter: {}}}}}, $V}]}
        EF-24 {configPatches: [{applyTo: HTTP_ROUTE, match: {listener: {}}, $V}]}
        EF-25 {configPatches: [{applyTo: CLUSTER, match: {listener: {}}, $V}]}
        EF-32 {configPatches: [{applyTo: CLUSTER, match: {context: any}, $V}]}
        EF-33 {priority: 3000000000}
        EF-35 {configPatches: [{applyTo: CLUSTER, match: {cluster: {portNumber: -1}}, $V}]}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        EF-1 {}
        SEL-12 {workloadSelector: {}}
        EF-18 {configPatches: [{applyTo: LISTENER, match: {listener: {filterChain: {filter: {name: a}}}}, $V}]}
        EF-23 {configPatches: [{applyTo: NETWORK_FILTER, match: {listener: {filterChain: {filter: {name: envoy.tcp_proxy}}}}, $V}]}
        EF-23 {configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {$HCM, subFilter: {name: envoy.router}}}}}, $V}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A82 {configPatches: [{match: {context: WAYPOINT, waypoint: {}}}]}
        EF-14 {configPatches: [{applyTo: CLUSTER, patch: {operation: REMOVE}}]}
        EF-26 {configPatches: [{applyTo: BOOTSTRAP, match: {cluster: {}}, $V}]}
        EF-17 {configPatches: [{applyTo: HTTP_FILTER, match: {proxy: {proxyVersion: '^1\\.2.*'}, listener: {filterChain: {filter: {$HCM, subFilter: {name: a}}}}}, $V}]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("EnvoyFilter", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("EnvoyFilter", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("EnvoyFilter", spec);
    }

    [Fact]
    public void Long_version_expressions_are_not_compiled() => RuleTable.Warns("EnvoyFilter", "EF-15",
        $"{{configPatches: [{{applyTo: CLUSTER, match: {{proxy: {{proxyVersion: '({new string('x', 2000)}'}}}}, patch: {{operation: MERGE, value: {{}}}}}}]}}");
}
