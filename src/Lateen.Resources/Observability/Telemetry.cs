namespace Lateen.Resources.Observability;

/// <summary>Which traces, metrics and access logs workloads make.</summary>
public sealed record Telemetry : IstioResource
{
    /// <summary>What is wanted.</summary>
    public TelemetrySpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="Telemetry"/>.</summary>
public sealed record TelemetrySpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Older form of <see cref="TargetRefs"/>.</summary>
    public TargetReference? TargetRef { get; init; }

    /// <summary>Gateways and services it is attached to.</summary>
    public EquatableArray<TargetReference> TargetRefs { get; init; }

    /// <summary>Traces.</summary>
    public EquatableArray<TracingSettings> Tracing { get; init; }

    /// <summary>Metrics.</summary>
    public EquatableArray<MetricsSettings> Metrics { get; init; }

    /// <summary>Access logs.</summary>
    public EquatableArray<AccessLogSettings> AccessLogging { get; init; }
}

/// <summary>Name of an extension provider of the mesh.</summary>
public sealed record ProviderReference
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }
}

/// <summary>On which side of a connection.</summary>
public enum TelemetryMode
{
    /// <summary>On both.</summary>
    ClientAndServer,

    /// <summary>At the client.</summary>
    Client,

    /// <summary>At the server.</summary>
    Server,
}

/// <summary>On which side of a connection.</summary>
public sealed record TelemetryMatch
{
    /// <summary>The side.</summary>
    public TelemetryMode Mode { get; init; }
}

/// <summary>Traces.</summary>
public sealed record TracingSettings
{
    /// <summary>On which side; null means both.</summary>
    public TelemetryMatch? Match { get; init; }

    /// <summary>Where spans go; empty means the mesh's default.</summary>
    public EquatableArray<ProviderReference> Providers { get; init; }

    /// <summary>Share of requests traced, 0 to 100; null inherits.</summary>
    public double? RandomSamplingPercentage { get; init; }

    /// <summary>Whether no spans are sent; null inherits.</summary>
    public bool? DisableSpanReporting { get; init; }

    /// <summary>Tags of spans.</summary>
    public EquatableMap<CustomTag> CustomTags { get; init; }

    /// <summary>Whether the request ID decides; null means yes.</summary>
    public bool? UseRequestIdForTraceSampling { get; init; }

    /// <summary>Whether spans have Istio's tags; null means yes.</summary>
    public bool? EnableIstioTags { get; init; }

    /// <summary>Whether trace headers are not sent on; null means they are.</summary>
    public bool? DisableContextPropagation { get; init; }
}

/// <summary>A tag of spans.</summary>
public sealed record CustomTag
{
    /// <summary>A fixed text.</summary>
    [OneOf("type")]
    public LiteralTag? Literal { get; init; }

    /// <summary>A variable of the proxy's environment.</summary>
    [OneOf("type")]
    public NamedTag? Environment { get; init; }

    /// <summary>A request header.</summary>
    [OneOf("type")]
    public NamedTag? Header { get; init; }

    /// <summary>A text in the access log's format.</summary>
    [OneOf("type")]
    public LiteralTag? Formatter { get; init; }
}

/// <summary>A tag by text.</summary>
public sealed record LiteralTag
{
    /// <summary>The text.</summary>
    public required string Value { get; init; }
}

/// <summary>A tag by name.</summary>
public sealed record NamedTag
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>What is taken when there is none.</summary>
    public string? DefaultValue { get; init; }
}

/// <summary>Metrics.</summary>
public sealed record MetricsSettings
{
    /// <summary>Where they go; empty means the mesh's default.</summary>
    public EquatableArray<ProviderReference> Providers { get; init; }

    /// <summary>Changes, in order.</summary>
    public EquatableArray<MetricsOverrides> Overrides { get; init; }

    /// <summary>How often TCP metrics are reported; null means 5 s.</summary>
    public Duration? ReportingInterval { get; init; }
}

/// <summary>A change of metrics.</summary>
public sealed record MetricsOverrides
{
    /// <summary>Which metrics; null means all.</summary>
    public MetricSelector? Match { get; init; }

    /// <summary>Whether they are off.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Changes of labels.</summary>
    public EquatableMap<TagOverride> TagOverrides { get; init; }
}

/// <summary>Which metrics.</summary>
public sealed record MetricSelector
{
    /// <summary>One of Istio's.</summary>
    [OneOf("metric_match")]
    public IstioMetric? Metric { get; init; }

    /// <summary>Name of another one.</summary>
    [OneOf("metric_match")]
    public string? CustomMetric { get; init; }

    /// <summary>On which side.</summary>
    public TelemetryMode Mode { get; init; }
}

/// <summary>Istio's metrics.</summary>
public enum IstioMetric
{
    /// <summary>All.</summary>
    AllMetrics,

    /// <summary>istio_requests_total.</summary>
    RequestCount,

    /// <summary>istio_request_duration_milliseconds.</summary>
    RequestDuration,

    /// <summary>istio_request_bytes.</summary>
    RequestSize,

    /// <summary>istio_response_bytes.</summary>
    ResponseSize,

    /// <summary>istio_tcp_connections_opened_total.</summary>
    TcpOpenedConnections,

    /// <summary>istio_tcp_connections_closed_total.</summary>
    TcpClosedConnections,

    /// <summary>istio_tcp_sent_bytes_total.</summary>
    TcpSentBytes,

    /// <summary>istio_tcp_received_bytes_total.</summary>
    TcpReceivedBytes,

    /// <summary>istio_request_messages_total.</summary>
    GrpcRequestMessages,

    /// <summary>istio_response_messages_total.</summary>
    GrpcResponseMessages,
}

/// <summary>A change of a label.</summary>
public sealed record TagOverride
{
    /// <summary>What is done.</summary>
    public TagOperation Operation { get; init; }

    /// <summary>CEL expression of the value.</summary>
    public string? Value { get; init; }
}

/// <summary>What is done with a label.</summary>
public enum TagOperation
{
    /// <summary>Set.</summary>
    Upsert,

    /// <summary>Taken away.</summary>
    Remove,
}

/// <summary>Access logs.</summary>
public sealed record AccessLogSettings
{
    /// <summary>On which side; null means both.</summary>
    public TelemetryMatch? Match { get; init; }

    /// <summary>Where they go; empty means the mesh's default.</summary>
    public EquatableArray<ProviderReference> Providers { get; init; }

    /// <summary>Whether they are off; null inherits.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Which requests; null means all.</summary>
    public AccessLogFilter? Filter { get; init; }
}

/// <summary>Which requests are logged.</summary>
public sealed record AccessLogFilter
{
    /// <summary>CEL expression.</summary>
    public string? Expression { get; init; }
}
