using Lateen.Resources;
using Lateen.Resources.Networking;

namespace Lateen.Registry;

/// <summary>The parts of Istio's MeshConfig in use, with the defaults of Istio.</summary>
public sealed record MeshSettings
{
    /// <summary>Settings of a mesh that configures nothing.</summary>
    public static MeshSettings Default { get; } = new();

    /// <summary>Suffix of Kubernetes service hosts.</summary>
    public string DomainSuffix { get; init; } = "cluster.local";

    /// <summary>Trust domain of the mesh's identities.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Further trust domains whose identities count as this mesh's.</summary>
    public EquatableArray<string> TrustDomainAliases { get; init; }

    /// <summary>Namespace whose configuration holds for the whole mesh.</summary>
    public string RootNamespace { get; init; } = "istio-system";

    /// <summary>Whether clients use mutual TLS wherever the server takes it.</summary>
    public bool EnableAutoMtls { get; init; } = true;

    /// <summary>Connect timeout of clusters.</summary>
    public Duration ConnectTimeout { get; init; } = Duration.FromSeconds(10);

    /// <summary>How long a connection is looked at to detect its protocol; zero means no limit.</summary>
    public Duration ProtocolDetectionTimeout { get; init; }

    /// <summary>Keep-alive of upstream connections; null means off.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>What becomes of hosts the mesh does not know.</summary>
    public OutboundTrafficPolicyMode OutboundTrafficPolicy { get; init; } = OutboundTrafficPolicyMode.AllowAny;

    /// <summary>How the sidecar reaches its application.</summary>
    public InboundTrafficPolicyMode InboundTrafficPolicy { get; init; }

    /// <summary>File of the access log; empty means off.</summary>
    public string AccessLogFile { get; init; } = "";

    /// <summary>Format of the access log; empty means the default.</summary>
    public string AccessLogFormat { get; init; } = "";

    /// <summary>Text or JSON.</summary>
    public AccessLogEncoding AccessLogEncoding { get; init; }

    /// <summary>Whether listeners log connections that find no filter chain is off.</summary>
    public bool DisableEnvoyListenerLog { get; init; }

    /// <summary>Whether tracing may be on.</summary>
    public bool EnableTracing { get; init; } = true;

    /// <summary>Names of the default providers.</summary>
    public DefaultProviders DefaultProviders { get; init; } = new();

    /// <summary>Port of outbound capture.</summary>
    public int ProxyListenPort { get; init; } = 15001;

    /// <summary>Port of inbound capture.</summary>
    public int ProxyInboundListenPort { get; init; } = 15006;

    /// <summary>Port of the sidecar's HTTP proxy listener; 0 means none.</summary>
    public int ProxyHttpPort { get; init; }

    /// <summary>Visibility of services that do not say.</summary>
    public EquatableArray<string> DefaultServiceExportTo { get; init; } = ["*"];

    /// <summary>Visibility of VirtualServices that do not say.</summary>
    public EquatableArray<string> DefaultVirtualServiceExportTo { get; init; } = ["*"];

    /// <summary>Visibility of DestinationRules that do not say.</summary>
    public EquatableArray<string> DefaultDestinationRuleExportTo { get; init; } = ["*"];

    /// <summary>How often DNS clusters resolve after a failure.</summary>
    public Duration DnsRefreshRate { get; init; } = Duration.FromSeconds(60);

    /// <summary>Retries of routes that do not say; null means Istio's two.</summary>
    public HttpRetry? DefaultHttpRetryPolicy { get; init; }

    /// <summary>How paths are made canonical.</summary>
    public PathNormalization PathNormalization { get; init; }

    /// <summary>Whether HTTP/1.1 is sent on as HTTP/2.</summary>
    public H2UpgradePolicy H2UpgradePolicy { get; init; } = H2UpgradePolicy.DoNotUpgrade;

    /// <summary>Locality preference.</summary>
    public LocalityLoadBalancerSetting LocalityLbSetting { get; init; } = new() { Enabled = true };

    /// <summary>The SPIFFE URI of a service account.</summary>
    public string Identity(string @namespace, string serviceAccount) => $"spiffe://{TrustDomain}/ns/{@namespace}/sa/{serviceAccount}";
}

/// <summary>Names of the default telemetry providers.</summary>
public sealed record DefaultProviders
{
    /// <summary>For traces.</summary>
    public EquatableArray<string> Tracing { get; init; }

    /// <summary>For metrics.</summary>
    public EquatableArray<string> Metrics { get; init; }

    /// <summary>For access logs.</summary>
    public EquatableArray<string> AccessLogging { get; init; }
}

/// <summary>What becomes of hosts the mesh does not know.</summary>
public enum OutboundTrafficPolicyMode
{
    /// <summary>Refused.</summary>
    RegistryOnly,

    /// <summary>Passed on.</summary>
    AllowAny,

    /// <summary>Passed on, resolved by the proxy.</summary>
    AllowAnyDynamicDns,
}

/// <summary>How the sidecar reaches its application.</summary>
public enum InboundTrafficPolicyMode
{
    /// <summary>At the address the caller asked for.</summary>
    Passthrough,

    /// <summary>At 127.0.0.1.</summary>
    Localhost,
}

/// <summary>Form of the access log.</summary>
public enum AccessLogEncoding
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>JSON.</summary>
    Json,
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
