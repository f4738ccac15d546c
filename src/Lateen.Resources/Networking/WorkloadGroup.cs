namespace Lateen.Resources.Networking;

/// <summary>What the WorkloadEntries of one kind of machine have in common.</summary>
public sealed record WorkloadGroup : IstioResource
{
    /// <summary>What is wanted.</summary>
    public required WorkloadGroupSpec Spec { get; init; }
}

/// <summary>The spec of a <see cref="WorkloadGroup"/>.</summary>
public sealed record WorkloadGroupSpec
{
    /// <summary>Labels and annotations of the WorkloadEntries made.</summary>
    public WorkloadGroupMetadata? Metadata { get; init; }

    /// <summary>The WorkloadEntry to make; without a service account <c>default</c> is taken.</summary>
    public required WorkloadEntrySpec Template { get; init; }

    /// <summary>When a workload is ready; null means always.</summary>
    public ReadinessProbe? Probe { get; init; }
}

/// <summary>Labels and annotations.</summary>
public sealed record WorkloadGroupMetadata
{
    /// <summary>Labels.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Annotations.</summary>
    public EquatableMap<string> Annotations { get; init; }
}

/// <summary>How it is found out whether a workload is ready.</summary>
public sealed record ReadinessProbe
{
    /// <summary>Seconds before the first probe.</summary>
    public int InitialDelaySeconds { get; init; }

    /// <summary>Seconds for an answer; 0 means 1.</summary>
    public int TimeoutSeconds { get; init; }

    /// <summary>Seconds between probes; 0 means 10.</summary>
    public int PeriodSeconds { get; init; }

    /// <summary>Good answers in a row to become ready; 0 means 1.</summary>
    public int SuccessThreshold { get; init; }

    /// <summary>Bad answers in a row to become unready; 0 means 3.</summary>
    public int FailureThreshold { get; init; }

    /// <summary>By an HTTP request.</summary>
    [OneOf("health_check_method")]
    public HttpHealthCheck? HttpGet { get; init; }

    /// <summary>By connecting.</summary>
    [OneOf("health_check_method")]
    public TcpHealthCheck? TcpSocket { get; init; }

    /// <summary>By a command's exit code.</summary>
    [OneOf("health_check_method")]
    public ExecHealthCheck? Exec { get; init; }

    /// <summary>By the gRPC health service.</summary>
    [OneOf("health_check_method")]
    public GrpcHealthCheck? Grpc { get; init; }
}

/// <summary>A probe by HTTP.</summary>
public sealed record HttpHealthCheck
{
    /// <summary>Path.</summary>
    public string? Path { get; init; }

    /// <summary>Port.</summary>
    public required uint Port { get; init; }

    /// <summary>Host; null means the workload's address.</summary>
    public string? Host { get; init; }

    /// <summary><c>HTTP</c> (also when empty) or <c>HTTPS</c>.</summary>
    public string? Scheme { get; init; }

    /// <summary>Headers sent.</summary>
    public EquatableArray<ProbeHeader> HttpHeaders { get; init; }
}

/// <summary>A header of a probe.</summary>
public sealed record ProbeHeader
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Value.</summary>
    public string? Value { get; init; }
}

/// <summary>A probe by connecting.</summary>
public sealed record TcpHealthCheck
{
    /// <summary>Host; null means localhost.</summary>
    public string? Host { get; init; }

    /// <summary>Port.</summary>
    public required uint Port { get; init; }
}

/// <summary>A probe by a command.</summary>
public sealed record ExecHealthCheck
{
    /// <summary>Command and arguments.</summary>
    public required EquatableArray<string> Command { get; init; }
}

/// <summary>A probe by the gRPC health service.</summary>
public sealed record GrpcHealthCheck
{
    /// <summary>Port.</summary>
    public uint Port { get; init; }

    /// <summary>Service asked about; null means the server.</summary>
    public string? Service { get; init; }
}
