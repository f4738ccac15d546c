using System.Text.Json.Serialization;
using Lateen.Resources.Networking;

namespace Lateen.Resources.Mesh;

/// <summary>Settings of proxies as written: the mesh's <c>defaultConfig</c> and the annotation <c>proxy.istio.io/config</c>. Null is not written.</summary>
public sealed record ProxyConfigMessage
{
    /// <summary>Folder of the proxy's files.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>Envoy's executable.</summary>
    public string? BinaryPath { get; init; }

    /// <summary>Name of the proxy's service.</summary>
    [OneOf("cluster_name")]
    public string? ServiceCluster { get; init; }

    /// <summary>How the service is named in traces.</summary>
    [OneOf("cluster_name")]
    public TracingServiceName? TracingServiceName { get; init; }

    /// <summary>How long connections may end when a listener goes.</summary>
    public Duration? DrainDuration { get; init; }

    /// <summary>How long connections may end when the proxy stops.</summary>
    public Duration? TerminationDrainDuration { get; init; }

    /// <summary>Address of the control plane.</summary>
    public string? DiscoveryAddress { get; init; }

    /// <summary>Deprecated.</summary>
    public Duration? DiscoveryRefreshDelay { get; init; }

    /// <summary>Deprecated.</summary>
    public string? ZipkinAddress { get; init; }

    /// <summary>Where statistics are sent.</summary>
    public string? StatsdUdpAddress { get; init; }

    /// <summary>Deprecated.</summary>
    public string? EnvoyMetricsServiceAddress { get; init; }

    /// <summary>Port of the admin page.</summary>
    public int? ProxyAdminPort { get; init; }

    /// <summary>Deprecated.</summary>
    public string? AvailabilityZone { get; init; }

    /// <summary>How the control plane is reached.</summary>
    public ControlPlaneAuthPolicy? ControlPlaneAuthPolicy { get; init; }

    /// <summary>Bootstrap in place of the generated one.</summary>
    public string? CustomConfigFile { get; init; }

    /// <summary>Longest name of a statistic.</summary>
    public int? StatNameLength { get; init; }

    /// <summary>Worker threads; 0 means all cores.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Template of the bootstrap.</summary>
    public string? ProxyBootstrapTemplatePath { get; init; }

    /// <summary>How traffic gets to the proxy.</summary>
    public InterceptionMode? InterceptionMode { get; init; }

    /// <summary>Traces.</summary>
    public MeshTracing? Tracing { get; init; }

    /// <summary>Deprecated.</summary>
    public SdsSettings? Sds { get; init; }

    /// <summary>Where access logs go.</summary>
    public RemoteService? EnvoyAccessLogService { get; init; }

    /// <summary>Where metrics go.</summary>
    public RemoteService? EnvoyMetricsService { get; init; }

    /// <summary>Environment of the proxy.</summary>
    public EquatableMap<string>? ProxyMetadata { get; init; }

    /// <summary>Envoy's runtime.</summary>
    public EquatableMap<string>? RuntimeValues { get; init; }

    /// <summary>Port of health and merged metrics.</summary>
    public int? StatusPort { get; init; }

    /// <summary>Further tags of statistics.</summary>
    public EquatableArray<string>? ExtraStatTags { get; init; }

    /// <summary>What stands before gateways.</summary>
    public GatewayTopology? GatewayTopology { get; init; }

    /// <summary>Name of the mesh.</summary>
    public string? MeshId { get; init; }

    /// <summary>When the workload is ready (machines).</summary>
    public ReadinessProbe? ReadinessProbe { get; init; }

    /// <summary>Which statistics there are.</summary>
    public ProxyStatsMatcher? ProxyStatsMatcher { get; init; }

    /// <summary>Whether the application starts after the proxy.</summary>
    public bool? HoldApplicationUntilProxyStarts { get; init; }

    /// <summary>Further trusted roots.</summary>
    public EquatableArray<string>? CaCertificatesPem { get; init; }

    /// <summary>The image.</summary>
    public ProxyImage? Image { get; init; }

    /// <summary>Hardware for private keys.</summary>
    public PrivateKeyProvider? PrivateKeyProvider { get; init; }

    /// <summary>Headers the proxy adds.</summary>
    public ProxyHeaders? ProxyHeaders { get; init; }

    /// <summary>How often logs are written.</summary>
    public Duration? FileFlushInterval { get; init; }

    /// <summary>How much of logs is written at once.</summary>
    public uint? FileFlushMinSizeKb { get; init; }

    /// <summary>Whether metrics may be compressed.</summary>
    public bool? StatsCompression { get; init; }

    /// <summary>Limits of connections from clients.</summary>
    public ConnectionSettings? ConnectionSettings { get; init; }
}

/// <summary>How a service is named in traces.</summary>
public enum TracingServiceName
{
    /// <summary>app.namespace.</summary>
    AppLabelAndNamespace,

    /// <summary>The canonical name.</summary>
    CanonicalNameOnly,

    /// <summary>The canonical name with the namespace.</summary>
    CanonicalNameAndNamespace,
}

/// <summary>How the control plane is reached.</summary>
public enum ControlPlaneAuthPolicy
{
    /// <summary>In plain text.</summary>
    None,

    /// <summary>By mutual TLS.</summary>
    MutualTls,

    /// <summary>Inherited.</summary>
    Inherit = 1000,
}

/// <summary>How traffic gets to the proxy.</summary>
public enum InterceptionMode
{
    /// <summary>By redirection.</summary>
    Redirect,

    /// <summary>Transparently.</summary>
    [JsonStringEnumMemberName("TPROXY")]
    Tproxy,

    /// <summary>The application connects to it.</summary>
    None,
}

/// <summary>Deprecated.</summary>
public sealed record SdsSettings
{
    /// <summary>Deprecated.</summary>
    public bool Enabled { get; init; }

    /// <summary>Deprecated.</summary>
    public string? K8sSaJwtPath { get; init; }
}

/// <summary>A service that gets data of proxies.</summary>
public sealed record RemoteService
{
    /// <summary>Its address.</summary>
    public string? Address { get; init; }

    /// <summary>TLS towards it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>Keep-alive.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }
}

/// <summary>What stands before gateways.</summary>
public sealed record GatewayTopology
{
    /// <summary>Proxies whose X-Forwarded-For counts.</summary>
    public uint NumTrustedProxies { get; init; }

    /// <summary>What becomes of X-Forwarded-Client-Cert.</summary>
    public ForwardClientCertDetails ForwardClientCertDetails { get; init; }

    /// <summary>Whether the PROXY protocol is taken; present means yes.</summary>
    public AcceptProxyProtocol? ProxyProtocol { get; init; }
}

/// <summary>The PROXY protocol is taken.</summary>
public sealed record AcceptProxyProtocol;

/// <summary>What becomes of X-Forwarded-Client-Cert.</summary>
public enum ForwardClientCertDetails
{
    /// <summary>The default.</summary>
    Undefined,

    /// <summary>Taken away.</summary>
    Sanitize,

    /// <summary>Sent on.</summary>
    ForwardOnly,

    /// <summary>Sent on with the client's.</summary>
    AppendForward,

    /// <summary>Replaced by the client's.</summary>
    SanitizeSet,

    /// <summary>Sent on in any case.</summary>
    AlwaysForwardOnly,
}

/// <summary>Which statistics there are.</summary>
public sealed record ProxyStatsMatcher
{
    /// <summary>By prefix.</summary>
    public EquatableArray<string> InclusionPrefixes { get; init; }

    /// <summary>By suffix.</summary>
    public EquatableArray<string> InclusionSuffixes { get; init; }

    /// <summary>By expression.</summary>
    public EquatableArray<string> InclusionRegexps { get; init; }
}

/// <summary>Hardware for private keys.</summary>
public sealed record PrivateKeyProvider
{
    /// <summary>CryptoMB.</summary>
    [OneOf("provider")]
    public PrivateKeyHardware? Cryptomb { get; init; }

    /// <summary>QAT.</summary>
    [OneOf("provider")]
    public PrivateKeyHardware? Qat { get; init; }
}

/// <summary>Settings of hardware for private keys.</summary>
public sealed record PrivateKeyHardware
{
    /// <summary>How long operations are collected.</summary>
    public Duration? PollDelay { get; init; }

    /// <summary>Whether software does when there is none.</summary>
    public bool? Fallback { get; init; }
}

/// <summary>Traces.</summary>
public sealed record MeshTracing
{
    /// <summary>To Zipkin.</summary>
    [OneOf("tracer")]
    public ZipkinTracer? Zipkin { get; init; }

    /// <summary>To Lightstep.</summary>
    [OneOf("tracer")]
    public LightstepTracer? Lightstep { get; init; }

    /// <summary>To Datadog.</summary>
    [OneOf("tracer")]
    public DatadogTracer? Datadog { get; init; }

    /// <summary>To Stackdriver.</summary>
    [OneOf("tracer")]
    public StackdriverTracer? Stackdriver { get; init; }

    /// <summary>To an OpenCensus agent.</summary>
    [OneOf("tracer")]
    public OpenCensusTracer? OpenCensusAgent { get; init; }

    /// <summary>Tags.</summary>
    public EquatableMap<MeshCustomTag> CustomTags { get; init; }

    /// <summary>Longest path; 0 means 256.</summary>
    public uint MaxPathTagLength { get; init; }

    /// <summary>Share of requests in percent; 0 means 1.</summary>
    public double Sampling { get; init; }

    /// <summary>TLS towards the collector.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>Whether there are Istio's tags; null means yes.</summary>
    public bool? EnableIstioTags { get; init; }
}

/// <summary>Zipkin.</summary>
public sealed record ZipkinTracer
{
    /// <summary>Address.</summary>
    public string? Address { get; init; }
}

/// <summary>Lightstep.</summary>
public sealed record LightstepTracer
{
    /// <summary>Address.</summary>
    public string? Address { get; init; }

    /// <summary>Token.</summary>
    public string? AccessToken { get; init; }
}

/// <summary>Datadog.</summary>
public sealed record DatadogTracer
{
    /// <summary>Address.</summary>
    public string? Address { get; init; }
}

/// <summary>Stackdriver.</summary>
public sealed record StackdriverTracer
{
    /// <summary>Whether spans are written out.</summary>
    public bool Debug { get; init; }

    /// <summary>Most attributes.</summary>
    public long? MaxNumberOfAttributes { get; init; }

    /// <summary>Most annotations.</summary>
    public long? MaxNumberOfAnnotations { get; init; }

    /// <summary>Most events.</summary>
    public long? MaxNumberOfMessageEvents { get; init; }
}

/// <summary>OpenCensus.</summary>
public sealed record OpenCensusTracer
{
    /// <summary>Address.</summary>
    public string? Address { get; init; }

    /// <summary>Headers of the trace context.</summary>
    public EquatableArray<OpenCensusTraceContext> Context { get; init; }
}

/// <summary>A tag.</summary>
public sealed record MeshCustomTag
{
    /// <summary>A text.</summary>
    [OneOf("type")]
    public MeshLiteralTag? Literal { get; init; }

    /// <summary>A variable.</summary>
    [OneOf("type")]
    public MeshNamedTag? Environment { get; init; }

    /// <summary>A header.</summary>
    [OneOf("type")]
    public MeshNamedTag? Header { get; init; }
}

/// <summary>A tag by text.</summary>
public sealed record MeshLiteralTag
{
    /// <summary>The text.</summary>
    public string? Value { get; init; }
}

/// <summary>A tag by name.</summary>
public sealed record MeshNamedTag
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>What is taken when there is none.</summary>
    public string? DefaultValue { get; init; }
}
