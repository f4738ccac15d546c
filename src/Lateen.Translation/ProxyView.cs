using System.Collections.Concurrent;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Translation.Clusters;
using Lateen.Translation.Naming;
using Lateen.Translation.Security;

namespace Lateen.Translation;

/// <summary>The mesh as one proxy sees it: visible services, the rules that hold for it, the workload it stands beside.</summary>
internal sealed class ProxyView
{
    private readonly VisibleServices services;
    private readonly DestinationRules destinationRules;
    private readonly ConcurrentDictionary<string, IReadOnlyList<VirtualService>> virtualServices = new(StringComparer.Ordinal);

    public ProxyView(MeshSnapshot snapshot, ProxyNode node, VisibleServices services)
    {
        (Snapshot, Node) = (snapshot, node);
        PeerAuthentication = new PeerAuthenticationLevels(snapshot);
        destinationRules = new DestinationRules(snapshot, node);
        this.services = services;
        Workload = FindWorkload();
        Instances = Workload is null ? [] : DistinctPorts(snapshot.InstancesOf(Workload));
    }

    public MeshSnapshot Snapshot { get; }

    public ProxyNode Node { get; }

    public MeshSettings Mesh => Snapshot.Settings;

    public PeerAuthenticationLevels PeerAuthentication { get; }

    /// <summary>Services the proxy may see, oldest first; one per host.</summary>
    public IReadOnlyList<Service> Services => services.All;

    /// <summary>The workload the proxy stands beside; null before the registry knows it.</summary>
    public Workload? Workload { get; }

    /// <summary>What the workload serves, one entry per target port: of several services the oldest decides. By target port.</summary>
    public IReadOnlyList<ServiceInstance> Instances { get; }

    /// <summary>The service of a host; of an alias's host the service it stands for. Null when there is none.</summary>
    public Service? Service(string host) => services.Find(host);

    /// <summary>Hosts of ExternalName services that stand for a service.</summary>
    public IReadOnlyList<string> Aliases(Service service) => services.AliasesOf(service);

    /// <summary>VirtualServices of <c>mesh</c> or of a gateway, in the order in which they win.</summary>
    public IReadOnlyList<VirtualService> VirtualServices(string gateway) =>
        virtualServices.GetOrAdd(gateway, name => Snapshot.VirtualServicesOf(name, Node.Namespace));

    /// <summary>What DestinationRules say to this proxy about a service.</summary>
    public DestinationPolicy Policy(Service service) => destinationRules.For(service);

    /// <summary>The policy that holds for an outbound cluster; null for another cluster and for one of no service.</summary>
    public TrafficPolicy? Policy(string clusterName) =>
        ClusterName.TryParseOutbound(clusterName, out var port, out var subset, out var host) && Service(host) is { } service
            ? Policy(service).For(port, subset)
            : null;

    private Workload? FindWorkload() =>
        Snapshot.Workload(Node.Namespace, Node.PodName)
            ?? Node.Addresses.AsEnumerable().SelectMany(address => Snapshot.WorkloadsByAddress(address))
                .FirstOrDefault(workload => workload.Namespace == Node.Namespace);

    private static List<ServiceInstance> DistinctPorts(IEnumerable<ServiceInstance> instances) =>
        [.. instances.Where(instance => instance.Port.Protocol != Protocol.Udp)
            .DistinctBy(instance => instance.Endpoint.Port).OrderBy(instance => instance.Endpoint.Port)];
}
