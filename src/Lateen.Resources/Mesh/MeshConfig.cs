using Lateen.Resources.Networking;

namespace Lateen.Resources.Mesh;

/// <summary>Settings of the mesh as written (ConfigMap <c>istio</c>, key <c>mesh</c>). Null means that it is not written, so that the layer below counts.</summary>
public sealed record MeshConfig
{
    /// <summary>Port of outbound capture.</summary>
    public int? ProxyListenPort { get; init; }

    /// <summary>Port of inbound capture.</summary>
    public int? ProxyInboundListenPort { get; init; }

    /// <summary>Port of the sidecar's HTTP proxy listener; 0 means none.</summary>
    public int? ProxyHttpPort { get; init; }

    /// <summary>Connect timeout of clusters.</summary>
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Idle time of connections to the node's tunnel.</summary>
    public Duration? HboneIdleTimeout { get; init; }

    /// <summary>How long a connection is looked at to detect its protocol.</summary>
    public Duration? ProtocolDetectionTimeout { get; init; }

    /// <summary>Keep-alive of upstream connections.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>Class of Kubernetes Ingresses that are taken.</summary>
    public string? IngressClass { get; init; }

    /// <summary>Service whose address Ingresses get.</summary>
    public string? IngressService { get; init; }

    /// <summary>Which Ingresses are taken.</summary>
    public IngressControllerMode? IngressControllerMode { get; init; }

    /// <summary>Value of the label <c>istio</c> of the gateways for Ingresses.</summary>
    public string? IngressSelector { get; init; }

    /// <summary>Whether tracing may be on.</summary>
    public bool? EnableTracing { get; init; }

    /// <summary>File of the access log; empty means off.</summary>
    public string? AccessLogFile { get; init; }

    /// <summary>Format of the access log.</summary>
    public string? AccessLogFormat { get; init; }

    /// <summary>Text or JSON.</summary>
    public AccessLogEncoding? AccessLogEncoding { get; init; }

    /// <summary>Whether access logs go to a gRPC service.</summary>
    public bool? EnableEnvoyAccessLogService { get; init; }

    /// <summary>Whether listeners do not log connections that find no filter chain.</summary>
    public bool? DisableEnvoyListenerLog { get; init; }

    /// <summary>Settings of proxies.</summary>
    public ProxyConfigMessage? DefaultConfig { get; init; }

    /// <summary>What becomes of hosts the mesh does not know.</summary>
    public MeshOutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }

    /// <summary>How the sidecar reaches its application.</summary>
    public MeshInboundTrafficPolicy? InboundTrafficPolicy { get; init; }

    /// <summary>Where configuration is from.</summary>
    public EquatableArray<ConfigSource>? ConfigSources { get; init; }

    /// <summary>Whether clients use mutual TLS wherever the server takes it.</summary>
    public bool? EnableAutoMtls { get; init; }

    /// <summary>Trust domain of the mesh's identities.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>Further trust domains whose identities count as this mesh's.</summary>
    public EquatableArray<string>? TrustDomainAliases { get; init; }

    /// <summary>Further trusted roots.</summary>
    public EquatableArray<CertificateData>? CaCertificates { get; init; }

    /// <summary>Visibility of services that do not say.</summary>
    public EquatableArray<string>? DefaultServiceExportTo { get; init; }

    /// <summary>Visibility of VirtualServices that do not say.</summary>
    public EquatableArray<string>? DefaultVirtualServiceExportTo { get; init; }

    /// <summary>Visibility of DestinationRules that do not say.</summary>
    public EquatableArray<string>? DefaultDestinationRuleExportTo { get; init; }

    /// <summary>Namespace whose configuration holds for the whole mesh.</summary>
    public string? RootNamespace { get; init; }

    /// <summary>Locality preference.</summary>
    public LocalityLoadBalancerSetting? LocalityLbSetting { get; init; }

    /// <summary>Zone-aware routing.</summary>
    public ZoneAwareLoadBalancerSetting? ZoneAwareLbSetting { get; init; }

    /// <summary>How often DNS clusters resolve after a failure.</summary>
    public Duration? DnsRefreshRate { get; init; }

    /// <summary>Whether HTTP/1.1 is sent on as HTTP/2.</summary>
    public MeshH2UpgradePolicy? H2UpgradePolicy { get; init; }

    /// <summary>Pattern of inbound clusters' names in statistics.</summary>
    public string? InboundClusterStatName { get; init; }

    /// <summary>Pattern of outbound clusters' names in statistics.</summary>
    public string? OutboundClusterStatName { get; init; }

    /// <summary>Deprecated, without effect.</summary>
    public EquatableArray<MeshCertificate>? Certificates { get; init; }

    /// <summary>Settings of some services.</summary>
    public EquatableArray<ServiceSettings>? ServiceSettings { get; init; }

    /// <summary>Which services other clusters may use.</summary>
    public EquatableArray<ServiceScopeConfig>? ServiceScopeConfigs { get; init; }

    /// <summary>Whether the proxy serves the application's metrics together with its own.</summary>
    public bool? EnablePrometheusMerge { get; init; }

    /// <summary>Deprecated: whether clients verify servers' certificates.</summary>
    public bool? VerifyCertificateAtClient { get; init; }

    /// <summary>An external certificate authority.</summary>
    public CertificateAuthoritySettings? Ca { get; init; }

    /// <summary>Services for authorization, traces, metrics and logs.</summary>
    public EquatableArray<ExtensionProvider>? ExtensionProviders { get; init; }

    /// <summary>Names of the default providers.</summary>
    public MeshDefaultProviders? DefaultProviders { get; init; }

    /// <summary>Namespaces that are watched; empty means all.</summary>
    public EquatableArray<LabelSelector>? DiscoverySelectors { get; init; }

    /// <summary>How paths are made canonical.</summary>
    public MeshPathNormalization? PathNormalization { get; init; }

    /// <summary>Retries of routes that do not say.</summary>
    public HttpRetry? DefaultHttpRetryPolicy { get; init; }

    /// <summary>Retries between sidecar and application.</summary>
    public HttpRetry? DefaultInboundHttpRetryPolicy { get; init; }

    /// <summary>TLS within the mesh.</summary>
    [FieldAlias("mesh_mTLS")]
    public MeshTlsConfig? MeshMTLS { get; init; }

    /// <summary>All other TLS.</summary>
    public MeshTlsConfig? TlsDefaults { get; init; }

    /// <summary>What DestinationRules that do not say inherit.</summary>
    public MeshTrafficPolicy? DefaultTrafficPolicy { get; init; }

    /// <summary>Who sees ServiceEntries that do not say.</summary>
    public ServiceEntryVisibility? ServiceEntryVisibility { get; init; }
}

/// <summary>Which Ingresses are taken.</summary>
public enum IngressControllerMode
{
    /// <summary>As <see cref="Strict"/>.</summary>
    Unspecified,

    /// <summary>None.</summary>
    Off,

    /// <summary>Those without a class too.</summary>
    Default,

    /// <summary>Those of the class.</summary>
    Strict,
}

/// <summary>Form of the access log.</summary>
public enum AccessLogEncoding
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>JSON.</summary>
    Json,
}

/// <summary>Whether HTTP/1.1 is sent on as HTTP/2.</summary>
public enum MeshH2UpgradePolicy
{
    /// <summary>No.</summary>
    DoNotUpgrade,

    /// <summary>Yes.</summary>
    Upgrade,
}

/// <summary>What becomes of hosts the mesh does not know.</summary>
public sealed record MeshOutboundTrafficPolicy
{
    /// <summary>What.</summary>
    public OutboundTrafficPolicyMode Mode { get; init; }

    /// <summary>TLS towards hosts that the proxy resolves.</summary>
    public ClientTlsSettings? Tls { get; init; }
}

/// <summary>What becomes of hosts the mesh does not know.</summary>
public enum OutboundTrafficPolicyMode
{
    /// <summary>Refused.</summary>
    RegistryOnly,

    /// <summary>Passed on.</summary>
    AllowAny,

    /// <summary>Passed on, resolved by the proxy.</summary>
    AllowAnyDynamicDns = 3,
}

/// <summary>How the sidecar reaches its application.</summary>
public sealed record MeshInboundTrafficPolicy
{
    /// <summary>How.</summary>
    public InboundTrafficPolicyMode Mode { get; init; }
}

/// <summary>How the sidecar reaches its application.</summary>
public enum InboundTrafficPolicyMode
{
    /// <summary>At the address the caller asked for.</summary>
    Passthrough,

    /// <summary>At 127.0.0.1.</summary>
    Localhost,
}

/// <summary>Names of the default providers; null keeps those below.</summary>
public sealed record MeshDefaultProviders
{
    /// <summary>For traces.</summary>
    public EquatableArray<string>? Tracing { get; init; }

    /// <summary>For metrics.</summary>
    public EquatableArray<string>? Metrics { get; init; }

    /// <summary>For access logs.</summary>
    public EquatableArray<string>? AccessLogging { get; init; }
}

/// <summary>How paths are made canonical.</summary>
public sealed record MeshPathNormalization
{
    /// <summary>How.</summary>
    public PathNormalization Normalization { get; init; }
}

/// <summary>How paths are made canonical.</summary>
public enum PathNormalization
{
    /// <summary>As <see cref="Base"/>.</summary>
    Default,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>By RFC 3986, backslashes to slashes.</summary>
    Base,

    /// <summary>Also runs of slashes to one.</summary>
    MergeSlashes,

    /// <summary>Also escaped slashes and backslashes decoded.</summary>
    DecodeAndMergeSlashes,
}

/// <summary>What DestinationRules that do not say inherit.</summary>
public sealed record MeshTrafficPolicy
{
    /// <summary>Limits.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>Ejection of failing endpoints.</summary>
    public OutlierDetection? OutlierDetection { get; init; }
}
