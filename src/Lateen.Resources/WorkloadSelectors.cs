namespace Lateen.Resources;

/// <summary>Selects workloads by labels (<c>istio.type.v1beta1.WorkloadSelector</c>; security kinds, DestinationRule).</summary>
public sealed record WorkloadSelector
{
    /// <summary>Labels that must all be equal; empty selects every workload in scope.</summary>
    public EquatableMap<string> MatchLabels { get; init; }
}

/// <summary>Selects workloads by labels (<c>istio.networking.v1alpha3.WorkloadSelector</c>; ServiceEntry and other networking kinds).</summary>
public sealed record NetworkingWorkloadSelector
{
    /// <summary>Labels that must all be equal; empty selects every workload in scope.</summary>
    public EquatableMap<string> Labels { get; init; }
}
