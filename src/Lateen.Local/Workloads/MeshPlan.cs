using System.Collections.Immutable;
using Lateen.Local.Processes;
using Lateen.Registry;

namespace Lateen.Local.Workloads;

/// <summary>What is to run on this machine for a mesh.</summary>
/// <param name="Replicas">The replicas of all Deployments.</param>
/// <param name="External">Processes outside the mesh.</param>
public sealed record MeshPlan(ImmutableArray<ReplicaPlan> Replicas, ImmutableArray<ProcessSpec> External);

/// <summary>One replica of a Deployment.</summary>
/// <param name="Workload">The replica as the mesh sees it; not ready.</param>
/// <param name="Injected">Whether it has a sidecar.</param>
/// <param name="Application">Its application, or null when only the mesh is to run.</param>
public sealed record ReplicaPlan(Workload Workload, bool Injected, ProcessSpec? Application)
{
    /// <summary>The address its application listens on.</summary>
    public string ApplicationAddress => Workload.ApplicationAddress ?? Workload.Address;
}
