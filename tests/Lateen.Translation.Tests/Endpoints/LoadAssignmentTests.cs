using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;
using static Lateen.Translation.Tests.Rules;

namespace Lateen.Translation.Tests.Endpoints;

public sealed class LoadAssignmentTests
{
    private const string A = "a.default.svc.cluster.local";

    private static ClusterLoadAssignment Endpoints(Mesh mesh, string name = "outbound|80||" + A) =>
        Assert.Single(new ProxyConfiguration(mesh.Build(), Nodes.Sidecar()).Endpoints([name]));

    private static IEnumerable<string> Addresses(ClusterLoadAssignment assignment) =>
        assignment.Endpoints.SelectMany(locality => locality.LbEndpoints)
            .Select(endpoint => $"{endpoint.Endpoint.Address.SocketAddress.Address}:{endpoint.Endpoint.Address.SocketAddress.PortValue}");

    [Fact]
    public void Endpoints_are_of_the_port_and_subset()
    {
        var mesh = new Mesh().Service("a", "default", "http:80:8080", "http-admin:81")
            .Workload("a", "default", "10.0.0.1", "v1").Workload("a", "default", "10.0.0.2", "v2")
            .DestinationRule("a", A, subsets: [Subset("v2")]);
        Assert.Equal(["10.0.0.1:8080", "10.0.0.2:8080"], Addresses(Endpoints(mesh)));
        Assert.Equal(["10.0.0.2:81"], Addresses(Endpoints(mesh, "outbound|81|v2|" + A)));
    }

    [Theory]
    [InlineData("outbound|80||nobody.example.com")]
    [InlineData("outbound|81||" + A)]
    [InlineData("outbound|80|v9|" + A)]
    [InlineData("nonsense")]
    public void Every_name_has_an_answer(string name)
    {
        var answer = Endpoints(new Mesh().Service("a", "default", "http:80").Workload("a", "default", "10.0.0.1"), name);
        Assert.Equal(name, answer.ClusterName);
        Assert.Empty(answer.Endpoints);
    }

    [Fact]
    public void Localities_are_sorted_and_weigh_what_their_endpoints_do()
    {
        var mesh = new Mesh().Service("a", "default", "http:80")
            .Workload("a", "default", "10.0.0.1", change: workload => workload with { Locality = "r2/z1/s1" })
            .Workload("a", "default", "10.0.0.2", change: workload => workload with { Locality = "r1" })
            .Workload("a", "default", "10.0.0.3", change: workload => workload with { Locality = "r2/z1/s1" });
        var localities = Endpoints(mesh).Endpoints;
        Assert.Equal(["r1", "r2"], localities.Select(locality => locality.Locality.Region));
        Assert.Equal([1u, 2u], localities.Select(locality => locality.LoadBalancingWeight!.Value));
        Assert.Equal(("z1", "s1"), (localities[1].Locality.Zone, localities[1].Locality.SubZone));
    }

    [Fact]
    public void Metadata_tells_transport_and_workload()
    {
        var mesh = new Mesh().Service("a", "default", "http:80").Workload("a", "default", "10.0.0.1", "v1");
        var metadata = Endpoints(mesh).Endpoints[0].LbEndpoints[0].Metadata.FilterMetadata;
        Assert.Equal("istio", metadata["envoy.transport_socket_match"].Fields["tlsMode"].StringValue);
        Assert.Equal("a-v1;default;a;v1;Kubernetes", metadata["istio"].Fields["workload"].StringValue);
    }

    [Theory]
    [InlineData(MutualTlsMode.Disable, null, false)]
    [InlineData(MutualTlsMode.Permissive, null, true)]
    [InlineData(MutualTlsMode.Disable, ClientTlsMode.IstioMutual, true)]
    [InlineData(MutualTlsMode.Strict, ClientTlsMode.Simple, false)]
    [InlineData(MutualTlsMode.Strict, ClientTlsMode.Disable, false)]
    public void Transport_by_policies(MutualTlsMode server, ClientTlsMode? client, bool expected)
    {
        var mesh = new Mesh().Service("a", "default", "http:80").Workload("a", "default", "10.0.0.1")
            .PeerAuthentication("p", "default", server, new() { ["app"] = "a" });
        if (client is { } mode) mesh.DestinationRule("a", A, new TrafficPolicy { Tls = new ClientTlsSettings { Mode = mode } });
        Assert.Equal(expected, Endpoints(mesh).Endpoints[0].LbEndpoints[0].Metadata.FilterMetadata.ContainsKey("envoy.transport_socket_match"));
    }

    [Fact]
    public void Workloads_without_a_sidecar_take_plaintext()
    {
        var mesh = new Mesh().Service("a", "default", "http:80")
            .Workload("a", "default", "10.0.0.1", change: workload =>
                workload with { Labels = workload.Labels.With(TlsModes.Label, TlsModes.Disabled) });
        Assert.False(Endpoints(mesh).Endpoints[0].LbEndpoints[0].Metadata.FilterMetadata.ContainsKey("envoy.transport_socket_match"));
    }

    [Fact]
    public void Unready_endpoints_are_sent_as_unhealthy_unless_a_health_minimum_is_set()
    {
        var mesh = new Mesh().Service("a", "default", "http:80")
            .Workload("a", "default", "10.0.0.1", change: workload => workload with { Ready = false });
        Assert.Equal(HealthStatus.Unhealthy, Endpoints(mesh).Endpoints[0].LbEndpoints[0].HealthStatus);
        mesh.DestinationRule("a", A, new TrafficPolicy { OutlierDetection = new OutlierDetection { MinHealthPercent = 50 } });
        Assert.Empty(Endpoints(mesh).Endpoints);
    }

    [Fact]
    public void Names_are_no_eds_endpoints_and_paths_are_pipes()
    {
        var mesh = new Mesh().External("x.com", Resolution.ClientSideLb, "http:80")
            .Endpoint("x.com", "some.host", 80, 80).Endpoint("x.com", "unix:///run/x.sock", 0, 80);
        var endpoint = Assert.Single(Assert.Single(Endpoints(mesh, "outbound|80||x.com").Endpoints).LbEndpoints);
        Assert.Equal("/run/x.sock", endpoint.Endpoint.Address.Pipe.Path);
    }
}
