using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Tests.Clusters;

/// <summary>A cluster manager with a clock that stands still and no TLS.</summary>
internal sealed class ClusterSamples : IUpstreamTransportFactory, IDisposable
{
    public ClusterSamples(IDnsResolver? dns = null, int seed = 1)
    {
        Services = new ClusterServices
        {
            Time = Clock,
            Stats = Stats,
            LoopCount = 2,
            Transports = this,
            LoggerFactory = NullLoggerFactory.Instance,
            Random = new Random(seed),
            Dns = dns ?? SystemDnsResolver.Instance,
        };
        Manager = new ClusterManager(Services);
        Random = new Random(seed);
    }

    public FakeTimeProvider Clock { get; } = new();

    public StatsStore Stats { get; } = new();

    public ClusterServices Services { get; }

    public ClusterManager Manager { get; }

    public Random Random { get; }

    public object? Create(TransportSocket socket, ICollection<Task> warming) =>
        socket.Name == "envoy.transport_sockets.raw_buffer" ? null : socket.Name;

    public void Dispose() => Manager.Dispose();

    public Host? Pick(Cluster cluster, ulong? hash = null) => cluster.Pick(new LoadBalancerContext { Random = Random, Hash = hash });

    /// <summary>A static cluster with one endpoint per weight: 10.0.0.1, 10.0.0.2, …</summary>
    public Cluster Static(string lbPolicy, params uint[] weights) => Static(lbPolicy, "", weights);

    public Cluster Static(string lbPolicy, string more, params uint[] weights)
    {
        var configuration = Parse("{\"name\":\"c\",\"type\":\"STATIC\",\"lbPolicy\":\"" + lbPolicy + "\"" + more + "}");
        configuration.LoadAssignment = Assignment("c", [.. weights.Select((w, i) => ($"10.0.0.{i + 1}", w, 0))]);
        return Add(configuration);
    }

    public Cluster Eds(string more = "") =>
        Add(Parse("{\"name\":\"c\",\"type\":\"EDS\",\"edsClusterConfig\":{\"serviceName\":\"s\"}" + more + "}"));

    public Cluster Add(Proto configuration)
    {
        _ = Manager.AddOrUpdate(configuration);
        return Manager.Find(configuration.Name)!;
    }

    public static Proto Parse(string json) => Proto.Parser.ParseJson(json);

    public static ClusterLoadAssignment Assignment(string name, params (string Address, uint Weight, int Priority)[] endpoints)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = name };
        foreach (var group in endpoints.GroupBy(e => e.Priority))
        {
            var locality = new LocalityLbEndpoints { Priority = (uint)group.Key };
            locality.LbEndpoints.AddRange(group.Select(e => Endpoint(e.Address, e.Weight)));
            assignment.Endpoints.Add(locality);
        }

        return assignment;
    }

    public static LbEndpoint Endpoint(string address, uint weight = 1, int port = 80) => new()
    {
        LoadBalancingWeight = weight,
        Endpoint = new Endpoint { Address = new Address { SocketAddress = new SocketAddress { Address = address, PortValue = (uint)port } } },
    };

    public long Counter(string name) => Stats.Counter("cluster.c." + name).Value;

    public long Gauge(string name) => Stats.Gauge("cluster.c." + name).Value;
}
