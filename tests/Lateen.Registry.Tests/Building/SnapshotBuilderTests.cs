using Lateen.Registry.Building;
using Lateen.Registry.Sources;
using Lateen.Resources;
using Lateen.Resources.Reading;

namespace Lateen.Registry.Tests.Building;

public sealed class SnapshotBuilderTests
{
    private const string Reviews = """
        apiVersion: v1
        kind: Service
        metadata: {name: reviews, labels: {app: reviews}}
        spec:
          selector: {app: reviews}
          ports:
            - {name: http, port: 9080, targetPort: web}
            - {name: grpc-admin, port: 9090}
            - {name: dns, port: 53, protocol: UDP}
        """;

    [Fact]
    public void A_service_has_its_selected_workloads_as_endpoints()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml(Reviews,
            [Replica("reviews-1", "127.0.0.1"), Replica("reviews-2", "127.0.0.2", ready: false), Replica("other", "127.0.0.3", app: "other")]);

        Service service = Assert.Single(mesh.ServicesByHost("reviews.default.svc.cluster.local"));
        Assert.Equal([Protocol.Http, Protocol.Grpc, Protocol.Udp], service.Ports.Select(port => port.Protocol));
        Assert.Equal(["spiffe://cluster.local/ns/default/sa/bookinfo-reviews"], service.ServiceAccounts);
        Assert.Equal(
            [("127.0.0.1", 8080u, EndpointHealth.Healthy), ("127.0.0.2", 8080u, EndpointHealth.Unhealthy)],
            mesh.EndpointsOf(service, 9080).Select(endpoint => (endpoint.Address, endpoint.Port, endpoint.Health)));
        Assert.All(mesh.EndpointsOf(service, 9090), endpoint => Assert.Equal(9090u, endpoint.Port));
        Assert.Empty(mesh.EndpointsOf(service, 53));
        Assert.All(mesh.EndpointsOf(service.Key), endpoint => Assert.Equal("istio", endpoint.TlsMode));
    }

    [Fact]
    public void A_workload_knows_what_it_serves()
    {
        Workload replica = Replica("reviews-1", "127.0.0.1");
        MeshSnapshot mesh = SnapshotBuilder.FromYaml(Reviews, [replica]);
        Assert.Equal(
            [("http", 8080u), ("grpc-admin", 9090u)],
            mesh.InstancesOf(replica).Select(instance => (instance.Port.Name, instance.Endpoint.Port)));
        Assert.Equal(replica, Assert.Single(mesh.WorkloadsByAddress("127.0.0.1")));
        Assert.Equal(replica, mesh.Workload("default", "reviews-1"));
    }

    [Fact]
    public void A_named_target_port_nobody_has_makes_no_endpoint()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml(Reviews, [Replica("reviews-1", "127.0.0.1") with { Ports = [] }]);
        Assert.Empty(mesh.EndpointsOf(mesh.Services[0], 9080));
        Assert.Single(mesh.EndpointsOf(mesh.Services[0], 9090));
    }

    [Theory]
    [InlineData("{clusterIP: None}", Resolution.Passthrough)]
    [InlineData("{clusterIP: 10.0.0.1}", Resolution.ClientSideLb)]
    [InlineData("{type: ExternalName, externalName: example.com}", Resolution.Alias)]
    public void Services_resolve_by_their_kind(string spec, Resolution resolution)
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml($"{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: a}}, spec: {spec}}}");
        Assert.Equal(resolution, mesh.Services[0].Resolution);
        Assert.Equal("s.a.svc.cluster.local", mesh.Services[0].Hostname);
    }

    [Fact]
    public void Short_names_are_completed_with_the_namespace_of_their_object()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: v, namespace: shop}
            spec:
              hosts: [reviews, reviews.prod, "*", 10.0.0.1, "*.example.com"]
              gateways: [mesh, front, other/front, ./front, old.infra.svc.cluster.local]
              http:
                - match: [{gateways: [front]}]
                  route: [{destination: {host: reviews}}]
                  mirror: {host: copy}
                - delegate: {name: d}
              tcp:
                - route: [{destination: {host: db.example.com}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: r, namespace: shop}
            spec: {host: reviews}
            """);
        var service = Assert.Single(mesh.Content.VirtualServices).Spec;
        Assert.Equal(["reviews.shop.svc.cluster.local", "reviews.prod", "*", "10.0.0.1", "*.example.com"], service.Hosts);
        Assert.Equal(["mesh", "shop/front", "other/front", "shop/front", "infra/old"], service.Gateways);
        Assert.Equal(["shop/front"], service.Http[0].Match[0].Gateways);
        Assert.Equal("reviews.shop.svc.cluster.local", service.Http[0].Route[0].Destination.Host);
        Assert.Equal("copy.shop.svc.cluster.local", service.Http[0].Mirror!.Host);
        Assert.Equal("shop", service.Http[1].Delegate!.Namespace);
        Assert.Equal("db.example.com", service.Tcp[0].Route[0].Destination.Host);
        Assert.Single(mesh.DestinationRules("shop", "reviews.shop.svc.cluster.local"));
        Assert.Single(mesh.VirtualServicesOf("infra/old", "any"));
    }

    [Fact]
    public void A_ServiceEntry_is_one_service_per_host_with_its_endpoints()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: e, namespace: shop}
            spec:
              hosts: [a.example.com, "*.example.com"]
              addresses: [240.0.0.1/32, 240.1.0.0/16]
              ports:
                - {number: 443, name: https, protocol: HTTPS, targetPort: 8443}
                - {number: 80, name: http, protocol: http}
              location: MESH_INTERNAL
              resolution: STATIC
              subjectAltNames: [spiffe://x/ns/y/sa/z]
              endpoints:
                - {address: 10.0.0.1, ports: {https: 9443}, serviceAccount: web, weight: 3, locality: r/z}
                - {address: unix:///run/x.sock}
            """);
        Service service = Assert.Single(mesh.ServicesByHost("a.example.com"));
        Assert.Equal(2, mesh.Services.Length);
        Assert.False(service.MeshExternal);
        Assert.Equal(["240.0.0.1", "240.1.0.0/16"], service.Addresses);
        Assert.Equal([Protocol.Https, Protocol.Http], service.Ports.Select(port => port.Protocol));
        Assert.Equal(["spiffe://cluster.local/ns/shop/sa/web", "spiffe://x/ns/y/sa/z"], service.ServiceAccounts);
        Assert.Equal(
            [("10.0.0.1", 9443u, 3u, "istio"), ("10.0.0.1", 80u, 3u, "istio"), ("unix:///run/x.sock", 0u, 1u, "disabled"), ("unix:///run/x.sock", 0u, 1u, "disabled")],
            mesh.EndpointsOf(service.Key).Select(endpoint => (endpoint.Address, endpoint.Port, endpoint.Weight, endpoint.TlsMode)));
    }

    [Fact]
    public void A_DNS_ServiceEntry_without_endpoints_resolves_its_host()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: e}
            spec: {hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
            """);
        Service service = Assert.Single(mesh.Services);
        Assert.True(service.MeshExternal);
        Assert.Equal(("api.example.com", 443u), mesh.EndpointsOf(service.Key).Select(endpoint => (endpoint.Address, endpoint.Port)).Single());
    }

    [Theory]
    [InlineData("{labels: {app: reviews}}", "127.0.0.1")]
    [InlineData("{labels: {app: other}}", "")]
    [InlineData("{}", "127.0.0.1")]
    public void A_ServiceEntry_selects_workloads_of_its_namespace(string selector, string addresses)
    {
        string entry = $$"""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: e}
            spec:
              hosts: [web.internal]
              ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080 }]
              resolution: STATIC
              workloadSelector: {{selector}}
            """;
        MeshSnapshot mesh = SnapshotBuilder.FromYaml(entry,
            [Replica("reviews-1", "127.0.0.1"), Replica("reviews-2", "127.0.0.2") with { Namespace = "elsewhere" }]);
        Assert.Equal(addresses, string.Join(',', mesh.EndpointsOf(mesh.Services[0].Key).Select(endpoint => endpoint.Address)));
    }

    [Fact]
    public void VirtualServices_come_private_first_then_exported_then_public_and_oldest_first()
    {
        static string Virtual(string name, string @namespace, string exportTo, string created) => $$$"""
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: {{{name}}}, namespace: {{{@namespace}}}, creationTimestamp: "{{{created}}}"}
            spec: {hosts: [h], exportTo: [{{{exportTo}}}], http: [{route: [{destination: {host: h}}]}]}

            """;
        MeshSnapshot mesh = SnapshotBuilder.FromYaml(
            Virtual("public-young", "b", "'*'", "2026-02-01T00:00:00Z") + Virtual("public-old", "c", "'*'", "2026-01-01T00:00:00Z")
            + Virtual("exported", "b", "a", "2026-03-01T00:00:00Z") + Virtual("private", "a", ".", "2026-04-01T00:00:00Z")
            + Virtual("hidden", "b", ".", "2025-01-01T00:00:00Z"));
        Assert.Equal(["private", "exported", "public-old", "public-young"], mesh.VirtualServicesOf("mesh", "a").Select(service => service.Name));
    }

    [Fact]
    public void Without_creation_times_the_order_in_the_file_counts()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: z}
            ---
            apiVersion: security.istio.io/v1beta1
            kind: PeerAuthentication
            metadata: {name: a}
            spec: {mtls: {mode: STRICT}}
            """);
        Assert.Equal(["z", "a"], mesh.PeerAuthenticationsIn("default").Select(policy => policy.Name));
    }

    [Fact]
    public void Settings_come_from_the_ConfigMap_over_the_defaults()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                trustDomain: example.org
                outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                connectTimeout: 3s
                defaultConfig: {discoveryAddress: 'x:15012'}
                pathNormalization: {normalization: MERGE_SLASHES}
                somethingNew: true
            """, settings: MeshSettings.Default with { AccessLogFile = "/dev/stdout" });
        Assert.Equal("example.org", mesh.Settings.TrustDomain);
        Assert.Equal(OutboundTrafficPolicyMode.RegistryOnly, mesh.Settings.OutboundTrafficPolicy);
        Assert.Equal(Duration.FromSeconds(3), mesh.Settings.ConnectTimeout);
        Assert.Equal(PathNormalization.MergeSlashes, mesh.Settings.PathNormalization);
        Assert.Equal("/dev/stdout", mesh.Settings.AccessLogFile);
    }

    [Fact]
    public void Settings_that_break_a_rule_are_refused_whole()
    {
        ReadResult read = ResourceReader.Read("mesh.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                trustDomain: example.org
                connectTimeout: 2h
            """);
        MeshUpdate update = new SnapshotBuilder(MeshSettings.Default).Build([new SourceContent([.. read.Documents], [], [])]);
        Assert.Equal("cluster.local", update.Snapshot.Settings.TrustDomain);
        Assert.Equal("mesh.yaml:7:3: ConfigMap istio-system/istio: data.mesh: connectTimeout: must not be longer than 1h", Assert.Single(update.Findings).ToString());
    }

    [Fact]
    public void Credentials_are_found_in_either_form_and_never_shown()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: web}, data: {tls.crt: Q0VSVA==, tls.key: S0VZ, ca.crt: Q0E=}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: b, namespace: web}, stringData: {cert: CERT2, key: KEY2}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: c, namespace: web}, stringData: {password: x}}
            """);
        Assert.Equal(("CERT", "KEY", "CA"), (mesh.Credential("web", "a")!.Certificate, mesh.Credential("web", "a")!.PrivateKey, mesh.Credential("web", "a")!.CaCertificate));
        Assert.Equal(("CERT2", "KEY2"), (mesh.Credential("web", "b")!.Certificate, mesh.Credential("web", "b")!.PrivateKey));
        Assert.Null(mesh.Credential("web", "c"));
        Assert.DoesNotContain("KEY", mesh.Credential("web", "a")!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gateways_are_found_by_a_workloads_labels_in_any_namespace()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: g, namespace: shop}
            spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
            """);
        Assert.Single(mesh.GatewaysFor(new Dictionary<string, string> { ["istio"] = "ingressgateway", ["app"] = "x" }));
        Assert.Empty(mesh.GatewaysFor(new Dictionary<string, string> { ["istio"] = "egressgateway" }));
    }

    [Fact]
    public void The_own_namespaces_service_is_meant_first_then_Kubernetes()
    {
        MeshSnapshot mesh = SnapshotBuilder.FromYaml("""
            {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: x}, spec: {hosts: [s.a.svc.cluster.local]}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: s, namespace: a}, spec: {}}
            ---
            {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: f, namespace: yy}, spec: {hosts: [s.a.svc.cluster.local], exportTo: [.]}}
            """);
        Assert.Equal("a", mesh.ServiceFor("s.a.svc.cluster.local", "z")!.Namespace);
        Assert.Equal("x", mesh.ServiceFor("s.a.svc.cluster.local", "x")!.Namespace);
        Assert.Equal("yy", mesh.ServiceFor("s.a.svc.cluster.local", "yy")!.Namespace);
        Assert.Null(mesh.ServiceFor("nowhere", "a"));
    }

    internal static Workload Replica(string name, string address, string app = "reviews", bool ready = true) => new()
    {
        Name = name,
        Namespace = "default",
        Address = address,
        ServiceAccount = "bookinfo-reviews",
        WorkloadName = "reviews-v1",
        Labels = new Dictionary<string, string> { ["app"] = app, [TlsModes.Label] = TlsModes.Istio },
        Ports = [new WorkloadPort("web", 8080)],
        Ready = ready,
    };
}
