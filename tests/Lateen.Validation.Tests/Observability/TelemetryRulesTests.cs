namespace Lateen.Validation.Tests.Observability;

public sealed class TelemetryRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("T", "metrics: [{overrides: [{tagOverrides"),
        ("F", "accessLogging: [{filter: {expression"),
        ("C", "tracing: [{customTags"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        TR-4 {targetRefs: [{kind: Pod, name: a}]}
        TE-2 {metrics: [{providers: [{name: ''}]}]}
        TE-2 {tracing: [{providers: [{}]}]}
        TE-2 {accessLogging: [{providers: [{name: ''}]}]}
        TE-4 {$T: {a: {}}}]}]}
        TE-4 {$T: {a: {operation: UPSERT, value: ''}}}]}]}
        TE-5 {$T: {a: {operation: REMOVE, value: ''}}}]}]}
        TE-6 {$T: {a: {operation: remove}}}]}]}
        TE-7 {metrics: [{overrides: [{match: {metric: REQUEST_COUNT, customMetric: a}}]}]}
        TE-8 {metrics: [{overrides: [{match: {customMetric: ''}}]}]}
        TE-9 {metrics: [{overrides: [{match: {metric: requests_total}}]}]}
        TE-10 {metrics: [{overrides: [{match: {mode: UNDEFINED}}]}]}
        TE-11 {metrics: [{reportingInterval: 0s}]}
        TE-14 {tracing: [{randomSamplingPercentage: 100.5}]}
        TE-14 {tracing: [{randomSamplingPercentage: -1}]}
        TE-15 {$C: {'': {literal: {value: a}}}}]}
        TE-16 {$C: {a: {literal: {value: ''}}}}]}
        TE-16 {$C: {a: {header: {name: ''}}}}]}
        TE-16 {$C: {a: {environment: {name: ''}}}}]}
        TE-17 {$C: {a: {formatter: {value: ''}}}}]}
        TE-18 {$C: {a: {literal: {value: a}, header: {name: a}}}}]}
        TE-20 {accessLogging: [{filter: {}}]}
        TE-20 {$F: 'response.code >='}}]}
        TE-20 {$F: 'a b'}}]}
        TE-20 {$F: '(a'}}]}
        TE-20 {$F: "'open"}}]}
        TE-20 {$F: 'a = b'}}]}
        TE-20 {$F: 'for'}}]}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        SEL-6 {selector: {}}
        TE-3 {$T: {'': {value: a}}}]}]}
        TE-12 {tracing: [{}, {}]}
        TE-13 {tracing: [{providers: [{name: a}, {name: b}]}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        TE-22 {}
        A79 {$C: {a: {}}}]}
        A79 {$F: 'whatever.unknown == "x" && response.code >= 400 || (has(a.b) ? [1, 2u][0] in {"k": -1.5e3} : !x.startsWith(r"a\d"))'}}]}
        TE-5 {$T: {a: {operation: REMOVE}, b: {value: request.host}}}]}]}
        TE-9 {metrics: [{overrides: [{match: {metric: ALL_METRICS, mode: CLIENT}, disabled: true}], providers: [{name: prometheus}]}]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("Telemetry", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("Telemetry", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("Telemetry", spec);
    }
}
