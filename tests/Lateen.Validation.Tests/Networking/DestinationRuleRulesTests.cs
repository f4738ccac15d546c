namespace Lateen.Validation.Tests.Networking;

public sealed class DestinationRuleRulesTests
{
    private static readonly (string, string)[] Words =
    [
        ("T", "host: a, trafficPolicy"),
        ("L", "host: a, trafficPolicy: {outlierDetection: {}, loadBalancer"),
        ("C", "host: a, trafficPolicy: {connectionPool"),
    ];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        DR-1 {host: ''}
        DR-1 {host: 1.2.3.4}
        DR-1 {host: a_b}
        DR-1 {}
        DR-2 {host: a, subsets: [{name: v1}, {name: v1}]}
        DR-3 {host: a, subsets: [{name: v1.2}]}
        DR-3 {host: a, subsets: [{name: ''}]}
        DR-4 {host: a, subsets: [{name: v1, labels: {'': a}}]}
        DR-10 {host: a, subsets: [{name: v1, trafficPolicy: {}}]}
        EX-1 {host: a, exportTo: [b, b]}
        EX-4 {host: a, exportTo: ['~']}
        EX-7 {host: a, exportTo: ['*'], workloadSelector: {matchLabels: {a: b}}}
        EX-8 {host: a, exportTo: [., b], workloadSelector: {matchLabels: {a: b}}}
        SEL-1 {host: a, workloadSelector: {matchLabels: {'': b}}}
        SEL-2 {host: a, workloadSelector: {matchLabels: {'a*': b}}}
        SEL-3 {host: a, workloadSelector: {matchLabels: {a: 'b*'}}}
        SEL-4 {host: a, workloadSelector: {matchLabels: {a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}}
        DR-10 {$T: {}}
        DR-10 {$T: {portLevelSettings: []}}
        DR-11 {$T: {tunnel: {targetHost: a, targetPort: 1}, proxyProtocol: {}}}
        DR-12 {$T: {proxyProtocol: {version: V3}}}
        DR-13 {$T: {tunnel: {protocol: connect, targetHost: a, targetPort: 1}}}
        DR-14 {$T: {tunnel: {targetHost: '*.a', targetPort: 1}}}
        DR-15 {$T: {tunnel: {targetHost: a, targetPort: 0}}}
        DR-16 {$T: {retryBudget: {percent: 101}}}
        DR-17 {$T: {retryBudget: {minRetryConcurrency: -1}}}
        DR-19 {$T: {portLevelSettings: [{tls: {}}]}}
        DR-20 {$T: {portLevelSettings: [{port: {number: 1}}]}}
        DR-30 {$T: {outlierDetection: {interval: 0s}}}
        DR-30 {$T: {outlierDetection: {baseEjectionTime: 1500us}}}
        DR-32 {$T: {outlierDetection: {consecutiveLocalOriginFailures: 1}}}
        DR-33 {$T: {outlierDetection: {maxEjectionPercent: 101}}}
        DR-33 {$T: {outlierDetection: {minHealthPercent: -1}}}
        DR-34 {$T: {outlierDetection: {consecutive5xxErrors: -1}}}
        DR-35 {$T: {outlierDetection: {outlierDetectionHttpErrorCodes: [99]}}}
        DR-40 {$C: {}}}
        DR-41 {$C: {http: {http1MaxPendingRequests: -1}}}}
        DR-41 {$C: {http: {http2MaxRequests: -1}}}}
        DR-41 {$C: {http: {maxRequestsPerConnection: -1}}}}
        DR-41 {$C: {http: {maxRetries: -1}}}}
        DR-41 {$C: {http: {maxConcurrentStreams: -1}}}}
        DR-42 {$C: {http: {idleTimeout: 0s}}}}
        DR-43 {$C: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}}
        DR-44 {$C: {http: {h2UpgradePolicy: upgrade}}}}
        DR-45 {$C: {http: {http2KeepAlive: {interval: 30s}}}}}
        DR-46 {$C: {http: {http2KeepAlive: {interval: 30s, timeout: 0s}}}}}
        DR-47 {$C: {tcp: {maxConnections: -1}}}}
        DR-48 {$C: {tcp: {connectTimeout: 0s}}}}
        DR-48 {$C: {tcp: {maxConnectionDuration: 1us}}}}
        DR-49 {$C: {tcp: {idleTimeout: 1500us}}}}
        DR-50 {$C: {tcp: {tcpKeepalive: {time: 0s}}}}}
        DR-51 {$C: {tcp: {tcpKeepalive: {probes: -1}}}}}
        DR-60 {$L: {simple: RANDOM, consistentHash: {}}}}
        DR-61 {$L: {simple: random}}}
        DR-62 {$L: {consistentHash: {httpHeaderName: a, useSourceIp: true}}}}
        DR-63 {$L: {consistentHash: {ringHash: {}, maglev: {}}}}}
        DR-64 {$L: {consistentHash: {httpCookie: {name: ''}}}}}
        DR-65 {$L: {consistentHash: {httpCookie: {name: a, attributes: [{name: ''}]}}}}}
        DR-66 {$L: {consistentHash: {httpCookie: {name: a, attributes: [{name: b}, {name: b}]}}}}}
        DR-68 {$L: {consistentHash: {minimumRingSize: 5, ringHash: {}}}}}
        DR-69 {$L: {consistentHash: {maglev: {}}}}}
        DR-70 {$L: {consistentHash: {maglev: {tableSize: 5000011}}}}}
        DR-71 {$L: {consistentHash: {maglev: {tableSize: 65536}}}}}
        DR-73 {$L: {localityLbSetting: {}, zoneAwareLbSetting: {}}}}
        DR-74 {$L: {localityLbSetting: {distribute: [{from: a, to: {a: 100}}], failover: [{from: a, to: b}]}}}}
        DR-75 {$L: {localityLbSetting: {failover: [{from: a, to: b}], failoverPriority: [topology.kubernetes.io/zone]}}}}
        DR-76 {$L: {localityLbSetting: {distribute: [{from: a, to: {a: 0, b: 100}}]}}}}
        DR-77 {$L: {localityLbSetting: {distribute: [{from: a, to: {a: 50, b: 49}}]}}}}
        DR-78 {$L: {localityLbSetting: {distribute: [{from: 'a*b', to: {a: 100}}]}}}}
        DR-78 {$L: {localityLbSetting: {distribute: [{from: a, to: {a: 100}}, {from: a/b, to: {a: 100}}]}}}}
        DR-78 {$L: {localityLbSetting: {distribute: [{from: 'a/*', to: {a: 100}}, {from: a/b, to: {a: 100}}]}}}}
        DR-80 {$L: {localityLbSetting: {failover: [{from: a, to: a}]}}}}
        DR-81 {$L: {localityLbSetting: {failover: [{from: us/east, to: b}]}}}}
        DR-82 {$L: {localityLbSetting: {failover: [{from: '*', to: b}]}}}}
        DR-83 {$L: {zoneAwareLbSetting: {failoverPriority: [topology.istio.io/subzone]}}}}
        DR-84 {$L: {zoneAwareLbSetting: {failover: [{from: a, to: a}]}}}}
        DR-85 {$L: {zoneAwareLbSetting: {minClusterSize: 0}}}}
        DR-86 {$L: {warmup: {}}}}
        DR-87 {$L: {warmup: {duration: 0s}}}}
        DR-88 {$L: {warmup: {duration: 1s, minimumPercent: 101}}}}
        DR-89 {$L: {warmup: {duration: 60s, aggression: 0}}}}
        DR-90 {$L: {warmupDurationSecs: 0s}}}
        DR-91 {$L: {backendUtilization: {errorUtilizationPenaltyPercent: -1}}}}
        DR-100 {$T: {tls: {mode: simple}}}
        DR-101 {$T: {tls: {mode: SIMPLE, credentialName: 'configmap://a'}}}
        DR-102 {$T: {tls: {mode: SIMPLE, credentialName: 'configmap://other/a'}}}
        DR-103 {$T: {tls: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: a}}}
        DR-104 {$T: {tls: {mode: MUTUAL, clientCertificate: a, privateKey: b, insecureSkipVerify: true, subjectAltNames: [a]}}}
        DR-105 {$T: {tls: {mode: MUTUAL, credentialName: a, caCertificates: b}}}
        DR-105 {$T: {tls: {mode: SIMPLE, credentialName: a, caCrl: b}}}
        DR-106 {$T: {tls: {mode: MUTUAL, privateKey: a}}}
        DR-107 {$T: {tls: {mode: MUTUAL, clientCertificate: a}}}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        SEL-6 {host: a, workloadSelector: {}}
        DR-31 {$T: {outlierDetection: {consecutiveErrors: 5}}}
        DR-67 {$L: {consistentHash: {minimumRingSize: 5}}}}
        DR-79 {$T: {loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}}}
        DR-79 {$T: {loadBalancer: {zoneAwareLbSetting: {failoverPriority: [a]}}}}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A32 {host: '*'}
        A33 {$T: {portLevelSettings: [{port: {number: 0}, tls: {}}, {port: {number: 0}, tls: {}}]}}
        A34 {$C: {tcp: {idleTimeout: 0s}}}}
        A35 {$L: {consistentHash: {}}}}
        A36 {$L: {consistentHash: {maglev: {tableSize: 1}}}}}
        A37 {$T: {tls: {mode: ISTIO_MUTUAL, clientCertificate: a}}}
        A38 {$T: {tls: {mode: SIMPLE, insecureSkipVerify: true, caCrl: a}}}
        A39 {host: a, subsets: [{name: v1}]}
        A40 {$T: {retryBudget: {}}}
        A41 {host: a, subsets: [{name: v1, labels: {a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}]}
        A42 {host: a, subsets: [{name: v1, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}]}
        DR-21 {$T: {portLevelSettings: [{port: {number: 1}, outlierDetection: {consecutiveErrors: 5}}]}}
        DR-102 {$T: {tls: {mode: SIMPLE, credentialName: 'configmap://default/a'}}}
        DR-78 {$L: {localityLbSetting: {distribute: [{from: a/b, to: {a: 100}}, {from: 'a/*', to: {a: 100}}]}}}}
        EX-8 {host: a, exportTo: [.], workloadSelector: {matchLabels: {a: b}}}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string spec) => RuleTable.Rejects("DestinationRule", rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string spec) => RuleTable.Warns("DestinationRule", rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts("DestinationRule", spec);
    }
}
