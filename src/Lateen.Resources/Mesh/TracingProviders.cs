using System.Text.Json.Serialization;

namespace Lateen.Resources.Mesh;

/// <summary>Traces to Zipkin.</summary>
public sealed record ZipkinProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Longest path in a tag; null means 256.</summary>
    public uint? MaxTagLength { get; init; }

    /// <summary>Whether trace IDs have 64 bits.</summary>
    public bool Enable64bitTraceId { get; init; }

    /// <summary>Path; null means /api/v2/spans.</summary>
    public string? Path { get; init; }

    /// <summary>Headers of the trace context.</summary>
    public ZipkinTraceContext TraceContextOption { get; init; }

    /// <summary>Time for an answer; null means 5 s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Headers sent.</summary>
    public EquatableArray<ProviderHeader> Headers { get; init; }
}

/// <summary>Headers of the trace context.</summary>
public enum ZipkinTraceContext
{
    /// <summary>B3.</summary>
    [JsonStringEnumMemberName("USE_B3")]
    UseB3,

    /// <summary>B3 and W3C.</summary>
    [JsonStringEnumMemberName("USE_B3_WITH_W3C_PROPAGATION")]
    UseB3WithW3CPropagation,
}

/// <summary>Traces to Lightstep.</summary>
public sealed record LightstepProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Its token.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Longest path in a tag; null means 256.</summary>
    public uint? MaxTagLength { get; init; }
}

/// <summary>Traces to Datadog.</summary>
public sealed record DatadogProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Longest path in a tag; null means 256.</summary>
    public uint? MaxTagLength { get; init; }
}

/// <summary>Traces to SkyWalking.</summary>
public sealed record SkywalkingProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Its token.</summary>
    public string? AccessToken { get; init; }
}

/// <summary>Traces and logs to Stackdriver.</summary>
public sealed record StackdriverProvider
{
    /// <summary>Deprecated.</summary>
    public bool Debug { get; init; }

    /// <summary>Deprecated.</summary>
    public long? MaxNumberOfAttributes { get; init; }

    /// <summary>Deprecated.</summary>
    public long? MaxNumberOfAnnotations { get; init; }

    /// <summary>Deprecated.</summary>
    public long? MaxNumberOfMessageEvents { get; init; }

    /// <summary>Longest path in a tag; null means 256.</summary>
    public uint? MaxTagLength { get; init; }

    /// <summary>Logs.</summary>
    public StackdriverLogging? Logging { get; init; }
}

/// <summary>Logs to Stackdriver.</summary>
public sealed record StackdriverLogging
{
    /// <summary>Labels.</summary>
    public EquatableMap<string> Labels { get; init; }
}

/// <summary>Traces to an OpenCensus agent.</summary>
public sealed record OpenCensusProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Headers of the trace context.</summary>
    public EquatableArray<OpenCensusTraceContext> Context { get; init; }

    /// <summary>Longest path in a tag; null means 256.</summary>
    public uint? MaxTagLength { get; init; }
}

/// <summary>Headers of a trace context.</summary>
public enum OpenCensusTraceContext
{
    /// <summary>None.</summary>
    Unspecified,

    /// <summary>W3C.</summary>
    [JsonStringEnumMemberName("W3C_TRACE_CONTEXT")]
    W3CTraceContext,

    /// <summary>gRPC's.</summary>
    GrpcBin,

    /// <summary>Google Cloud's.</summary>
    CloudTraceContext,

    /// <summary>B3.</summary>
    [JsonStringEnumMemberName("B3")]
    B3,
}

/// <summary>Traces by OTLP.</summary>
public sealed record OpenTelemetryProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Longest path in a tag; null means 256.</summary>
    public uint? MaxTagLength { get; init; }

    /// <summary>By HTTP.</summary>
    public OtlpHttp? Http { get; init; }

    /// <summary>By gRPC.</summary>
    public OtlpGrpc? Grpc { get; init; }

    /// <summary>What describes the workload.</summary>
    public ResourceDetectors? ResourceDetectors { get; init; }

    /// <summary>Names of the service's attributes.</summary>
    public ServiceAttributeEnrichment ServiceAttributeEnrichment { get; init; }

    /// <summary>Sampling by Dynatrace.</summary>
    [OneOf("sampling")]
    public DynatraceSampler? DynatraceSampler { get; init; }
}

/// <summary>OTLP by HTTP.</summary>
public sealed record OtlpHttp
{
    /// <summary>Path.</summary>
    public string? Path { get; init; }

    /// <summary>Time for an answer; null means 3 s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Headers sent.</summary>
    public EquatableArray<ProviderHeader> Headers { get; init; }
}

/// <summary>OTLP by gRPC.</summary>
public sealed record OtlpGrpc
{
    /// <summary>Time for an answer.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Metadata sent.</summary>
    public EquatableArray<ProviderHeader> InitialMetadata { get; init; }
}

/// <summary>What describes a workload in traces.</summary>
public sealed record ResourceDetectors
{
    /// <summary>The environment.</summary>
    public EnvironmentDetector? Environment { get; init; }

    /// <summary>Dynatrace's files.</summary>
    public DynatraceDetector? Dynatrace { get; init; }
}

/// <summary>The environment describes the workload.</summary>
public sealed record EnvironmentDetector;

/// <summary>Dynatrace's files describe the workload.</summary>
public sealed record DynatraceDetector;

/// <summary>Names of the service's attributes.</summary>
public enum ServiceAttributeEnrichment
{
    /// <summary>Istio's.</summary>
    IstioCanonical,

    /// <summary>OpenTelemetry's.</summary>
    OtelSemanticConventions,
}

/// <summary>Sampling by Dynatrace.</summary>
public sealed record DynatraceSampler
{
    /// <summary>Tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Cluster.</summary>
    public int ClusterId { get; init; }

    /// <summary>Most traces a minute; null means 1000.</summary>
    public uint? RootSpansPerMinute { get; init; }

    /// <summary>Where it asks.</summary>
    public DynatraceApi? HttpService { get; init; }
}

/// <summary>Dynatrace's API.</summary>
public sealed record DynatraceApi
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>The request.</summary>
    public OtlpHttp? Http { get; init; }
}
