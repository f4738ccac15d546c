using System.Runtime.CompilerServices;
using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.Filters.Http.Cors.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.RequestId.Uuid.V3;
using Envoy.Extensions.Retry.Host.PreviousHosts.V3;
using Envoy.Extensions.TransportSockets.RawBuffer.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Extensions.Upstreams.Http.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lateen.Translation.Tests;

/// <summary>
/// Whole configurations of proxies of <see cref="Bookinfo"/> against files. To write the files anew after a wanted change:
/// <c>LATEEN_UPDATE_GOLDEN=1 dotnet test --project tests/Lateen.Translation.Tests</c>.
/// </summary>
public sealed class GoldenTests
{
    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(
        HttpConnectionManagerReflection.Descriptor, TcpProxyReflection.Descriptor, RouterReflection.Descriptor, FaultReflection.Descriptor,
        CorsReflection.Descriptor, Envoy.Extensions.Filters.Http.GrpcStats.V3.ConfigReflection.Descriptor, TlsReflection.Descriptor,
        RawBufferReflection.Descriptor, FileReflection.Descriptor, UuidReflection.Descriptor, PreviousHostsReflection.Descriptor,
        TlsInspectorReflection.Descriptor, HttpInspectorReflection.Descriptor, OriginalDstReflection.Descriptor,
        HttpProtocolOptionsReflection.Descriptor, Xds.Istio.StatsReflection.Descriptor, Xds.Istio.Alpn.AlpnReflection.Descriptor,
        Xds.Istio.PeerMetadata.PeerMetadataReflection.Descriptor, Xds.Istio.MetadataExchange.MetadataExchangeReflection.Descriptor);

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithIndentation().WithTypeRegistry(Types));

    public static TheoryData<string> Proxies => ["sidecar-local", "sidecar-captured", "gateway"];

    [Theory]
    [MemberData(nameof(Proxies))]
    public void Configuration_is_as_recorded(string proxy)
    {
        var configuration = new ProxyConfiguration(Bookinfo.Mesh().Build(), Node(proxy));
        var clusters = configuration.Clusters();
        Check(proxy, "clusters", clusters);
        Check(proxy, "endpoints", configuration.Endpoints(clusters.Where(cluster => cluster.EdsClusterConfig is not null)
            .Select(cluster => cluster.Name)));
        Check(proxy, "listeners", configuration.Listeners());
        Check(proxy, "routes", configuration.Routes(RouteNames.Of(configuration.Listeners())));
    }

    private static ProxyNode Node(string proxy) => proxy switch
    {
        "sidecar-local" => Nodes.Sidecar(address: "10.0.0.4", app: "reviews", mode: InterceptionMode.None),
        "sidecar-captured" => Nodes.Sidecar(address: "10.0.0.8", app: "ratings"),
        _ => Nodes.Gateway(),
    };

    private static void Check(string proxy, string type, IEnumerable<IMessage> messages)
    {
        var actual = string.Join("\n", messages.Select(message => Json.Format(message))) + "\n";
        var path = Path.Combine(Folder(), $"{proxy}.{type}.json");
        if (Environment.GetEnvironmentVariable("LATEEN_UPDATE_GOLDEN") == "1") File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}
