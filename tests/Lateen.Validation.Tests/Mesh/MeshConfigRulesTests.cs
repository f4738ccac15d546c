using Lateen.Resources.Mesh;
using Lateen.Resources.Reading;
using Lateen.Validation.Mesh;

namespace Lateen.Validation.Tests.Mesh;

public sealed class MeshConfigRulesTests
{
    private static readonly (string, string)[] Words = [("D", "defaultConfig"), ("X", "extensionProviders"), ("R", "defaultInboundHttpRetryPolicy")];

    public static TheoryData<string, string> Rejected => RuleTable.Of("""
        MC-1 {proxyListenPort: 0}
        MC-2 {connectTimeout: 2h}
        MC-2 {connectTimeout: 0s}
        MC-3 {protocolDetectionTimeout: 1500us}
        DR-77 {localityLbSetting: {distribute: [{from: a, to: {a: 50}}]}}
        DR-84 {zoneAwareLbSetting: {failover: [{from: a, to: a}]}}
        MC-7 {serviceSettings: [{hosts: [a_b]}]}
        MC-8 {trustDomain: ''}
        MC-8 {trust_domain: foo/bar}
        MC-9 {trustDomainAliases: ['a:b']}
        MC-10 {meshMTLS: {ecdhCurves: [P-256]}}
        DR-40 {defaultTrafficPolicy: {connectionPool: {}}}
        DR-41 {defaultTrafficPolicy: {connectionPool: {http: {maxRetries: -1}}}}
        DR-33 {defaultTrafficPolicy: {outlierDetection: {maxEjectionPercent: 101}}}
        VS-121 {$R: {retryOn: 5xx}}
        MC-16 {$R: {backoff: 1s}}
        MP-1 {$D: {configPath: ''}}
        MP-2 {$D: {binaryPath: ''}}
        MP-3 {$D: {serviceCluster: ''}}
        MP-5 {$D: {drainDuration: 1500ms}}
        MP-6 {$D: {discoveryAddress: istiod}}
        MP-7 {$D: {tracing: {lightstep: {address: 'a:1'}}}}
        MP-8 {$D: {tracing: {zipkin: {address: a}}}}
        DR-106 {$D: {tracing: {tlsSettings: {mode: MUTUAL}}}}
        MP-11 {$D: {statsdUdpAddress: 'a:0'}}
        MP-11 {$D: {envoyAccessLogService: {address: '::1:80'}}}
        MP-13 {$D: {statusPort: 65536}}
        MP-14 {$D: {controlPlaneAuthPolicy: INHERIT}}
        MP-15 {$D: {privateKeyProvider: {}}}
        MP-16 {$D: {privateKeyProvider: {qat: {pollDelay: 0s}}}}
        MP-17 {$D: {connectionSettings: {listenerPerConnectionBufferLimitBytes: -1}}}
        MP-18 {$D: {connectionSettings: {httpIdleTimeout: -1s}}}
        MP-19 {$D: {connectionSettings: {httpMaxConcurrentStreams: 0}}}
        MP-20 {$D: {connectionSettings: {http2InitialStreamWindowSize: 65534}}}
        """, Words);

    public static TheoryData<string, string> Warned => RuleTable.Of("""
        MC-11 {tlsDefaults: {ecdhCurves: [P-1]}}
        MC-12 {tlsDefaults: {ecdhCurves: [P-256, P-256]}}
        MC-17 {$R: {attempts: 1, retryIgnorePreviousHosts: true}}
        MP-12 {$D: {proxyMetadata: {ISTIO_META_DNS_AUTO_ALLOCATE: 'true'}}}
        XP-1 {$X: [{prometheus: {}}]}
        XP-2 {$X: [{name: a, prometheus: {}}, {name: a, prometheus: {}}]}
        XP-3 {$X: [{name: a}]}
        XP-4 {$X: [{name: a, zipkin: {port: 1}}]}
        XP-4 {$X: [{name: a, zipkin: {service: ns/short, port: 1}}]}
        XP-5 {$X: [{name: a, zipkin: {service: a.b}}]}
        XP-6 {$X: [{name: a, envoyExtAuthzHttp: {service: a.b, port: 1, statusOnError: '999'}}]}
        XP-7 {$X: [{name: a, envoyExtAuthzHttp: {service: a.b, port: 1, pathPrefix: x}}]}
        XP-8 {$X: [{name: a, lightstep: {service: a.b, port: 1}}]}
        XP-9 {$X: [{name: a, opentelemetry: {service: a.b, port: 1, http: {path: /}, grpc: {}}}]}
        """, Words);

    public static TheoryData<string, string> Accepted => RuleTable.Of("""
        A84 {trustDomain: td.123}
        A85 {protocolDetectionTimeout: -5ms}
        MP-6 {$D: {discoveryAddress: 'istiod.istio-system.svc:15012'}}
        MP-8 {$D: {tracing: {datadog: {address: '$(HOST_IP):8126'}}}}
        MP-23 {$D: {discoveryAddress: '[::1]:15012', proxy_metadata: {A: b}}}
        any {proxy_listen_port: '15001', accessLogEncoding: 1, mixerCheckServer: gone, outboundTrafficPolicy: {mode: ALLOW_ANY}}
        XP-4 {$X: [{name: a, zipkin: {service: ns/a.b, port: 1}}, {name: b, envoyOtelAls: {service: c, port: 1}}]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string rule, string config) =>
        Assert.Contains(Check(config), finding => finding.Severity == Severity.Error && finding.Rule == rule);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string rule, string config)
    {
        IReadOnlyList<Finding> findings = Check(config);
        Assert.DoesNotContain(findings, finding => finding.Severity == Severity.Error);
        Assert.Contains(findings, finding => finding.Rule == rule);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string edge, string config)
    {
        Assert.NotEmpty(edge);
        Assert.Empty(Check(config));
    }

    [Theory]
    [InlineData("MN-1", "{endpoints: [{fromCidr: 10.0.0.0/33}]}")]
    [InlineData("MN-2", "{endpoints: [{fromRegistry: a.b}]}")]
    [InlineData("MN-3", "{gateways: [{registryServiceName: '*.a', port: 1}]}")]
    [InlineData("MN-4", "{gateways: [{address: a_b, port: 1}]}")]
    [InlineData("MN-5", "{gateways: [{address: 1.1.1.1}]}")]
    [InlineData("", "{endpoints: [{fromCidr: 10.0.0.1}, {fromRegistry: c1}], gateways: [{address: gw.example.com, port: 15443}]}")]
    public void Networks_are_checked(string rule, string network)
    {
        Node root = Assert.Single(NodeReader.Read("f.yaml", $"{{networks: {{net: {network}}}}}", []));
        var networks = ResourceReader.ReadMessage<MeshNetworks>(root, (_, _, path, message) => Assert.Fail($"{path}: {message}"));
        Assert.Equal(rule, string.Concat(MeshNetworksRules.Check(networks!, new ResourceOrigin("f.yaml", root), null).Select(finding => finding.Rule)));
    }

    [Fact]
    public void Of_a_oneof_the_last_member_declared_counts()
    {
        Node root = Assert.Single(NodeReader.Read("f.yaml", "{tracingServiceName: CANONICAL_NAME_ONLY, serviceCluster: a}", []));
        var config = ResourceReader.ReadMessage<ProxyConfigMessage>(root, (_, _, path, message) => Assert.Fail($"{path}: {message}"));
        Assert.Equal((null, TracingServiceName.CanonicalNameOnly), (config!.ServiceCluster, config.TracingServiceName));
    }

    private static IReadOnlyList<Finding> Check(string text)
    {
        Node root = Assert.Single(NodeReader.Read("f.yaml", text, []));
        var config = ResourceReader.ReadMessage<MeshConfig>(root, (_, _, path, message) => Assert.Fail($"{path}: {message}"));
        return MeshConfigRules.Check(config!, new ResourceOrigin("f.yaml", root), null);
    }
}
