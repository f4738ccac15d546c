namespace Lateen.Resources.Extensions;

/// <summary>A filter in WebAssembly or Lua.</summary>
public sealed record TrafficExtension : IstioResource
{
    /// <summary>What is wanted.</summary>
    public required TrafficExtensionSpec Spec { get; init; }
}

/// <summary>The spec of a <see cref="TrafficExtension"/>.</summary>
public sealed record TrafficExtensionSpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Gateways and services it is attached to.</summary>
    public EquatableArray<TargetReference> TargetRefs { get; init; }

    /// <summary>Where in the chain it goes.</summary>
    public ExtensionPhase Phase { get; init; }

    /// <summary>Within a phase, higher first.</summary>
    public int? Priority { get; init; }

    /// <summary>Which traffic; empty means all.</summary>
    public EquatableArray<TrafficSelector> Match { get; init; }

    /// <summary>A WebAssembly module.</summary>
    [OneOf("filter_config")]
    public WasmConfig? Wasm { get; init; }

    /// <summary>A Lua script.</summary>
    [OneOf("filter_config")]
    public LuaConfig? Lua { get; init; }
}

/// <summary>Where in the chain an extension goes.</summary>
public enum ExtensionPhase
{
    /// <summary>Before the router.</summary>
    Unspecified,

    /// <summary>Before authentication.</summary>
    Authn,

    /// <summary>Before authorization.</summary>
    Authz,

    /// <summary>Before statistics.</summary>
    Stats,
}

/// <summary>A WebAssembly module.</summary>
public sealed record WasmConfig
{
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

    /// <summary>What becomes of requests when the module fails.</summary>
    public FailStrategy FailStrategy { get; init; }

    /// <summary>The virtual machine's settings.</summary>
    public VmConfig? VmConfig { get; init; }

    /// <summary>HTTP or network filter.</summary>
    public PluginType Type { get; init; }
}

/// <summary>A Lua script.</summary>
public sealed record LuaConfig
{
    /// <summary>The script.</summary>
    public required string InlineCode { get; init; }
}
