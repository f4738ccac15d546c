using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Http.UpstreamCodec.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Upstreams.Http.V3;
using Google.Protobuf.Reflection;
using Google.Protobuf;
using Lateen.Local.Bootstraps;
using Lateen.Local.Workloads;
using Lateen.Registry;
using Lateen.Resources;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Local.Tests;

public sealed class BootstrapTests
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithTypeRegistry(
        TypeRegistry.FromMessages(
            HttpConnectionManager.Descriptor, Router.Descriptor, HttpProtocolOptions.Descriptor, HeaderMutation.Descriptor, UpstreamCodec.Descriptor)));

    /// <summary>The whole file; after a wanted change run with LATEEN_UPDATE_GOLDEN=1 and read the difference.</summary>
    [Fact]
    public void A_sidecars_bootstrap_is_this()
    {
        var golden = Path.Combine(AppContext.BaseDirectory, "Golden", "sidecar.json");
        var text = Sidecar().ToJson() + "\n";
        if (Environment.GetEnvironmentVariable("LATEEN_UPDATE_GOLDEN") == "1")
            File.WriteAllText(Path.Combine(SourceFolder(), "Golden", "sidecar.json"), text);
        else
            Assert.Equal(File.ReadAllText(golden), text);
    }

    [Fact]
    public void Is_an_Envoy_bootstrap()
    {
        var bootstrap = Parser.Parse<BootstrapMessage>(Sidecar().ToJson());

        Assert.Equal("sidecar~127.70.1.5~reviews-v1-1.default~default.svc.cluster.local", bootstrap.Node.Id);
        Assert.Equal("reviews.default", bootstrap.Node.Cluster);
        Assert.Equal("NONE", bootstrap.Node.Metadata.Fields["INTERCEPTION_MODE"].StringValue);
        Assert.Equal("15080", bootstrap.Node.Metadata.Fields["HTTP_PROXY_PORT"].StringValue);
        Assert.Equal(["prometheus_stats", "agent", "sds-grpc", "xds-grpc"], bootstrap.StaticResources.Clusters.Select(cluster => cluster.Name));
        Assert.Equal([15090u, 15021u], bootstrap.StaticResources.Listeners.Select(listener => listener.Address.SocketAddress.PortValue));
        var service = Assert.Single(bootstrap.DynamicResources.AdsConfig.GrpcServices);
        Assert.Equal("Bearer TOKEN", Assert.Single(service.InitialMetadata).Value);
    }

    [Fact]
    public void A_gateway_is_a_router_that_captures_nothing()
    {
        var identity = new ProxyIdentity(ProxyKind.Router, GatewayWorkload.Create("127.70.1.1", 8080, 8443, [9443]));

        Assert.Equal("router~127.70.1.1~istio-ingressgateway-1.istio-system~istio-system.svc.cluster.local", identity.NodeId);
        Assert.Equal("istio-ingressgateway.istio-system", identity.Cluster);
        Assert.False(identity.ToJson()["metadata"]!.AsObject().ContainsKey("INTERCEPTION_MODE"));
    }

    private static Bootstrap Sidecar() => new()
    {
        Address = "127.70.1.5",
        XdsSocket = "/state/run/xds.sock",
        Token = "TOKEN",
        Identity = new ProxyIdentity(ProxyKind.Sidecar, new Workload
        {
            Name = "reviews-v1-1",
            Namespace = "default",
            Address = "127.70.1.5",
            ApplicationAddress = "127.70.2.5",
            Labels = new EquatableMap<string>([new("app", "reviews"), new("version", "v1")]),
            ServiceAccount = "bookinfo-reviews",
            WorkloadName = "reviews-v1",
            Ports = [new WorkloadPort("http", 9080)],
            Node = "here",
        }),
    };

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
