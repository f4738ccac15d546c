namespace Lateen.Resources.Networking;

/// <summary>A workload that is no pod.</summary>
public sealed record WorkloadEntry : IstioResource
{
    /// <summary>What it is.</summary>
    public required WorkloadEntrySpec Spec { get; init; }
}

/// <summary>A workload that is no pod, as a message (an endpoint of a ServiceEntry, the spec of a WorkloadEntry).</summary>
public sealed record WorkloadEntrySpec
{
    /// <summary>Address, DNS name or <c>unix://</c> path; null only with <see cref="Network"/>.</summary>
    public string? Address { get; init; }

    /// <summary>Port of the endpoint per name of a service port.</summary>
    public EquatableMap<uint> Ports { get; init; }

    /// <summary>Labels.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Network it is in.</summary>
    public string? Network { get; init; }

    /// <summary><c>region/zone/subzone</c>.</summary>
    public string? Locality { get; init; }

    /// <summary>Share of traffic; 0 means 1.</summary>
    public uint Weight { get; init; }

    /// <summary>Service account in its namespace.</summary>
    public string? ServiceAccount { get; init; }
}
