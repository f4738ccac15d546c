using System.Collections.Frozen;
using System.Collections.Immutable;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;

namespace Lateen.Registry;

/// <summary>
/// The whole mesh at one moment: configuration, services, endpoints and workloads, with the indexes that generating a proxy's
/// configuration needs. Immutable; every list is in creation order (oldest first).
/// </summary>
public sealed class MeshSnapshot
{
    /// <summary>The gateway name that stands for all sidecars.</summary>
    public const string MeshGateway = "mesh";

    private readonly FrozenDictionary<string, ImmutableArray<Service>> _servicesByHost;
    private readonly FrozenDictionary<string, ImmutableArray<Service>> _servicesByNamespace;
    private readonly FrozenDictionary<string, ImmutableArray<Workload>> _workloadsByAddress;
    private readonly FrozenDictionary<(string, string), Workload> _workloadsByName;
    private readonly FrozenDictionary<(string, string), ImmutableArray<ServiceInstance>> _instancesByWorkload;
    private readonly FrozenDictionary<string, ImmutableArray<VirtualService>> _virtualServicesByGateway;
    private readonly FrozenDictionary<string, FrozenDictionary<string, ImmutableArray<DestinationRule>>> _destinationRules;
    private readonly FrozenDictionary<string, ImmutableArray<PeerAuthentication>> _peerAuthentications;
    private readonly FrozenDictionary<(string, string), TlsCredential> _credentials;

    /// <summary>Indexes the content, whose lists may be in any order.</summary>
    /// <param name="content">What the mesh consists of.</param>
    /// <param name="version">Counts the snapshots of a registry.</param>
    public MeshSnapshot(SnapshotContent content, long version = 0)
    {
        Version = version;
        Content = content = Sort(content);
        _servicesByHost = Index(content.Services, service => service.Hostname);
        _servicesByNamespace = Index(content.Services, service => service.Namespace);
        _workloadsByAddress = Index(content.Workloads, workload => workload.Address);
        _workloadsByName = content.Workloads.DistinctBy(Key).ToFrozenDictionary(Key);
        _instancesByWorkload = InstancesByWorkload(content);
        _virtualServicesByGateway = VirtualServicesByGateway(content.VirtualServices);
        _destinationRules = content.DestinationRules.GroupBy(rule => rule.Namespace)
            .ToFrozenDictionary(rules => rules.Key, rules => Index(rules, rule => rule.Spec.Host));
        _peerAuthentications = Index(content.PeerAuthentications, policy => policy.Namespace);
        _credentials = content.Credentials.ToFrozenDictionary(credential => (credential.Namespace, credential.Name));
    }

    /// <summary>A mesh with nothing in it.</summary>
    public static MeshSnapshot Empty { get; } = new(new SnapshotContent());

    /// <summary>Counts the snapshots of a registry, upwards.</summary>
    public long Version { get; }

    /// <summary>Everything, without indexes.</summary>
    public SnapshotContent Content { get; }

    /// <summary>Settings of the mesh.</summary>
    public MeshSettings Settings => Content.Settings;

    /// <summary>All services.</summary>
    public ImmutableArray<Service> Services => Content.Services;

    /// <summary>All workloads.</summary>
    public ImmutableArray<Workload> Workloads => Content.Workloads;

    /// <summary>All Gateways.</summary>
    public ImmutableArray<Gateway> Gateways => Content.Gateways;

    /// <summary>Services with a hostname: the oldest first, Kubernetes' and ServiceEntries' alike.</summary>
    public ImmutableArray<Service> ServicesByHost(string hostname) => Find(_servicesByHost, hostname);

    /// <summary>
    /// The service a proxy of a namespace means by a hostname: that of its own namespace, else Kubernetes before ServiceEntry, else the
    /// oldest; null if it can see none.
    /// </summary>
    public Service? ServiceFor(string hostname, string clientNamespace) =>
        ServicesByHost(hostname)
            .Where(service => service.ExportTo.Includes(clientNamespace))
            .OrderBy(service => service.Namespace == clientNamespace ? 0 : 1)
            .ThenBy(service => service.Provider)
            .FirstOrDefault();

    /// <summary>Services of a namespace.</summary>
    public ImmutableArray<Service> ServicesIn(string @namespace) => Find(_servicesByNamespace, @namespace);

    /// <summary>Endpoints of a service, of all its ports.</summary>
    public ImmutableArray<Endpoint> EndpointsOf(ServiceKey service) => Content.Endpoints.GetValueOrDefault(service, []);

    /// <summary>Endpoints of one port of a service.</summary>
    public IEnumerable<Endpoint> EndpointsOf(Service service, uint port) => EndpointsOf(service.Key).Where(endpoint => endpoint.ServicePort == port);

    /// <summary>Workloads with an address.</summary>
    public ImmutableArray<Workload> WorkloadsByAddress(string address) => Find(_workloadsByAddress, address);

    /// <summary>The workload with a name, or null.</summary>
    public Workload? Workload(string @namespace, string name) => _workloadsByName.GetValueOrDefault((@namespace, name));

    /// <summary>What a workload serves: every port of every service that selects it.</summary>
    public ImmutableArray<ServiceInstance> InstancesOf(Workload workload) => _instancesByWorkload.GetValueOrDefault(Key(workload), []);

    /// <summary>
    /// VirtualServices bound to a gateway (<c>namespace/name</c>, or <c>mesh</c>) that a proxy of a namespace sees, in Istio's order: those
    /// private to its namespace, those exported to it by name, the public ones; within each the oldest first.
    /// </summary>
    public ImmutableArray<VirtualService> VirtualServicesOf(string gateway, string clientNamespace)
    {
        ImmutableArray<VirtualService> bound = Find(_virtualServicesByGateway, gateway);
        return [.. bound.Select(service => (service, rank: VisibilityRank(service, clientNamespace)))
            .Where(entry => entry.rank < 3).OrderBy(entry => entry.rank).Select(entry => entry.service)];
    }

    /// <summary>Who may see a VirtualService.</summary>
    public Visibility VisibilityOf(VirtualService service) =>
        Visibility.Of(service.Spec.ExportTo, service.Namespace, Settings.DefaultVirtualServiceExportTo);

    /// <summary>Who may see a DestinationRule; one with a workloadSelector is private to its namespace.</summary>
    public Visibility VisibilityOf(DestinationRule rule) =>
        rule.Spec.WorkloadSelector is { } ? new(false, [rule.Namespace])
            : Visibility.Of(rule.Spec.ExportTo, rule.Namespace, Settings.DefaultDestinationRuleExportTo);

    /// <summary>DestinationRules of a namespace by host (exact or wildcard).</summary>
    public IReadOnlyDictionary<string, ImmutableArray<DestinationRule>> DestinationRulesIn(string @namespace) =>
        _destinationRules.GetValueOrDefault(@namespace) ?? FrozenDictionary<string, ImmutableArray<DestinationRule>>.Empty;

    /// <summary>DestinationRules of a namespace for exactly a host.</summary>
    public ImmutableArray<DestinationRule> DestinationRules(string @namespace, string host) =>
        DestinationRulesIn(@namespace).TryGetValue(host, out ImmutableArray<DestinationRule> rules) ? rules : [];

    /// <summary>Gateways whose selector matches a workload's labels, of any namespace.</summary>
    public IEnumerable<Gateway> GatewaysFor(EquatableMap<string> workloadLabels) =>
        Gateways.Where(gateway => gateway.Spec.Selector.Selects(workloadLabels));

    /// <summary>PeerAuthentications of a namespace, mesh-wide ones being those of the root namespace.</summary>
    public ImmutableArray<PeerAuthentication> PeerAuthenticationsIn(string @namespace) => Find(_peerAuthentications, @namespace);

    /// <summary>The TLS credential of a Secret, or null.</summary>
    public TlsCredential? Credential(string @namespace, string name) => _credentials.GetValueOrDefault((@namespace, name));

    private int VisibilityRank(VirtualService service, string clientNamespace)
    {
        Visibility visibility = VisibilityOf(service);
        if (visibility.IsPublic) return 2;
        if (!visibility.Includes(clientNamespace)) return 3;
        return visibility.IsPrivateTo(service.Namespace) ? 0 : 1;
    }

    private static SnapshotContent Sort(SnapshotContent content) => content with
    {
        Services = content.Services.Sort((a, b) => a.CreationOrder.CompareTo(b.CreationOrder) is not 0 and var order
            ? order : string.CompareOrdinal(a.Hostname, b.Hostname)),
        Workloads = content.Workloads.Sort((a, b) => Key(a).CompareTo(Key(b))),
        Gateways = ByAge(content.Gateways),
        VirtualServices = ByAge(content.VirtualServices),
        DestinationRules = ByAge(content.DestinationRules),
        ServiceEntries = ByAge(content.ServiceEntries),
        PeerAuthentications = ByAge(content.PeerAuthentications),
    };

    private static ImmutableArray<T> ByAge<T>(ImmutableArray<T> resources)
        where T : IstioResource => [.. resources.OrderBy(CreationOrder.Of)];

    private static (string, string) Key(Workload workload) => (workload.Namespace, workload.Name);

    private static FrozenDictionary<(string, string), ImmutableArray<ServiceInstance>> InstancesByWorkload(SnapshotContent content) =>
        (from service in content.Services
         from endpoint in content.Endpoints.GetValueOrDefault(service.Key, [])
         where endpoint.Workload is not null
         let port = service.Port(endpoint.ServicePort)
         where port is not null
         group new ServiceInstance(service, port, endpoint) by Key(endpoint.Workload!))
        .ToFrozenDictionary(instances => instances.Key, instances => instances.ToImmutableArray());

    private static FrozenDictionary<string, ImmutableArray<VirtualService>> VirtualServicesByGateway(ImmutableArray<VirtualService> services) =>
        (from service in services
         from gateway in service.Spec.Gateways.IsEmpty ? [MeshGateway] : service.Spec.Gateways.Distinct()
         group service by gateway)
        .ToFrozenDictionary(bound => bound.Key, bound => bound.ToImmutableArray());

    private static FrozenDictionary<string, ImmutableArray<T>> Index<T>(IEnumerable<T> items, Func<T, string> key) =>
        items.GroupBy(key).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray());

    private static ImmutableArray<T> Find<T>(FrozenDictionary<string, ImmutableArray<T>> index, string key) => index.GetValueOrDefault(key, []);
}
