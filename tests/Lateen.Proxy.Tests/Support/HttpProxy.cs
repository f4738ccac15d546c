using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Http.ConnectionManager;
using Lateen.Proxy.Http.Filters;
using Lateen.Proxy.Http.Router;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging.Abstractions;
using ConnectionManagerProto = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Lateen.Proxy.Tests.Support;

/// <summary>
/// A connection manager with a router and clusters on a manual loop: bytes of a client in, bytes of hosts out, no socket.
/// </summary>
public sealed class HttpProxy : IDisposable
{
    private readonly ConnectionManagerProto _proto;
    private ITerminalNetworkFilter? _manager;

    public HttpProxy(string routes = DefaultRoutes, Action<ConnectionManagerProto>? configure = null, TrafficDirection direction = TrafficDirection.Unspecified)
    {
        Upstreams = new FakeUpstreams(Loop);
        Clusters = new ClusterManager(new ClusterServices
        {
            Time = Loop.Clock,
            Stats = Stats,
            LoopCount = 1,
            Transports = new NoTransports(),
            LoggerFactory = NullLoggerFactory.Instance,
            Random = new Random(1),
        });
        Services = new ProxyServices
        {
            Node = Node,
            Loops = [Loop],
            Time = Loop.Clock,
            Stats = Stats,
            Clusters = Clusters,
            Routes = new NoRoutes(),
            Secrets = new NoSecrets(),
            AccessLogs = Log,
            Extensions = new ExtensionCatalog(BuiltInFilters.Http(), BuiltInFilters.Network()),
            LoggerFactory = NullLoggerFactory.Instance,
            UpstreamConnector = Upstreams,
        };
        _proto = new ConnectionManagerProto
        {
            StatPrefix = "test",
            StreamIdleTimeout = new Duration(),
            RouteConfig = JsonParser.Default.Parse<RouteConfiguration>(routes),
            AccessLog = { new Envoy.Config.Accesslog.V3.AccessLog() },
            HttpFilters =
            {
                new HttpFilter
                {
                    Name = "envoy.filters.http.router",
                    TypedConfig = Any.Pack(new Envoy.Extensions.Filters.Http.Router.V3.Router()),
                },
            },
        };
        configure?.Invoke(_proto);
        Direction = direction;
    }

    /// <summary>Everything to cluster <c>a</c> without timeout.</summary>
    public const string DefaultRoutes =
        """{"virtualHosts":[{"name":"all","domains":["*"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"a","timeout":"0s"}}]}]}""";

    public TrafficDirection Direction { get; }

    public Node Node { get; } = new() { Id = "sidecar~10.0.0.9~p.default~default.svc.cluster.local", Cluster = "p.default" };

    public ManualLoop Loop { get; } = new();

    public StatsStore Stats { get; } = new();

    public FakeUpstreams Upstreams { get; }

    public ClusterManager Clusters { get; }

    public ProxyServices Services { get; }

    public RecordingLog Log { get; } = new();

    /// <summary>The network connection of the last client.</summary>
    public NetworkConnection Network { get; private set; } = null!;

    /// <summary>Routes with one route's action, e.g. <c>"cluster":"a","timeout":"1s"</c>.</summary>
    public static string RouteTo(string action, string virtualHost = "") =>
        $$$"""{"virtualHosts":[{"name":"all","domains":["*"]{{{virtualHost}}},"routes":[{"match":{"prefix":"/"},"route":{{{{action}}}}}]}]}""";

    /// <summary>Adds a static cluster with hosts 10.1.0.1, 10.1.0.2, ….</summary>
    public Cluster AddCluster(string name = "a", int hosts = 1, Action<Envoy.Config.Cluster.V3.Cluster>? configure = null)
    {
        var proto = new Envoy.Config.Cluster.V3.Cluster { Name = name, LoadAssignment = new() { ClusterName = name } };
        var locality = new Envoy.Config.Endpoint.V3.LocalityLbEndpoints();
        for (var i = 1; i <= hosts; i++)
        {
            locality.LbEndpoints.Add(new Envoy.Config.Endpoint.V3.LbEndpoint
            {
                Endpoint = new() { Address = new Address { SocketAddress = new() { Address = $"10.1.0.{i}", PortValue = 80 } } },
            });
        }

        proto.LoadAssignment.Endpoints.Add(locality);
        configure?.Invoke(proto);
        _ = Clusters.AddOrUpdate(proto);
        return Clusters.Find(name)!;
    }

    /// <summary>Changes the connection manager's configuration before the first client comes.</summary>
    public void Configure(Action<ConnectionManagerProto> configure) => configure(_proto);

    /// <summary>A client's end of a new connection.</summary>
    public PipeTransport Connect(Action<ConnectionInfo>? describe = null)
    {
        _manager ??= (ITerminalNetworkFilter)new ConnectionManagerFactory().Create(
            _proto.ToByteString(), new FilterContext(Services, "test", Direction, ""));
        var (client, server) = PipeTransport.Pair(Loop);
        describe?.Invoke(server.Info);
        Network = new NetworkConnection { Transport = server, Info = new TcpStreamInfo(Loop, server.Info) };
        _ = ServeAsync(server);
        Loop.RunUntilIdle();
        return client;
    }

    /// <summary>Sends bytes and lets the loop run dry.</summary>
    public void Send(PipeTransport to, string text)
    {
        to.Write(text);
        Loop.RunUntilIdle();
    }

    /// <summary>What has arrived.</summary>
    public string Received(PipeTransport at)
    {
        Loop.RunUntilIdle();
        return at.TakeText();
    }

    /// <summary>A GET from a new client, answered by a host as given; what the client got.</summary>
    public string Exchange(string request, string response, out string forwarded, Action<ConnectionInfo>? describe = null)
    {
        var client = Connect(describe);
        Send(client, request);
        forwarded = Received(Upstreams.Connections[^1]);
        Send(Upstreams.Connections[^1], response);
        return Received(client);
    }

    public long Count(string counter) => Stats.Counter(counter).Value;

    public void Dispose() => Clusters.Dispose();

    private async Task ServeAsync(PipeTransport server)
    {
        await _manager!.ServeAsync(Network);
        server.Close();
    }

    /// <summary>Keeps what an access log would have written.</summary>
    public sealed class RecordingLog : IAccessLogFactory, IAccessLog
    {
        public List<Entry> Entries { get; } = [];

        public Entry Last => Entries[^1];

        public IAccessLog Create(IReadOnlyList<Envoy.Config.Accesslog.V3.AccessLog> configuration) => this;

        public bool Silent { get; set; }

        public void Log(StreamInfo stream)
        {
            if (!Silent)
            {
                var exchange = (HttpExchange)stream;
                Entries.Add(new Entry(
                    exchange.Response?.Status ?? 0,
                    Lateen.Proxy.AccessLog.ResponseFlagText.Short(exchange.Flags),
                    exchange.ResponseCodeDetails ?? "",
                    exchange.UpstreamHost?.AddressText ?? "",
                    exchange.UpstreamAttempts)
                {
                    Received = exchange.BytesReceived,
                });
            }
        }

        public sealed record Entry(int Status, string Flags, string Details, string Host, int Attempts)
        {
            public long Received { get; init; }
        }
    }

    private sealed class NoTransports : IUpstreamTransportFactory
    {
        public object? Create(TransportSocket socket, ICollection<Task> warming) => null;
    }

    private sealed class NoRoutes : IRouteProvider
    {
        public IRouteSource Subscribe(string name, ConfigSource source) => throw new NotSupportedException();
    }

    private sealed class NoSecrets : ISecretProvider
    {
        public ISecretSource Inline(Envoy.Extensions.TransportSockets.Tls.V3.Secret secret) => throw new NotSupportedException();

        public ISecretSource Subscribe(Envoy.Extensions.TransportSockets.Tls.V3.SdsSecretConfig config) => throw new NotSupportedException();
    }
}
