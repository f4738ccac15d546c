namespace Lateen.Resources.Mesh;

/// <summary>A service for authorization, traces, metrics or logs.</summary>
public sealed record ExtensionProvider
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Authorization by HTTP.</summary>
    [OneOf("provider")]
    public HttpAuthorizationProvider? EnvoyExtAuthzHttp { get; init; }

    /// <summary>Authorization by gRPC.</summary>
    [OneOf("provider")]
    public GrpcAuthorizationProvider? EnvoyExtAuthzGrpc { get; init; }

    /// <summary>Traces to Zipkin.</summary>
    [OneOf("provider")]
    public ZipkinProvider? Zipkin { get; init; }

    /// <summary>Traces to Lightstep; deprecated.</summary>
    [OneOf("provider")]
    public LightstepProvider? Lightstep { get; init; }

    /// <summary>Traces to Datadog.</summary>
    [OneOf("provider")]
    public DatadogProvider? Datadog { get; init; }

    /// <summary>Traces and logs to Stackdriver.</summary>
    [OneOf("provider")]
    public StackdriverProvider? Stackdriver { get; init; }

    /// <summary>Traces to an OpenCensus agent; deprecated.</summary>
    [OneOf("provider")]
    public OpenCensusProvider? Opencensus { get; init; }

    /// <summary>Traces to SkyWalking.</summary>
    [OneOf("provider")]
    public SkywalkingProvider? Skywalking { get; init; }

    /// <summary>Traces by OTLP.</summary>
    [OneOf("provider")]
    public OpenTelemetryProvider? Opentelemetry { get; init; }

    /// <summary>Metrics for Prometheus.</summary>
    [OneOf("provider")]
    public PrometheusProvider? Prometheus { get; init; }

    /// <summary>Access logs to a file.</summary>
    [OneOf("provider")]
    public FileAccessLogProvider? EnvoyFileAccessLog { get; init; }

    /// <summary>Access logs of HTTP to a service.</summary>
    [OneOf("provider")]
    public GrpcAccessLogProvider? EnvoyHttpAls { get; init; }

    /// <summary>Access logs of TCP to a service.</summary>
    [OneOf("provider")]
    public GrpcAccessLogProvider? EnvoyTcpAls { get; init; }

    /// <summary>Access logs by OTLP.</summary>
    [OneOf("provider")]
    public OtelAccessLogProvider? EnvoyOtelAls { get; init; }

    /// <summary>Certificates.</summary>
    [OneOf("provider")]
    public SecretDiscoveryProvider? Sds { get; init; }
}

/// <summary>Authorization by HTTP.</summary>
public sealed record HttpAuthorizationProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Time for an answer; null means 600 s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Put before the path.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>Whether requests pass when it fails.</summary>
    public bool FailOpen { get; init; }

    /// <summary>Whether the route is chosen anew.</summary>
    public bool ClearRouteCache { get; init; }

    /// <summary>Status when it fails; null means 403.</summary>
    public string? StatusOnError { get; init; }

    /// <summary>Deprecated name of the next.</summary>
    public EquatableArray<string> IncludeHeadersInCheck { get; init; }

    /// <summary>Headers it gets.</summary>
    public EquatableArray<string> IncludeRequestHeadersInCheck { get; init; }

    /// <summary>Further headers it gets.</summary>
    public EquatableMap<string> IncludeAdditionalHeadersInCheck { get; init; }

    /// <summary>The body it gets.</summary>
    public AuthorizationBody? IncludeRequestBodyInCheck { get; init; }

    /// <summary>Headers of its answer that go on.</summary>
    public EquatableArray<string> HeadersToUpstreamOnAllow { get; init; }

    /// <summary>Headers of its answer that go back when denied.</summary>
    public EquatableArray<string> HeadersToDownstreamOnDeny { get; init; }

    /// <summary>Headers of its answer that go back when allowed.</summary>
    public EquatableArray<string> HeadersToDownstreamOnAllow { get; init; }
}

/// <summary>Authorization by gRPC.</summary>
public sealed record GrpcAuthorizationProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Time for an answer; null means 600 s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Whether requests pass when it fails.</summary>
    public bool FailOpen { get; init; }

    /// <summary>Whether the route is chosen anew.</summary>
    public bool ClearRouteCache { get; init; }

    /// <summary>Status when it fails; null means 403.</summary>
    public string? StatusOnError { get; init; }

    /// <summary>The body it gets.</summary>
    public AuthorizationBody? IncludeRequestBodyInCheck { get; init; }
}

/// <summary>The body an authorization service gets.</summary>
public sealed record AuthorizationBody
{
    /// <summary>Most bytes.</summary>
    public uint MaxRequestBytes { get; init; }

    /// <summary>Whether a part is enough.</summary>
    public bool AllowPartialMessage { get; init; }

    /// <summary>Whether it is sent as bytes.</summary>
    public bool PackAsBytes { get; init; }
}

/// <summary>Access logs to a file.</summary>
public sealed record FileAccessLogProvider
{
    /// <summary>The file; null means /dev/stdout.</summary>
    public string? Path { get; init; }

    /// <summary>The format.</summary>
    public FileLogFormat? LogFormat { get; init; }

    /// <summary>Whether empty values are left out.</summary>
    public bool OmitEmptyValues { get; init; }
}

/// <summary>A format of access logs.</summary>
public sealed record FileLogFormat
{
    /// <summary>As text.</summary>
    [OneOf("log_format")]
    public string? Text { get; init; }

    /// <summary>As JSON.</summary>
    [OneOf("log_format")]
    public FreeForm? Labels { get; init; }
}

/// <summary>Access logs to a service.</summary>
public sealed record GrpcAccessLogProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Name of the log.</summary>
    public string? LogName { get; init; }

    /// <summary>Filter states.</summary>
    public EquatableArray<string> FilterStateObjectsToLog { get; init; }

    /// <summary>Request headers.</summary>
    public EquatableArray<string> AdditionalRequestHeadersToLog { get; init; }

    /// <summary>Response headers.</summary>
    public EquatableArray<string> AdditionalResponseHeadersToLog { get; init; }

    /// <summary>Response trailers.</summary>
    public EquatableArray<string> AdditionalResponseTrailersToLog { get; init; }
}

/// <summary>Access logs by OTLP.</summary>
public sealed record OtelAccessLogProvider
{
    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }

    /// <summary>Name of the log.</summary>
    public string? LogName { get; init; }

    /// <summary>The format.</summary>
    public OtelLogFormat? LogFormat { get; init; }
}

/// <summary>A format of access logs by OTLP.</summary>
public sealed record OtelLogFormat
{
    /// <summary>The body.</summary>
    public string? Text { get; init; }

    /// <summary>The attributes.</summary>
    public FreeForm? Labels { get; init; }
}

/// <summary>Metrics for Prometheus.</summary>
public sealed record PrometheusProvider;

/// <summary>Certificates by SDS.</summary>
public sealed record SecretDiscoveryProvider
{
    /// <summary>Its name in <c>sds://NAME</c>.</summary>
    public string? Name { get; init; }

    /// <summary><c>[namespace/]host</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint Port { get; init; }
}

/// <summary>A header sent to a provider.</summary>
public sealed record ProviderHeader
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Value.</summary>
    [OneOf("header_value")]
    public string? Value { get; init; }

    /// <summary>Variable with the value.</summary>
    [OneOf("header_value")]
    public string? EnvName { get; init; }
}
