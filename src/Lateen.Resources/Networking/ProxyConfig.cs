namespace Lateen.Resources.Networking;

/// <summary>Settings of proxies that are fixed when they start.</summary>
public sealed record ProxyConfig : IstioResource
{
    /// <summary>What is wanted.</summary>
    public ProxyConfigSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="ProxyConfig"/>.</summary>
public sealed record ProxyConfigSpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Worker threads; 0 means all cores, null as the CPU limit allows.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Environment of the proxy.</summary>
    public EquatableMap<string> EnvironmentVariables { get; init; }

    /// <summary>The image.</summary>
    public ProxyImage? Image { get; init; }
}

/// <summary>The image of a proxy.</summary>
public sealed record ProxyImage
{
    /// <summary><c>default</c>, <c>debug</c> or <c>distroless</c>.</summary>
    public string? ImageType { get; init; }
}
