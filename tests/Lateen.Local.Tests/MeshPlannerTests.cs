using System.Collections.Immutable;
using k8s.Models;
using Lateen.Local.Workloads;
using Lateen.Registry.Sources;
using Lateen.Resources.Reading;

namespace Lateen.Local.Tests;

public sealed class MeshPlannerTests
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: reviews-v1}
        spec:
          replicas: 2
          selector: {matchLabels: {app: reviews}}
          template:
            metadata:
              labels: {app: reviews, version: v1, sidecar.istio.io/inject: "true"}
            spec:
              serviceAccountName: bookinfo-reviews
              containers:
                - name: reviews
                  image: reviews
                  env:
                    - {name: VERSION, value: v1}
                    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
                  ports:
                    - {name: http, containerPort: 9080}
        """;

    [Fact]
    public void Each_replica_has_an_identity_addresses_and_a_process()
    {
        var plan = Plan(Deployment, "deployments: {reviews-v1: {command: run, args: [\"${pod}\", \"${address}:${port:http}\", \"${port:9080}\", \"${replica}\"]}}");

        Assert.Equal(["reviews-v1-1", "reviews-v1-2"], plan.Replicas.Select(replica => replica.Workload.Name));
        var second = plan.Replicas[1];
        Assert.True(second.Injected);
        Assert.Equal(("127.70.1.2", "127.70.2.2"), (second.Workload.Address, second.Workload.ApplicationAddress));
        Assert.Equal("bookinfo-reviews", second.Workload.ServiceAccount);
        Assert.Equal("reviews-v1", second.Workload.WorkloadName);
        Assert.Equal("istio", second.Workload.TlsMode);
        Assert.Equal("reviews", second.Workload.Labels["service.istio.io/canonical-name"]);
        Assert.Equal("v1", second.Workload.Labels["service.istio.io/canonical-revision"]);
        Assert.Equal(["reviews-v1-2", "127.70.2.2:9080", "9080", "2"], second.Application!.Arguments);
    }

    [Fact]
    public void The_environment_is_the_containers_with_the_sidecar_as_proxy()
    {
        var environment = Plan(Deployment, "deployments: {reviews-v1: {command: run, env: {EXTRA: \"${folder}\"}}}").Replicas[0].Application!.Environment;

        Assert.Equal("v1", environment["VERSION"]);
        Assert.Equal("reviews-v1-1", environment["POD"]);
        Assert.Equal("reviews", environment["APP"]);
        Assert.Equal("/mesh", environment["EXTRA"]);
        Assert.Equal("reviews-v1-1", environment["HOSTNAME"]);
        Assert.Equal("http://127.70.1.1:15080", environment["HTTP_PROXY"]);
        Assert.Equal("http://127.70.1.1:15080", environment["http_proxy"]);
    }

    [Fact]
    public void Projects_are_run_by_dotnet()
    {
        var application = Plan(Deployment, "deployments: {reviews-v1: {project: src/Reviews, args: [x]}}").Replicas[0].Application!;

        Assert.Equal("dotnet", application.Command);
        Assert.Equal(["exec", "/mesh/src/Reviews.dll", "x"], application.Arguments);
        Assert.Equal("/mesh", application.WorkingDirectory);
    }

    [Fact]
    public void Without_injection_there_is_no_sidecar_and_one_address()
    {
        var replica = Plan(Deployment.Replace("inject: \"true\"", "inject: \"false\"", StringComparison.Ordinal), "deployments: {reviews-v1: {command: run, args: [\"${address}\"]}}").Replicas[0];

        Assert.False(replica.Injected);
        Assert.Null(replica.Workload.ApplicationAddress);
        Assert.Equal(replica.Workload.Address, replica.Application!.Arguments[0]);
        Assert.False(replica.Application.Environment.ContainsKey("HTTP_PROXY"));
        Assert.Equal("disabled", replica.Workload.TlsMode);
    }

    [Theory]
    [InlineData("reviews: {command: run}", "Deployment reviews-v1 in /mesh has no entry below \"deployments\" in local.yaml (or use --no-apps)")]
    [InlineData("reviews-v1: {command: run, args: [\"${port:grpc}\"]}", "local.yaml:1:49: no container of Deployment reviews-v1 has a port grpc")]
    public void Says_what_is_missing(string entry, string message)
    {
        var error = Assert.Throws<LocalMeshException>(() => Plan(Deployment, $"deployments: {{{entry}}}"));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Only_the_mesh_needs_no_local_file()
    {
        var plan = Planner("{}", runApplications: false).Plan(Deployments(Deployment), []);

        Assert.All(plan.Replicas, replica => Assert.Null(replica.Application));
    }

    [Fact]
    public void A_plan_for_the_same_yaml_is_equal()
    {
        const string Local = "deployments: {reviews-v1: {command: run}}";
        var planner = new LoopbackAddresses(70);

        var first = Planner(Local, addresses: planner).Plan(Deployments(Deployment), []);
        var second = Planner(Local, addresses: planner).Plan(Deployments(Deployment), []);

        Assert.Equal(first.Replicas, second.Replicas);
    }

    private static MeshPlan Plan(string deployment, string local) => Planner(local).Plan(Deployments(deployment), []);

    private static MeshPlanner Planner(string local, bool runApplications = true, LoopbackAddresses? addresses = null)
    {
        var errors = new List<ReadError>();
        var file = LocalFileReader.Read("local.yaml", NodeReader.Read("local.yaml", local, errors)[0]);
        return new MeshPlanner("/mesh", file, addresses ?? new LoopbackAddresses(70), project => $"{project}.dll", runApplications);
    }

    private static ImmutableArray<V1Deployment> Deployments(string yaml)
    {
        var read = ResourceReader.Read("mesh.yaml", yaml);
        Assert.Empty(read.Errors);
        return MeshFolder.Of(SourceContent.Empty with { Documents = [.. read.Documents] }).Deployments;
    }
}
