using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using DiscoveryType = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType;
using EndpointAddress = Envoy.Config.Endpoint.V3.Endpoint;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace Lateen.Translation.Clusters;

/// <summary>The clusters that no service names: the workload's own ports, and traffic passed on or dropped.</summary>
internal sealed class LocalClusters(ProxyView view)
{
    /// <summary>The source address of inbound connections to the application, by which capture rules know them.</summary>
    private const string InboundSource = "127.0.0.6";
    private const string InboundSourceIpv6 = "::6";

    /// <summary>Original-destination hosts of the application are never cleaned up: the longest duration there is.</summary>
    private static readonly Duration Never = new() { Seconds = 9_223_372_035 };

    private static readonly TimeSpan PassthroughIdleTimeout = TimeSpan.FromMinutes(5);

    public Cluster BlackHole()
    {
        var cluster = Named(ClusterName.BlackHole, DiscoveryType.Static);
        cluster.ConnectTimeout = view.Mesh.ConnectTimeout.Value.ToProto();
        return cluster;
    }

    public Cluster Passthrough()
    {
        var cluster = ToOriginalDestination(ClusterName.Passthrough);
        cluster.Filters.Add(OutboundClusters.PeerExchange());
        return cluster;
    }

    public Cluster InboundPassthrough()
    {
        var cluster = ToOriginalDestination(ClusterName.InboundPassthrough);
        cluster.UpstreamBindConfig = FromInboundSource();
        return cluster;
    }

    /// <summary>One cluster per target port of the workload.</summary>
    public IEnumerable<Cluster> Inbound() => view.Instances.Select(Inbound);

    private Cluster Inbound(ServiceInstance instance)
    {
        var port = (int)instance.Endpoint.Port;
        var application = ApplicationAddress();
        var cluster = Named(ClusterName.Inbound(port), application is null ? DiscoveryType.OriginalDst : DiscoveryType.Static);
        cluster.Metadata = new Metadata();
        foreach (var served in Served(instance)) OutboundClusters.AddService(cluster.Metadata, served);
        if (application is null)
        {
            cluster.LbPolicy = Cluster.Types.LbPolicy.ClusterProvided;
            cluster.CleanupInterval = Never;
            cluster.UpstreamBindConfig = FromInboundSource();
        }
        else
        {
            cluster.LoadAssignment = At(cluster.Name, application, port);
        }
        var protocol = new UpstreamProtocol();
        if (instance.Port.Protocol.IsHttp2()) protocol.UseHttp2();
        else if (instance.Port.Protocol.IsDetected()) protocol.UseClientProtocol();
        ConnectionPools.Apply(cluster, protocol, OnlyPool(instance), view.Mesh);
        protocol.ApplyTo(cluster);
        return cluster;
    }

    /// <summary>Of a DestinationRule only the connection pool holds for inbound traffic.</summary>
    private TrafficPolicy OnlyPool(ServiceInstance instance) =>
        new() { ConnectionPool = view.Policy(instance.Service).For((int)instance.Port.Number).ConnectionPool };

    /// <summary>Where the application listens when the original destination does not tell: without capture, or as the mesh says.</summary>
    private string? ApplicationAddress()
    {
        if (!view.Node.CapturesTraffic) return view.Workload?.ApplicationAddress ?? view.Node.LoopbackAddress;
        return view.Mesh.InboundTrafficPolicy == InboundTrafficPolicyMode.Localhost ? view.Node.LoopbackAddress : null;
    }

    private IEnumerable<Service> Served(ServiceInstance instance) => view.Workload is null
        ? [instance.Service]
        : view.Snapshot.InstancesOf(view.Workload).Where(other => other.Endpoint.Port == instance.Endpoint.Port)
            .Select(other => other.Service).Distinct();

    private Cluster ToOriginalDestination(string name)
    {
        var cluster = Named(name, DiscoveryType.OriginalDst);
        cluster.LbPolicy = Cluster.Types.LbPolicy.ClusterProvided;
        var protocol = new UpstreamProtocol();
        protocol.UseClientProtocol();
        protocol.Common().IdleTimeout = PassthroughIdleTimeout.ToProto();
        ConnectionPools.Apply(cluster, protocol, new TrafficPolicy(), view.Mesh);
        protocol.ApplyTo(cluster);
        return cluster;
    }

    private static Cluster Named(string name, DiscoveryType type) =>
        new() { Name = name, AltStatName = ClusterName.Statistics(name), Type = type };

    private BindConfig FromInboundSource() =>
        new() { SourceAddress = new SocketAddress { Address = view.Node.IsIpv6 ? InboundSourceIpv6 : InboundSource, PortValue = 0 } };

    private static ClusterLoadAssignment At(string name, string address, int port) => new()
    {
        ClusterName = name,
        Endpoints =
        {
            new LocalityLbEndpoints
            {
                LbEndpoints = { new LbEndpoint { Endpoint = new EndpointAddress { Address = Messages.Socket(address, port) } } },
            },
        },
    };
}
