namespace Lateen.Resources;

/// <summary>An object a policy is attached to (<c>istio.type.v1beta1.PolicyTargetReference</c>).</summary>
public sealed record TargetReference
{
    /// <summary>API group; null or empty means Kubernetes' core.</summary>
    public string? Group { get; init; }

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Reserved: must be empty, the target being in the policy's namespace.</summary>
    public string? Namespace { get; init; }
}
