using System.Collections.Immutable;

namespace Lateen.Registry;

/// <summary>Kinds of things that change.</summary>
public enum ConfigKind
{
    /// <summary>A service of either provider (Istio reports both as ServiceEntry); the name is its hostname.</summary>
    Service,

    /// <summary>Endpoints of a service, the service itself being the same; the name is its hostname.</summary>
    Endpoints,

    /// <summary>A workload: labels, readiness or address.</summary>
    Workload,

    /// <summary>A VirtualService.</summary>
    VirtualService,

    /// <summary>A DestinationRule.</summary>
    DestinationRule,

    /// <summary>A Gateway.</summary>
    Gateway,

    /// <summary>A PeerAuthentication.</summary>
    PeerAuthentication,

    /// <summary>A Secret with a TLS credential.</summary>
    Secret,

    /// <summary>A namespace's labels or annotations.</summary>
    Namespace,
}

/// <summary>Names one thing that changed.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="Name">Name, or the hostname of a service.</param>
public readonly record struct ConfigKey(ConfigKind Kind, string Namespace, string Name)
{
    /// <summary><c>Kind namespace/name</c>.</summary>
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}

/// <summary>What differs between two snapshots.</summary>
/// <param name="Forced">Whether everything must be generated anew (mesh settings changed, first snapshot).</param>
/// <param name="Keys">What was added, changed or removed.</param>
public sealed record MeshChange(bool Forced, ImmutableHashSet<ConfigKey> Keys)
{
    /// <summary>Nothing changed.</summary>
    public static MeshChange None { get; } = new(false, []);

    /// <summary>Everything must be generated anew.</summary>
    public static MeshChange Everything { get; } = new(true, []);

    /// <summary>Whether nothing changed.</summary>
    public bool IsEmpty => !Forced && Keys.IsEmpty;

    /// <summary>Whether only endpoints of known services changed.</summary>
    public bool OnlyEndpoints => !Forced && Keys.All(key => key.Kind is ConfigKind.Endpoints or ConfigKind.Workload);

    /// <summary>Whether something of a kind changed, or everything did.</summary>
    public bool Has(ConfigKind kind) => Forced || Keys.Any(key => key.Kind == kind);

    /// <summary>Both changes as one.</summary>
    public MeshChange Union(MeshChange other) => new(Forced || other.Forced, Keys.Union(other.Keys));
}
