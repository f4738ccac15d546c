using k8s.Models;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;

namespace Lateen.Resources.Tests.Reading;

public sealed class ResourceReaderTests
{
    private const string Reviews = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata:
          name: reviews
        spec:
          hosts:
            - reviews
          http:
            - match:
                - headers:
                    end-user:
                      exact: jason
              route:
                - destination:
                    host: reviews
                    subset: v2
              timeout: 1.5s
              retries: {attempts: 3, perTryTimeout: 500ms, retryOn: "5xx"}
        """;

    [Fact]
    public void Reads_fields_by_their_proto_names()
    {
        var service = Single<VirtualService>(Reviews);
        HttpRoute route = Assert.Single(service.Spec.Http);
        Assert.Equal("default", service.Namespace);
        Assert.Equal(["reviews"], service.Spec.Hosts);
        Assert.Equal(new StringMatch { Exact = "jason" }, route.Match[0].Headers["end-user"]);
        Assert.Equal("v2", route.Route[0].Destination.Subset);
        Assert.Equal(TimeSpan.FromSeconds(1.5), route.Timeout!.Value.Value);
        Assert.Equal(3, route.Retries!.Attempts);
    }

    [Theory]
    [InlineData("networking.istio.io/v1")]
    [InlineData("networking.istio.io/v1beta1")]
    [InlineData("networking.istio.io/v1alpha3")]
    public void All_versions_mean_the_same(string apiVersion)
    {
        var service = Single<VirtualService>(Reviews.Replace("networking.istio.io/v1", apiVersion, StringComparison.Ordinal));
        Assert.Equal(Single<VirtualService>(Reviews).Spec, service.Spec);
        Assert.Equal(apiVersion, service.ApiVersion);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    [InlineData("v1alpha3")]
    public void All_versions_of_a_security_kind_mean_the_same(string version) =>
        Assert.Equal(
            MutualTlsMode.Strict,
            Single<PeerAuthentication>($"{{apiVersion: security.istio.io/{version}, kind: PeerAuthentication, metadata: {{name: a}}, spec: {{mtls: {{mode: STRICT}}}}}}").Spec.Mtls!.Mode);

    [Fact]
    public void Refuses_a_version_that_does_not_exist() =>
        Assert.Equal(
            ["f.yaml:1:13: VirtualService default/reviews: apiVersion: VirtualService has no version v2; it has v1, v1beta1, v1alpha3"],
            Errors(Reviews.Replace("istio.io/v1", "istio.io/v2", StringComparison.Ordinal)));

    [Fact]
    public void Names_the_place_of_an_unknown_field_and_what_was_meant() =>
        Assert.Equal(
            ["""f.yaml:13:7: VirtualService default/reviews: spec.http[0].rout: unknown field; did you mean "route"?"""],
            Errors(Reviews.Replace("route:", "rout:", StringComparison.Ordinal)));

    [Fact]
    public void Names_where_a_misplaced_field_belongs() =>
        Assert.Equal(
            [
                "f.yaml:13:17: PeerAuthentication default/x: spec.selector.mtls: unknown field; it belongs to spec",
            ],
            Errors("""
                # a comment







                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: x}
                spec: {selector:
                               {mtls: {mode: STRICT}}}
                """));

    [Fact]
    public void Reports_every_error_of_a_document()
    {
        string[] errors = Errors("""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: r, namespace: shop}
            spec:
              trafficPolicy:
                loadBalancer: {simple: ROUND_ROBBIN, consistentHash: {useSourceIp: true}}
                outlierDetection:
                  interval: 5
                  baseEjectionTime: 1 day
                  maxEjectionPercent: "50"
                  consecutive5xxErrors: -1
                connectionPool: []
              subsets: [{name: 1}]
            """);
        Assert.Equal(
            [
                "f.yaml:5:3: DestinationRule shop/r: spec.host: missing: this field is required",
                "f.yaml:6:28: DestinationRule shop/r: spec.trafficPolicy.loadBalancer.simple: expected one of UNSPECIFIED, LEAST_CONN, RANDOM, PASSTHROUGH, ROUND_ROBIN, LEAST_REQUEST, found \"ROUND_ROBBIN\"; did you mean \"ROUND_ROBIN\"?",
                "f.yaml:6:42: DestinationRule shop/r: spec.trafficPolicy.loadBalancer: only one of simple and consistentHash may be set",
                "f.yaml:8:17: DestinationRule shop/r: spec.trafficPolicy.outlierDetection.interval: expected a duration such as \"10s\", \"500ms\" or \"1h30m\", found the number 5",
                "f.yaml:9:25: DestinationRule shop/r: spec.trafficPolicy.outlierDetection.baseEjectionTime: expected a duration such as \"10s\", \"500ms\" or \"1h30m\", found \"1 day\"",
                "f.yaml:10:27: DestinationRule shop/r: spec.trafficPolicy.outlierDetection.maxEjectionPercent: expected a whole number, found \"50\"",
                "f.yaml:11:29: DestinationRule shop/r: spec.trafficPolicy.outlierDetection.consecutive5xxErrors: expected a whole number from 0, found the number -1",
                "f.yaml:12:21: DestinationRule shop/r: spec.trafficPolicy.connectionPool: expected an object, found a list",
                "f.yaml:13:20: DestinationRule shop/r: spec.subsets[0].name: expected a text (in quotes if it looks like a number or a boolean), found the number 1",
            ],
            errors);
    }

    [Fact]
    public void A_duplicate_key_is_an_error_with_both_lines() =>
        Assert.Equal(
            ["f.yaml:4:1: duplicate key \"kind\", first in line 2"],
            Errors("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\nkind: Service\n"));

    [Fact]
    public void An_error_of_syntax_names_its_line()
    {
        string error = Assert.Single(Errors("apiVersion: v1\nkind: [Service\nmetadata: {name: x}\n"));
        Assert.StartsWith("f.yaml:2:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Booleans_of_old_yaml_are_not_texts() =>
        Assert.Equal(
            ["f.yaml:3:39: Namespace /x: metadata.labels.a: expected a text (in quotes if it looks like a number or a boolean), found the boolean yes"],
            Errors("apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {b: q, a: yes}}\n"));

    [Fact]
    public void Reads_documents_and_lists()
    {
        ReadResult result = ResourceReader.Read("f.yaml", """
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: Namespace, metadata: {name: a}}
              - {apiVersion: v1, kind: Namespace, metadata: {name: b}}
            ---
            ---
            apiVersion: example.com/v1
            kind: Whatever
            metadata: {name: c}
            spec: {anything: [goes]}
            """);
        Assert.Empty(result.Errors);
        Assert.Equal(["a", "b", "c"], result.Documents.Select(document => document.Key.Name));
        Assert.Null(result.Documents[2].Resource);
    }

    [Fact]
    public void Reads_json()
    {
        var gateway = Single<Gateway>("""
            {
            	"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": "g\u0061\/t"},
            	"spec": {"selector": {"istio": "ingressgateway"}, "servers": [
            		{"port": {"number": 443, "name": "https", "protocol": "HTTPS"}, "hosts": ["*"],
            		 "tls": {"mode": "SIMPLE", "credentialName": "c", "minProtocolVersion": "TLSV1_2"}}]}
            }
            """);
        Assert.Equal("ga/t", gateway.Name);
        Assert.Equal(ServerTlsMode.Simple, gateway.Spec.Servers[0].Tls!.Mode);
        Assert.Equal(TlsProtocol.TlsV12, gateway.Spec.Servers[0].Tls!.MinProtocolVersion);
    }

    [Fact]
    public void Every_field_has_a_position()
    {
        var service = Single<VirtualService>(Reviews);
        Assert.Equal(new SourcePosition("f.yaml", 1, 1), service.Origin!.Position);
        Assert.Equal(new SourcePosition("f.yaml", 16, 13), service.Origin.Locate("spec.http[0].route[0].destination.subset"));
        Assert.Equal(new SourcePosition("f.yaml", 12, 15), service.Origin.Locate("spec.http[0].match[0].headers.end-user.exact"));
        // What does not exist is shown where it would be.
        Assert.Equal(new SourcePosition("f.yaml", 13, 7), service.Origin.Locate("spec.http[0].route[7]"));
    }

    [Fact]
    public void Aliases_and_merge_keys_work_and_are_bounded()
    {
        var rule = Single<DestinationRule>("""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: r}
            spec:
              host: a
              subsets:
                - &first {name: v1, labels: {version: v1}}
                - {<<: *first, name: v2}
            """);
        Assert.Equal([new Subset { Name = "v1", Labels = Labels("version", "v1") }, new Subset { Name = "v2", Labels = Labels("version", "v1") }],
            rule.Spec.Subsets);

        string laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(
            Enumerable.Range(0, 8).Select(i => $"{(char)('b' + i)}: &{(char)('b' + i)} [{string.Join(",", Enumerable.Repeat($"*{(char)('a' + i)}", 10))}]\n"));
        Assert.Contains("aliases stand for more than", Assert.Single(Errors(laughs)), StringComparison.Ordinal);
        Assert.Contains("nested deeper than", Assert.Single(Errors(new string('[', 5000))), StringComparison.Ordinal);
    }

    [Fact]
    public void Kubernetes_kinds_are_read_and_checked_the_same_way()
    {
        var deployment = Single<V1Deployment>("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: reviews-v1, creationTimestamp: "2026-01-31T12:00:00Z"}
            spec:
              replicas: 3
              selector: {matchLabels: {app: reviews}}
              template:
                metadata: {labels: {app: reviews}}
                spec:
                  containers:
                    - name: reviews
                      image: reviews:1
                      resources: {requests: {cpu: 100m, memory: 64Mi}}
                      readinessProbe: {httpGet: {path: /health, port: http}}
                      ports: [{name: http, containerPort: 9080}]
            """);
        Assert.Equal(3, deployment.Spec.Replicas);
        Assert.Equal("default", deployment.Metadata.NamespaceProperty);
        Assert.Equal("http", deployment.Spec.Template.Spec.Containers[0].ReadinessProbe.HttpGet.Port.ToString());
        Assert.Equal("100m", deployment.Spec.Template.Spec.Containers[0].Resources.Requests["cpu"].ToString());
        Assert.Equal(
            ["f.yaml:4:17: Service default/s: spec.ports[0].prot: unknown field; did you mean \"port\"?"],
            Errors("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{prot: 80, port: 80}]}"));
    }

    [Fact]
    public void What_kubectl_prints_is_read()
    {
        var service = Single<V1Service>("""
            apiVersion: v1
            kind: Service
            metadata:
              creationTimestamp: "2026-01-31T12:00:00Z"
              name: s
              namespace: shop
              resourceVersion: "17"
              uid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427
              managedFields:
                - apiVersion: v1
                  fieldsType: FieldsV1
                  fieldsV1: {"f:spec": {"f:ports": {".": {}, 'k:{"port":80}': {}}}}
                  manager: kubectl
                  operation: Update
                  time: "2026-01-31T12:00:00Z"
            spec:
              clusterIP: 10.0.0.1
              ports: [{port: 80, protocol: TCP, targetPort: 8080}]
            status:
              loadBalancer: {}
            """);
        Assert.Equal("8080", service.Spec.Ports[0].TargetPort.ToString());
        var route = Single<VirtualService>(Reviews.Replace("  name: reviews", "  name: reviews\n  creationTimestamp: null\n  managedFields: [{x: y}]", StringComparison.Ordinal)
            + "\nstatus: {observedGeneration: \"1\"}\n");
        Assert.Null(route.Metadata.CreationTimestamp);
    }

    [Fact]
    public void The_form_of_every_type_of_every_kind_is_known()
    {
        var seen = new HashSet<TypeShape>();
        var open = new Stack<TypeShape>(KnownKinds.All.Select(kind => TypeShape.Of(kind.Type)));
        while (open.TryPop(out TypeShape? shape))
        {
            if (!seen.Add(shape)) continue;
            if (shape.ElementType is not null) open.Push(shape.Element);
            if (shape.Kind != ShapeKind.Object) continue;
            Assert.NotNull(shape.Type.GetConstructor([]));
            foreach (FieldShape field in shape.Fields) open.Push(field.Shape);
        }
        Assert.True(seen.Count > 200);
    }

    [Theory]
    [InlineData("name: nothing of the mesh\n")]
    [InlineData("")]
    [InlineData("# only a comment\n---\n")]
    public void Files_of_other_tools_are_left_alone(string text)
    {
        ReadResult result = ResourceReader.Read("f.yaml", text);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Documents);
    }

    private static EquatableMap<string> Labels(string key, string value) => new Dictionary<string, string> { [key] = value };

    private static T Single<T>(string text)
    {
        ReadResult result = ResourceReader.Read("f.yaml", text);
        Assert.Empty(result.Errors);
        return Assert.IsType<T>(Assert.Single(result.Documents).Resource);
    }

    private static string[] Errors(string text) =>
        [.. ResourceReader.Read("f.yaml", text).Errors.OrderBy(error => (error.Position.Line, error.Position.Column)).Select(error => error.ToString())];
}
