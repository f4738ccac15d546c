using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http.Filters;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Tests.Configuration;

/// <summary>All that applies configuration, connected to a control plane of the test's, with listeners that only take notes.</summary>
internal sealed class Fixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Fixture(ControlPlane plane)
    {
        Plane = plane;
        Bootstrap = ConfigurationDocument.Read<BootstrapProto>("test",
            $$"""
            node: { id: n, cluster: c }
            dynamic_resources:
              ads_config:
                api_type: GRPC
                grpc_services: [{ envoy_grpc: { cluster_name: xds }, initial_metadata: [{ key: authorization, value: Bearer t }] }]
            static_resources:
              clusters:
              - name: xds
                connect_timeout: 1s
                load_assignment:
                  cluster_name: xds
                  endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: {{plane.SocketPath}} } } } }] }]
              - name: sds
                connect_timeout: 1s
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: { http2_protocol_options: {} }
                    http_filters:
                    - name: envoy.filters.http.header_mutation
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation
                        mutations: { request_mutations: [{ append: { header: { key: authorization, value: Bearer t } } }] }
                load_assignment:
                  cluster_name: sds
                  endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: {{plane.SocketPath}} } } } }] }]
            """);
        var loggers = NullLoggerFactory.Instance;
        Connections = new XdsConnections(Bootstrap, Stats, TimeProvider.System, loggers);
        Secrets = new SecretDirectory(Connections, Bootstrap, TimeProvider.System, loggers);
        Routes = new RouteDirectory(Connections, new ExtensionCatalog(BuiltInFilters.Http(), BuiltInFilters.Network()), Ignored.Add, TimeProvider.System);
        Clusters = new ClusterManager(new ClusterServices
        {
            Time = TimeProvider.System,
            Stats = Stats,
            LoopCount = 1,
            Transports = new UpstreamTransportFactory(Secrets, Stats, loggers),
            LoggerFactory = loggers,
        });
        ClusterUpdates = new ClusterUpdates(Clusters, Connections, TimeProvider.System, loggers);
        Listeners = new FakeListeners(Routes);
        ListenerUpdates = new ListenerUpdates(Listeners, Connections, Stats, TimeProvider.System, loggers);
        _running = Connections.RunAsync(_stop.Token);
    }

    public ControlPlane Plane { get; }

    public BootstrapProto Bootstrap { get; }

    public StatsStore Stats { get; } = new();

    /// <summary>Fields without effect, in the order they were told.</summary>
    public List<string> Ignored { get; } = [];

    public XdsConnections Connections { get; }

    public SecretDirectory Secrets { get; }

    public RouteDirectory Routes { get; }

    public ClusterManager Clusters { get; }

    public ClusterUpdates ClusterUpdates { get; }

    public FakeListeners Listeners { get; }

    public ListenerUpdates ListenerUpdates { get; }

    public static async Task<Fixture> StartAsync() => new(await ControlPlane.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Clusters.Dispose();
        Secrets.Dispose();
        await Plane.DisposeAsync();
        _stop.Dispose();
    }
}
