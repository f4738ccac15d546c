namespace Lateen.Resources.Security;

/// <summary>Whether workloads accept plain text, mutual TLS or both.</summary>
public sealed record PeerAuthentication : IstioResource
{
    /// <summary>What is wanted.</summary>
    public PeerAuthenticationSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="PeerAuthentication"/>.</summary>
public sealed record PeerAuthenticationSpec
{
    /// <summary>Workloads; null or empty means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>For all ports; null inherits.</summary>
    public MutualTls? Mtls { get; init; }

    /// <summary>By the workload's port number; needs a selector.</summary>
    public EquatableMap<MutualTls> PortLevelMtls { get; init; }
}

/// <summary>Mutual TLS of inbound connections.</summary>
public sealed record MutualTls
{
    /// <summary>What is accepted.</summary>
    public MutualTlsMode Mode { get; init; }
}

/// <summary>What inbound connections may be.</summary>
public enum MutualTlsMode
{
    /// <summary>Inherited; PERMISSIVE at the top.</summary>
    Unset,

    /// <summary>Plain text.</summary>
    Disable,

    /// <summary>Both.</summary>
    Permissive,

    /// <summary>Mutual TLS only.</summary>
    Strict,
}
