namespace Lateen.Resources.Networking;

/// <summary>What the sidecars of workloads listen on and what they know of the mesh.</summary>
public sealed record Sidecar : IstioResource
{
    /// <summary>What is wanted.</summary>
    public SidecarSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="Sidecar"/>.</summary>
public sealed record SidecarSpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public NetworkingWorkloadSelector? WorkloadSelector { get; init; }

    /// <summary>Inbound listeners; empty means those of the workload's services.</summary>
    public EquatableArray<SidecarIngressListener> Ingress { get; init; }

    /// <summary>Outbound listeners; empty means everything visible.</summary>
    public EquatableArray<SidecarEgressListener> Egress { get; init; }

    /// <summary>Limits of all inbound ports; null means none.</summary>
    public ConnectionPoolSettings? InboundConnectionPool { get; init; }

    /// <summary>What becomes of unknown hosts; null means as the mesh says.</summary>
    public SidecarOutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }
}

/// <summary>An inbound listener.</summary>
public sealed record SidecarIngressListener
{
    /// <summary>The port.</summary>
    public required SidecarPort Port { get; init; }

    /// <summary>Address to bind; null means all.</summary>
    public string? Bind { get; init; }

    /// <summary>How traffic gets here.</summary>
    public CaptureMode CaptureMode { get; init; }

    /// <summary>Where the application is, e.g. <c>127.0.0.1:8080</c> or <c>unix:///path</c>; null means the workload's address and port.</summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>TLS; null means as PeerAuthentication says.</summary>
    public ServerTlsSettings? Tls { get; init; }

    /// <summary>Limits, in place of <see cref="SidecarSpec.InboundConnectionPool"/>.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }
}

/// <summary>An outbound listener.</summary>
public sealed record SidecarEgressListener
{
    /// <summary>The port; null means every port not listed before.</summary>
    public SidecarPort? Port { get; init; }

    /// <summary>Address or <c>unix://</c> path to bind.</summary>
    public string? Bind { get; init; }

    /// <summary>How traffic gets here.</summary>
    public CaptureMode CaptureMode { get; init; }

    /// <summary>Hosts imported, as <c>namespace/dnsName</c>; a leading <c>~</c> excludes.</summary>
    public required EquatableArray<string> Hosts { get; init; }
}

/// <summary>A port of a sidecar.</summary>
public sealed record SidecarPort
{
    /// <summary>Number; 0 with a UNIX socket.</summary>
    public uint Number { get; init; }

    /// <summary>Protocol; null is detected.</summary>
    public string? Protocol { get; init; }

    /// <summary>Label of the port.</summary>
    public string? Name { get; init; }

    /// <summary>Deprecated, without effect.</summary>
    public uint TargetPort { get; init; }
}

/// <summary>How traffic gets to a listener.</summary>
public enum CaptureMode
{
    /// <summary>As the workload is set up.</summary>
    Default,

    /// <summary>Redirected by IPtables.</summary>
    Iptables,

    /// <summary>The application connects to it.</summary>
    None,
}

/// <summary>What becomes of hosts that are not imported.</summary>
public sealed record SidecarOutboundTrafficPolicy
{
    /// <summary>Refused or passed on.</summary>
    public SidecarOutboundMode Mode { get; init; }

    /// <summary>Where unknown traffic is sent; only when passed on.</summary>
    public Destination? EgressProxy { get; init; }
}

/// <summary>What becomes of hosts that are not imported.</summary>
public enum SidecarOutboundMode
{
    /// <summary>Refused.</summary>
    RegistryOnly,

    /// <summary>Passed on.</summary>
    AllowAny,
}
