using Lateen.Resources;

namespace Lateen.Registry;

/// <summary>Something that runs: a pod, or a replica on this machine.</summary>
public sealed record Workload
{
    /// <summary>Name of the pod or replica, unique in its namespace.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Address it is reached at (its sidecar's when it has one).</summary>
    public required string Address { get; init; }

    /// <summary>Address the application itself listens on when that is another than 127.0.0.1; else null.</summary>
    public string? ApplicationAddress { get; init; }

    /// <summary>Labels.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Annotations.</summary>
    public EquatableMap<string> Annotations { get; init; }

    /// <summary>Service account.</summary>
    public string ServiceAccount { get; init; } = "default";

    /// <summary>Name of what it is a replica of, e.g. the Deployment.</summary>
    public string WorkloadName { get; init; } = "";

    /// <summary>Kind of what it is a replica of, e.g. <c>Deployment</c>.</summary>
    public string WorkloadKind { get; init; } = "Deployment";

    /// <summary>Ports of its containers.</summary>
    public EquatableArray<WorkloadPort> Ports { get; init; }

    /// <summary><c>region/zone/subzone</c>, or empty.</summary>
    public string Locality { get; init; } = "";

    /// <summary>Network, or empty.</summary>
    public string Network { get; init; } = "";

    /// <summary>Node it runs on, or empty.</summary>
    public string Node { get; init; } = "";

    /// <summary>Whether it takes mutual TLS: <c>istio</c>, else <c>disabled</c> (label security.istio.io/tlsMode).</summary>
    public string TlsMode => TlsModes.Of(Labels);

    /// <summary>Whether it is ready for traffic.</summary>
    public bool Ready { get; init; } = true;
}

/// <summary>A port of a container.</summary>
/// <param name="Name">Name, or null.</param>
/// <param name="Port">Number.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record WorkloadPort(string? Name, uint Port, string Protocol = "TCP");

/// <summary>Values of the label security.istio.io/tlsMode.</summary>
public static class TlsModes
{
    /// <summary>The label.</summary>
    public const string Label = "security.istio.io/tlsMode";

    /// <summary>Takes mutual TLS.</summary>
    public const string Istio = "istio";

    /// <summary>Takes plain text only.</summary>
    public const string Disabled = "disabled";

    /// <summary>The mode that labels say; disabled without the label.</summary>
    public static string Of(EquatableMap<string> labels) => labels.GetValueOrDefault(Label, Disabled);
}
