namespace Lateen.Validation.Tests.Extensions;

public sealed class ExtensionRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("U", "url: 'oci://a/b'"),
        ("ENV", "url: a, vmConfig: {env"),
    ];

    public static TheoryData<string, string, string> Rejected => RuleTable.OfKinds("""
        WasmPlugin TR-1 {$U, selector: {}, targetRefs: [{kind: Service, name: a}]}
        WasmPlugin WP-2 {}
        WasmPlugin WP-2 {url: ''}
        WasmPlugin WP-3 {url: 'localhost:5000/x'}
        WasmPlugin WP-3 {url: 'registry.example.com:5000/x'}
        WasmPlugin WP-3 {url: 'ftp://a'}
        WasmPlugin WP-4 {$U, sha256: abc}
        WasmPlugin WP-4 {$U, sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}
        WasmPlugin WP-5 {$U, imagePullSecret: ''}
        WasmPlugin WP-6 {$U, pluginName: ''}
        WasmPlugin WP-7 {$ENV: [{name: ''}]}}
        WasmPlugin WP-9 {$ENV: [{name: a}, {name: a}]}}
        WasmPlugin WP-10 {$ENV: [{name: a, valueFrom: HOST, value: b}]}}
        WasmPlugin WP-12 {$U, match: [{ports: [{number: 0}]}]}
        WasmPlugin WP-13 {$U, match: [{ports: [{number: 1}, {number: 1}]}]}
        WasmPlugin WP-14 {$U, match: [{mode: BOTH}]}
        WasmPlugin WP-15 {$U, phase: AUTH}
        WasmPlugin WP-15 {$U, imagePullPolicy: always}
        WasmPlugin WP-16 {$U, priority: 3000000000}
        TrafficExtension TX-1 {}
        TrafficExtension TX-1 {wasm: {$U}, lua: {inlineCode: a}}
        TrafficExtension TR-1 {lua: {inlineCode: a}, selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: a}]}
        TrafficExtension TX-2 {lua: {inlineCode: a}, targetRef: {kind: Service, name: a}}
        TrafficExtension TX-3 {lua: {inlineCode: ''}}
        TrafficExtension WP-3 {wasm: {url: 'ftp://a'}}
        TrafficExtension WP-12 {lua: {inlineCode: a}, match: [{ports: [{number: 65536}]}]}
        TrafficExtension TX-7 {lua: {inlineCode: a}, phase: UNSPECIFIED_PHASE}
        TrafficExtension TX-8 {wasm: {$U, failStrategy: OPEN}}
        """, Words);

    public static TheoryData<string, string, string> Warned => RuleTable.OfKinds("""
        WasmPlugin SEL-6 {$U, selector: {}}
        TrafficExtension SEL-6 {lua: {inlineCode: a}, selector: {}}
        """, Words);

    public static TheoryData<string, string, string> Accepted => RuleTable.OfKinds("""
        WasmPlugin A80 {url: test}
        WasmPlugin A80 {url: '10.0.0.1:5000/f.wasm'}
        WasmPlugin A80 {url: /local/path}
        WasmPlugin WP-17 {url: 'file:///a.wasm', pluginConfig: {any: [thing]}, imagePullPolicy: IfNotPresent, priority: 10, phase: AUTHN}
        WasmPlugin WP-10 {$ENV: [{name: a, valueFrom: HOST}, {name: b, value: c}]}}
        TrafficExtension TX-9 {lua: {inlineCode: 'no lua at all'}, phase: STATS, match: [{mode: CLIENT, ports: [{number: 80}]}]}
        """, Words);

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
