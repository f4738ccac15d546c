namespace Lateen.Resources.Networking;

/// <summary>Changes to the configuration that proxies get.</summary>
public sealed record EnvoyFilter : IstioResource
{
    /// <summary>What is wanted.</summary>
    public EnvoyFilterSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of an <see cref="EnvoyFilter"/>.</summary>
public sealed record EnvoyFilterSpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public NetworkingWorkloadSelector? WorkloadSelector { get; init; }

    /// <summary>Gateways and waypoints it is attached to.</summary>
    public EquatableArray<TargetReference> TargetRefs { get; init; }

    /// <summary>The changes.</summary>
    public EquatableArray<EnvoyConfigPatch> ConfigPatches { get; init; }

    /// <summary>Lower is applied first.</summary>
    public int Priority { get; init; }
}

/// <summary>One change.</summary>
public sealed record EnvoyConfigPatch
{
    /// <summary>What is changed.</summary>
    public EnvoyPatchTarget ApplyTo { get; init; }

    /// <summary>Which of them; null means all.</summary>
    public EnvoyConfigMatch? Match { get; init; }

    /// <summary>How.</summary>
    public EnvoyPatch? Patch { get; init; }
}

/// <summary>What is changed.</summary>
public enum EnvoyPatchTarget
{
    /// <summary>Not said.</summary>
    Invalid,

    /// <summary>A listener.</summary>
    Listener,

    /// <summary>A filter chain.</summary>
    FilterChain,

    /// <summary>A network filter.</summary>
    NetworkFilter,

    /// <summary>An HTTP filter.</summary>
    HttpFilter,

    /// <summary>A route configuration.</summary>
    RouteConfiguration,

    /// <summary>A virtual host.</summary>
    VirtualHost,

    /// <summary>A route.</summary>
    HttpRoute,

    /// <summary>A cluster.</summary>
    Cluster,

    /// <summary>An extension configuration.</summary>
    ExtensionConfig,

    /// <summary>The bootstrap.</summary>
    Bootstrap,

    /// <summary>A listener filter.</summary>
    ListenerFilter,
}

/// <summary>The change itself.</summary>
public sealed record EnvoyPatch
{
    /// <summary>What is done.</summary>
    public EnvoyPatchOperation Operation { get; init; }

    /// <summary>Envoy's configuration, in the form of its JSON.</summary>
    public FreeForm? Value { get; init; }

    /// <summary>Where an added filter goes.</summary>
    public EnvoyFilterClass FilterClass { get; init; }
}

/// <summary>What is done.</summary>
public enum EnvoyPatchOperation
{
    /// <summary>Not said.</summary>
    Invalid,

    /// <summary>Merged into what is there.</summary>
    Merge,

    /// <summary>Added.</summary>
    Add,

    /// <summary>Taken away.</summary>
    Remove,

    /// <summary>Put before.</summary>
    InsertBefore,

    /// <summary>Put behind.</summary>
    InsertAfter,

    /// <summary>Put first.</summary>
    InsertFirst,

    /// <summary>Put in its place.</summary>
    Replace,

    /// <summary>Merged, lists being replaced.</summary>
    MergeAndReplaceList,
}

/// <summary>Where an added filter goes.</summary>
public enum EnvoyFilterClass
{
    /// <summary>As the operation says.</summary>
    Unspecified,

    /// <summary>Behind authentication.</summary>
    Authn,

    /// <summary>Behind authorization.</summary>
    Authz,

    /// <summary>Before statistics.</summary>
    Stats,
}
