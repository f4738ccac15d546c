namespace Lateen.Validation.Tests.Networking;

public sealed class VirtualServiceRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("R", "route: [{destination: {host: a}}]"),
        ("D", "{destination: {host: a}}"),
        ("H", "hosts: [a.com]"),
        ("GW", "gateways: [ns/gw]"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        VS-1 {gateways: [ns/g], http: [{$R}]}
        VS-2 {tls: [{match: [{sniHosts: [a]}], $R}]}
        VS-3 {tcp: [{$R}]}
        VS-4 {$H}
        VS-5 {$H, gateways: [''], http: [{$R}]}
        VS-5 {$H, gateways: ['*'], http: [{$R}]}
        VS-5 {$H, gateways: [a_b], http: [{$R}]}
        VS-7 {$H, gateways: ['*/gw'], http: [{$R}]}
        VS-7 {$H, gateways: ['ns/*'], http: [{$R}]}
        VS-7 {$H, gateways: [ns/my.gw], http: [{$R}]}
        VS-7 {$H, gateways: [ns/], http: [{$R}]}
        VS-8 {hosts: [a_b.com], http: [{$R}]}
        VS-8 {hosts: ['a*.com'], http: [{$R}]}
        VS-8 {hosts: [a.123], http: [{$R}]}
        VS-9 {hosts: [a_b.com], $GW, http: [{$R}]}
        VS-9 {hosts: [outbound_.80_._.a.b], $GW, http: [{$R}]}
        VS-10 {hosts: ['*'], http: [{$R}]}
        VS-10 {hosts: ['*'], gateways: [mesh, ns/gw], http: [{$R}]}
        VS-11 {hosts: ['*.shop.io', '*.io'], http: [{$R}]}
        VS-11 {hosts: [a.shop.io, '*.shop.io'], http: [{$R}]}
        VS-11 {hosts: [a.io, a.io], http: [{$R}]}
        VS-12 {$H, http: [{match: [{headers: {'@request.auth.claims.sub': {exact: x}}}], $R}]}
        VS-12 {$H, gateways: [ns/gw, mesh], http: [{match: [{withoutHeaders: {'@request.auth.claims[a]': {exact: x}}}], $R}]}
        EX-1 {$H, http: [{$R}], exportTo: [a, a]}
        EX-2 {$H, http: [{$R}], exportTo: [default, .]}
        EX-3 {$H, http: [{$R}], exportTo: [ns.one]}
        EX-4 {$H, http: [{$R}], exportTo: ['~']}
        EX-5 {$H, http: [{$R}], exportTo: ['*', .]}
        VS-20 {$H, http: [{delegate: {name: d}, redirect: {uri: /}}]}
        VS-21 {$H, http: [{delegate: {name: d}, $R}]}
        VS-23 {http: [{delegate: {name: d}, $R}]}
        VS-24 {$H, http: [{redirect: {uri: /}, $R}]}
        VS-25 {$H, http: [{redirect: {uri: /}, fault: {delay: {fixedDelay: 1s}}}]}
        VS-26 {$H, http: [{redirect: {uri: /}, rewrite: {uri: /}}]}
        VS-27 {$H, http: [{redirect: {uri: /}, directResponse: {status: 200}}]}
        VS-28 {$H, http: [{directResponse: {status: 200}, $R}]}
        VS-29 {$H, http: [{directResponse: {status: 200}, fault: {delay: {fixedDelay: 1s}}}]}
        VS-30 {$H, http: [{directResponse: {status: 200}, rewrite: {uri: /}}]}
        VS-31 {$H, http: [{}]}
        VS-32 {$H, http: [{$R, mirror: {host: b}, mirrors: [$D]}]}
        VS-40 {$H, http: [{match: [{headers: {'a b': {exact: x}}}], $R}]}
        VS-40 {$H, http: [{match: [{headers: {'': {exact: x}}}], $R}]}
        VS-40 {$H, http: [{match: [{headers: {':foo': {exact: x}}}], $R}]}
        VS-41 {$H, http: [{match: [{headers: {a: {prefix: ''}}}], $R}]}
        VS-41 {$H, http: [{match: [{headers: {a: {regex: '*'}}}], $R}]}
        VS-42 {$H, http: [{match: [{withoutHeaders: {'a b': {exact: x}}}], $R}]}
        VS-43 {$H, http: [{match: [{withoutHeaders: {a: {regex: '(?!x)'}}}], $R}]}
        VS-44 {$H, http: [{match: [{uri: {regex: '(a)\1'}}], $R}]}
        VS-44 {$H, http: [{match: [{uri: {regex: ''}}], $R}]}
        VS-45 {$H, http: [{match: [{scheme: {prefix: ''}}], $R}]}
        VS-45 {$H, http: [{match: [{method: {regex: 'a{2000}'}}], $R}]}
        VS-45 {$H, http: [{match: [{authority: {regex: 'a**'}}], $R}]}
        VS-46 {$H, http: [{match: [{queryParams: {a: {prefix: ''}}}], $R}]}
        VS-47 {$H, http: [{match: [{port: 65536}], $R}]}
        VS-48 {$H, http: [{match: [{sourceLabels: {a/b/c: d}}], $R}]}
        VS-49 {$H, http: [{match: [{gateways: ['*']}], $R}]}
        VS-7 {$H, http: [{match: [{gateways: [ns/my.gw]}], $R}]}
        VS-50 {$H, http: [{match: [{sourceNamespace: a.b}], $R}]}
        VS-51 {$H, http: [{match: [{uri: {exact: a, prefix: b}}], $R}]}
        VS-60 {$H, http: [{headers: {request: {add: {'': x}}}, $R}]}
        VS-60 {$H, http: [{headers: {request: {set: {':path': x}}}, $R}]}
        VS-61 {$H, http: [{headers: {request: {set: {a: 50% off}}}, $R}]}
        VS-61 {$H, http: [{headers: {request: {set: {a: '%REQ()%'}}}, $R}]}
        VS-61 {$H, http: [{headers: {request: {set: {a: '%START_TIME%%'}}}, $R}]}
        VS-61 {$H, http: [{headers: {request: {add: {a: "b\n"}}}, $R}]}
        VS-62 {$H, http: [{headers: {request: {remove: [Host]}}, $R}]}
        VS-62 {$H, http: [{headers: {request: {remove: [':authority']}}, $R}]}
        VS-63 {$H, http: [{headers: {response: {remove: [Host]}}, $R}]}
        VS-63 {$H, http: [{headers: {response: {set: {':status': x}}}, $R}]}
        VS-64 {$H, http: [{route: [{destination: {host: a}, headers: {response: {add: {a: '%'}}}}]}]}
        VS-65 {$H, http: [{rewrite: {authority: b}, headers: {request: {set: {Host: c}}}, $R}]}
        VS-65 {$H, http: [{headers: {request: {set: {':authority': b}, add: {host: c}}}, $R}]}
        VS-66 {$H, http: [{corsPolicy: {allowOrigins: [{}]}, $R}]}
        VS-66 {$H, http: [{corsPolicy: {allowOrigins: [{exact: ''}]}, $R}]}
        VS-67 {$H, http: [{corsPolicy: {allowOrigins: [{regex: '('}]}, $R}]}
        VS-68 {$H, http: [{corsPolicy: {allowMethods: [get]}, $R}]}
        VS-68 {$H, http: [{corsPolicy: {allowMethods: [PROPFIND]}, $R}]}
        VS-69 {$H, http: [{corsPolicy: {allowHeaders: [':path']}, $R}]}
        VS-69 {$H, http: [{corsPolicy: {exposeHeaders: ['']}, $R}]}
        VS-70 {$H, http: [{corsPolicy: {maxAge: 0s}, $R}]}
        VS-71 {$H, http: [{corsPolicy: {maxAge: 1500ms}, $R}]}
        VS-73 {$H, http: [{corsPolicy: {unmatchedPreflights: ignore}, $R}]}
        VS-74 {$H, http: [{fault: {}, $R}]}
        VS-75 {$H, http: [{fault: {abort: {httpStatus: 500, percentage: {value: 0.00005}}}, $R}]}
        VS-75 {$H, http: [{fault: {delay: {fixedDelay: 1s, percentage: {value: 101}}}, $R}]}
        VS-76 {$H, http: [{fault: {abort: {grpcStatus: Unavailable}}, $R}]}
        VS-76 {$H, http: [{fault: {abort: {grpcStatus: '14'}}, $R}]}
        VS-77 {$H, http: [{fault: {abort: {http2Error: x}}, $R}]}
        VS-78 {$H, http: [{fault: {abort: {httpStatus: 199}}, $R}]}
        VS-78 {$H, http: [{fault: {abort: {httpStatus: 601}}, $R}]}
        VS-80 {$H, http: [{fault: {abort: {httpStatus: 500, grpcStatus: OK}}, $R}]}
        VS-81 {$H, http: [{fault: {delay: {fixedDelay: 100us}}, $R}]}
        VS-82 {$H, http: [{fault: {delay: {exponentialDelay: 1s}}, $R}]}
        VS-85 {$H, http: [{mirror: {host: b}, mirrorPercent: 101, $R}]}
        VS-86 {$H, http: [{mirror: {host: b}, mirrorPercentage: {value: 100.1}, $R}]}
        VS-90 {$H, http: [{mirror: {host: '*'}, $R}]}
        VS-88 {$H, http: [{mirrors: [{percentage: {value: 1}}], $R}]}
        VS-89 {$H, http: [{mirrors: [{destination: {host: b}, percentage: {value: -1}}], $R}]}
        VS-90 {$H, http: [{route: [{destination: {host: '*'}}]}]}
        VS-91 {$H, http: [{route: [{destination: {host: 10.0.0.5}}]}]}
        VS-91 {$H, http: [{route: [{destination: {host: ''}}]}]}
        VS-92 {$H, http: [{route: [{destination: {host: a, subset: v1.2}}]}]}
        VS-93 {$H, http: [{route: [{destination: {host: a, port: {}}}]}]}
        VS-93 {$H, http: [{route: [{destination: {host: a, port: {number: 65536}}}]}]}
        VS-94 {$H, http: [{route: [{weight: 1}]}]}
        VS-95 {$H, http: [{route: [{destination: {host: a}, weight: -1}]}]}
        VS-96 {$H, http: [{route: [$D, $D]}]}
        VS-98 {$H, http: [{timeout: 0s, $R}]}
        VS-98 {$H, http: [{timeout: 1500us, $R}]}
        VS-98 {$H, http: [{timeout: 5, $R}]}
        VS-98 {$H, http: [{timeout: 1d, $R}]}
        VS-100 {$H, http: [{redirect: {uri: /, prefixRewrite: /}}]}
        VS-101 {$H, http: [{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /}}]}
        VS-102 {$H, http: [{redirect: {redirectCode: 302}}]}
        VS-103 {$H, http: [{redirect: {uri: /, redirectCode: 200}}]}
        VS-104 {$H, http: [{redirect: {scheme: HTTPS}}]}
        VS-105 {$H, http: [{redirect: {port: 65536}}]}
        VS-106 {$H, http: [{redirect: {port: 80, derivePort: FROM_REQUEST_PORT}}]}
        VS-107 {$H, http: [{redirect: {derivePort: X}}]}
        VS-110 {$H, http: [{rewrite: {uri: /, uriRegexRewrite: {match: a, rewrite: b}}, $R}]}
        VS-111 {$H, http: [{rewrite: {}, $R}]}
        VS-112 {$H, http: [{rewrite: {uriRegexRewrite: {match: a}}, $R}]}
        VS-113 {$H, http: [{rewrite: {uriRegexRewrite: {match: '(', rewrite: b}}, $R}]}
        VS-115 {$H, http: [{directResponse: {status: 101}}]}
        VS-118 {$H, http: [{directResponse: {status: 200, body: {string: a, bytes: YQ==}}}]}
        VS-120 {$H, http: [{retries: {attempts: -1}, $R}]}
        VS-121 {$H, http: [{retries: {perTryTimeout: 2s}, $R}]}
        VS-121 {$H, http: [{retries: {attempts: 0, retryRemoteLocalities: false}, $R}]}
        VS-122 {$H, http: [{retries: {attempts: 1, perTryTimeout: 0s}, $R}]}
        VS-122 {$H, http: [{retries: {attempts: 1, backoff: 0s}, $R}]}
        VS-123 {$H, http: [{retries: {attempts: 1, retryOn: '5xx, 503'}, $R}]}
        VS-123 {$H, http: [{retries: {attempts: 1, retryOn: '5xx,'}, $R}]}
        VS-123 {$H, http: [{retries: {attempts: 1, retryOn: '299'}, $R}]}
        VS-130 {$H, tls: [{match: [], $R}]}
        VS-131 {$H, tls: [{match: [{sniHosts: []}], $R}]}
        VS-132 {$H, tls: [{match: [{sniHosts: [a_b]}], $R}]}
        VS-134 {hosts: [a.com], tls: [{match: [{sniHosts: [b.com]}], $R}]}
        VS-134 {hosts: [x.a.com], tls: [{match: [{sniHosts: ['*.a.com']}], $R}]}
        VS-135 {$H, tcp: [{match: [{destinationSubnets: [10.0.0.0/33]}], $R}]}
        VS-136 {$H, tcp: [{match: [{port: 65536}], $R}]}
        VS-137 {$H, tcp: [{match: [{sourceLabels: {'': a}}], $R}]}
        VS-138 {$H, tls: [{match: [{sniHosts: [a.com], gateways: ['*']}], $R}]}
        VS-139 {$H, tcp: [{match: [{gateways: ['*']}], $R}]}
        VS-140 {$H, tcp: [{}]}
        VS-140 {$H, tls: [{match: [{sniHosts: [a.com]}]}]}
        VS-96 {$H, tcp: [{route: [$D, $D]}]}
        M-1 {$H, http: [{$R}]} @ {name: x, annotations: {istio.io/dry-run: 'false'}}
        R99 {$H, http: [{$R, corsPolicy: {unmatchedPreflights: Forward}}]}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        VS-6 {$H, gateways: [gw.ns], http: [{$R}]}
        VS-79 {$H, http: [{fault: {abort: {percentage: {value: 1}}}, $R}]}
        VS-84 {$H, http: [{mirror: {host: b}, mirror_percent: 5, $R}]}
        VS-133 {$H, tls: [{match: [{sniHosts: [1.2.3.4]}], $R}]}
        VS-150 {$H, http: [{$R}, {$R}]}
        VS-151 {$H, http: [{$R}, {match: [{uri: {exact: /}}], $R}]}
        VS-152 {$H, http: [{match: [{uri: {exact: /a}}, {uri: {exact: /}}], $R}, {match: [{name: m, uri: {exact: /}}, {uri: {exact: /b}}], $R}]}
        VS-153 {$H, http: [{match: [{uri: {exact: /}}], $R}, {match: [{uri: {exact: /}}], $R}]}
        VS-154 {$H, http: [{match: [{uri: {prefix: /a}}], $R}, {match: [{uri: {prefix: /a/b}}], $R}]}
        VS-154 {$H, http: [{match: [{uri: {prefix: /a}, headers: {x: {exact: ab}}}], $R}, {match: [{uri: {prefix: /ab}, headers: {x: {regex: .*}}}], $R}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A1 {$H, gateways: [mesh, b@d], http: [{$R}]}
        A2 {hosts: ['*foo', '*-foo.bar.com'], http: [{$R}]}
        A3 {hosts: [shop., Shop.Example], http: [{$R}]}
        A4 {hosts: ['123'], http: [{$R}]}
        A5 {hosts: [10.1.2.3, '2001:db8::1'], http: [{$R}]}
        A6 {$H, http: [{route: [{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 2}]}]}
        A7 {$H, http: [{route: [{destination: {host: a}, weight: 0}]}]}
        A8 {$H, http: [{match: [{uri: {prefix: ''}}], $R}]}
        A9 {$H, http: [{match: [{headers: {a: {}, b: {exact: ''}}}], $R}]}
        A10 {$H, http: [{match: [{withoutHeaders: {a: {regex: '*'}}}], $R}]}
        A11 {$H, http: [{match: [{headers: {'a,b': {exact: a}, 'funky!$#_': {exact: a}}}], $R}]}
        A12 {$H, http: [{match: [{method: {exact: banana}}], $R}]}
        A13 {$H, http: [{headers: {request: {set: {my header: a}}}, $R}]}
        A14 {$H, http: [{headers: {request: {add: {Host: x}}}, $R}]}
        A15 {$H, http: [{headers: {request: {add: {a: '20% off, save 10%', b: '100%%', c: '%REQ(X-A)%', d: '%DYNAMIC_METADATA(["a", "b"])%'}}}, $R}]}
        A17 {$H, http: [{directResponse: {status: 600}}]}
        A18 {$H, http: [{redirect: {port: 0}}]}
        A19 {$H, http: [{delegate: {}, fault: {delay: {fixedDelay: 1s}}, rewrite: {uri: /}, directResponse: {status: 200}}]}
        A20 {$H, http: [{delegate: {}, mirror: {host: b}, mirrors: [$D]}]}
        A21 {$H, http: [{retries: {attempts: 1, retryOn: '503,+429,5xx'}, $R}]}
        A22 {$H, http: [{retries: {attempts: 0, backoff: 25ms}, $R}]}
        A23 {$H, http: [{mirror: {host: b}, mirrorPercentage: {value: 0.00001}, $R}]}
        A25 {$H, http: [{fault: {delay: {percentage: {value: 1}}}, $R}]}
        A27 {hosts: [outbound_.8443_._.pay.prod.svc.cluster.local], $GW, tls: [{match: [{sniHosts: [outbound_.8443_._.pay.prod.svc.cluster.local]}], $R}]}
        A28 {http: [{$R}]}
        A29 {$H, http: [{match: [{uri: {prefix: /}}], $R}, {match: [{uri: {exact: /}}], $R}]}
        A30 {$H, http: [{route: [{destination: {host: '*.example.com'}}]}]}
        A31 {$H, http: [{timeout: 1h15m, match: [{port: 1}], $R}, {timeout: 0.25m, $R}]}
        VS-12 {$H, $GW, http: [{match: [{headers: {'@request.auth.claims.sub': {exact: x}}}], $R}]}
        VS-10 {hosts: ['*'], $GW, http: [{$R}]}
        VS-154 {$H, http: [{match: [{uri: {prefix: /a}, method: {exact: POST}}], $R}, {match: [{uri: {prefix: /a/b}}], $R}]}
        VS-142 {$H, tcp: [{$R}]}
        M-11 {$H, gateways: [ns/my.gw], http: [{route: [{destination: {host: 10.0.0.1}}]}]} @ {name: x, annotations: {internal.istio.io/route-semantics: gateway}}
        EX-9 {$H, http: [{$R}], exportTo: []}
        float {$H, http: [{match: [{port: 80.0}], $R}]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("VirtualService", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("VirtualService", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("VirtualService", spec);
    }

    [Theory]
    [InlineData("VS-116", 1024 * 1024 + 1, Severity.Error)]
    [InlineData("VS-117", 100 * 1024 + 1, Severity.Warning)]
    public void Bodies_are_limited(string rule, int length, Severity severity)
    {
        string spec = $"{{hosts: [a], http: [{{directResponse: {{status: 200, body: {{string: {new string('x', length)}}}}}}}]}}";
        if (severity == Severity.Error) RuleTable.Rejects("VirtualService", rule, spec);
        else RuleTable.Warns("VirtualService", rule, spec);
    }

    [Fact]
    public void Expressions_are_limited() =>
        RuleTable.Rejects("VirtualService", "VS-44", $"{{hosts: [a], http: [{{match: [{{uri: {{regex: {new string('x', 1025)}}}}}], route: [{{destination: {{host: a}}}}]}}]}}");
}
