using System.Text.Json.Serialization;

namespace Lateen.Resources.Extensions;

/// <summary>A WebAssembly filter.</summary>
public sealed record WasmPlugin : IstioResource
{
    /// <summary>What is wanted.</summary>
    public required WasmPluginSpec Spec { get; init; }
}

/// <summary>The spec of a <see cref="WasmPlugin"/>.</summary>
public sealed record WasmPluginSpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Older form of <see cref="TargetRefs"/>.</summary>
    public TargetReference? TargetRef { get; init; }

    /// <summary>Gateways and services it is attached to.</summary>
    public EquatableArray<TargetReference> TargetRefs { get; init; }

    /// <summary>Where the module is; without a scheme <c>oci://</c>.</summary>
    public required string Url { get; init; }

    /// <summary>SHA-256 of the module, in hex.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When the module is fetched.</summary>
    public ImagePullPolicy ImagePullPolicy { get; init; }

    /// <summary>Secret for the registry.</summary>
    public string? ImagePullSecret { get; init; }

    /// <summary>Part of the API, without effect.</summary>
    public string? VerificationKey { get; init; }

    /// <summary>Configuration of the module.</summary>
    public FreeForm? PluginConfig { get; init; }

    /// <summary>Root ID of the module.</summary>
    public string? PluginName { get; init; }

    /// <summary>Where in the chain it goes.</summary>
    public PluginPhase Phase { get; init; }

    /// <summary>Within a phase, higher first.</summary>
    public int? Priority { get; init; }

    /// <summary>What becomes of requests when the module fails.</summary>
    public FailStrategy FailStrategy { get; init; }

    /// <summary>The virtual machine's settings.</summary>
    public VmConfig? VmConfig { get; init; }

    /// <summary>Which traffic; empty means all.</summary>
    public EquatableArray<TrafficSelector> Match { get; init; }

    /// <summary>HTTP or network filter.</summary>
    public PluginType Type { get; init; }
}

/// <summary>When the module is fetched.</summary>
public enum ImagePullPolicy
{
    /// <summary>If not there; always for the tag <c>latest</c>.</summary>
    UnspecifiedPolicy,

    /// <summary>If not there.</summary>
    [JsonStringEnumMemberName("IfNotPresent")]
    IfNotPresent,

    /// <summary>Always.</summary>
    [JsonStringEnumMemberName("Always")]
    Always,
}

/// <summary>Where in the chain a plugin goes.</summary>
public enum PluginPhase
{
    /// <summary>Before the router.</summary>
    UnspecifiedPhase,

    /// <summary>Before authentication.</summary>
    Authn,

    /// <summary>Before authorization.</summary>
    Authz,

    /// <summary>Before statistics.</summary>
    Stats,
}

/// <summary>What becomes of requests when a module fails.</summary>
public enum FailStrategy
{
    /// <summary>Refused.</summary>
    FailClose,

    /// <summary>Passed.</summary>
    FailOpen,

    /// <summary>Refused, and the module is loaded anew.</summary>
    FailReload,
}

/// <summary>Kind of filter.</summary>
public enum PluginType
{
    /// <summary>HTTP.</summary>
    UnspecifiedPluginType,

    /// <summary>HTTP.</summary>
    Http,

    /// <summary>Network.</summary>
    Network,
}

/// <summary>The virtual machine's settings.</summary>
public sealed record VmConfig
{
    /// <summary>Its environment.</summary>
    public EquatableArray<VmEnvironmentVariable> Env { get; init; }
}

/// <summary>A variable of the virtual machine.</summary>
public sealed record VmEnvironmentVariable
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the value is from.</summary>
    public VmValueSource ValueFrom { get; init; }

    /// <summary>The value.</summary>
    public string? Value { get; init; }
}

/// <summary>Where a value is from.</summary>
public enum VmValueSource
{
    /// <summary>Written here.</summary>
    Inline,

    /// <summary>From the proxy's environment.</summary>
    Host,
}

/// <summary>Traffic a plugin is for.</summary>
public sealed record TrafficSelector
{
    /// <summary>On which side.</summary>
    public WorkloadMode Mode { get; init; }

    /// <summary>Ports; empty means all.</summary>
    public EquatableArray<PluginPort> Ports { get; init; }
}

/// <summary>A port.</summary>
public sealed record PluginPort
{
    /// <summary>1 to 65535.</summary>
    public required uint Number { get; init; }
}

/// <summary>On which side of a connection.</summary>
public enum WorkloadMode
{
    /// <summary>On both.</summary>
    Undefined,

    /// <summary>At the client.</summary>
    Client,

    /// <summary>At the server.</summary>
    Server,

    /// <summary>On both.</summary>
    ClientAndServer,
}
