using System.Collections.Immutable;
using k8s.Models;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;

namespace Lateen.Registry;

/// <summary>
/// What a <see cref="MeshSnapshot"/> holds. Names in Istio resources are already resolved: hosts and destinations are fully qualified,
/// gateways are <c>namespace/name</c> or <c>mesh</c>.
/// </summary>
public sealed record SnapshotContent
{
    /// <summary>Settings of the mesh.</summary>
    public MeshSettings Settings { get; init; } = MeshSettings.Default;

    /// <summary>Services.</summary>
    public ImmutableArray<Service> Services { get; init; } = [];

    /// <summary>Endpoints by service.</summary>
    public ImmutableDictionary<ServiceKey, ImmutableArray<Endpoint>> Endpoints { get; init; } =
        ImmutableDictionary<ServiceKey, ImmutableArray<Endpoint>>.Empty;

    /// <summary>Workloads.</summary>
    public ImmutableArray<Workload> Workloads { get; init; } = [];

    /// <summary>Gateways.</summary>
    public ImmutableArray<Gateway> Gateways { get; init; } = [];

    /// <summary>VirtualServices.</summary>
    public ImmutableArray<VirtualService> VirtualServices { get; init; } = [];

    /// <summary>DestinationRules.</summary>
    public ImmutableArray<DestinationRule> DestinationRules { get; init; } = [];

    /// <summary>ServiceEntries, whose services are in <see cref="Services"/>.</summary>
    public ImmutableArray<ServiceEntry> ServiceEntries { get; init; } = [];

    /// <summary>PeerAuthentications.</summary>
    public ImmutableArray<PeerAuthentication> PeerAuthentications { get; init; } = [];

    /// <summary>TLS credentials.</summary>
    public ImmutableArray<TlsCredential> Credentials { get; init; } = [];

    /// <summary>Deployments.</summary>
    public ImmutableArray<V1Deployment> Deployments { get; init; } = [];

    /// <summary>Namespaces.</summary>
    public ImmutableArray<V1Namespace> Namespaces { get; init; } = [];

    /// <summary>Service accounts.</summary>
    public ImmutableArray<V1ServiceAccount> ServiceAccounts { get; init; } = [];

    /// <summary>ConfigMaps.</summary>
    public ImmutableArray<V1ConfigMap> ConfigMaps { get; init; } = [];
}
