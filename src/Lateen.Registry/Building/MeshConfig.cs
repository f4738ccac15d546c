using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Validation;

namespace Lateen.Registry.Building;

/// <summary>MeshConfig as written (ConfigMap <c>istio</c>, key <c>mesh</c>): the fields in use; what is absent keeps the value below it.</summary>
internal sealed record MeshConfig
{
    public string? TrustDomain { get; init; }

    public EquatableArray<string>? TrustDomainAliases { get; init; }

    public string? RootNamespace { get; init; }

    public bool? EnableAutoMtls { get; init; }

    public Duration? ConnectTimeout { get; init; }

    public Duration? ProtocolDetectionTimeout { get; init; }

    public TcpKeepalive? TcpKeepalive { get; init; }

    public MeshOutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }

    public MeshInboundTrafficPolicy? InboundTrafficPolicy { get; init; }

    public string? AccessLogFile { get; init; }

    public string? AccessLogFormat { get; init; }

    public AccessLogEncoding? AccessLogEncoding { get; init; }

    public bool? DisableEnvoyListenerLog { get; init; }

    public bool? EnableTracing { get; init; }

    public MeshDefaultProviders? DefaultProviders { get; init; }

    public int? ProxyListenPort { get; init; }

    public int? ProxyInboundListenPort { get; init; }

    public int? ProxyHttpPort { get; init; }

    public EquatableArray<string>? DefaultServiceExportTo { get; init; }

    public EquatableArray<string>? DefaultVirtualServiceExportTo { get; init; }

    public EquatableArray<string>? DefaultDestinationRuleExportTo { get; init; }

    public Duration? DnsRefreshRate { get; init; }

    public HttpRetry? DefaultHttpRetryPolicy { get; init; }

    public MeshPathNormalization? PathNormalization { get; init; }

    public H2UpgradePolicy? H2UpgradePolicy { get; init; }

    public LocalityLoadBalancerSetting? LocalityLbSetting { get; init; }

    /// <summary>Lays this over settings: a field that is present replaces the whole value, aliases are joined.</summary>
    public MeshSettings Over(MeshSettings below) => below with
    {
        TrustDomain = TrustDomain ?? below.TrustDomain,
        TrustDomainAliases = below.TrustDomainAliases.Concat(TrustDomainAliases ?? []).Distinct().Order(StringComparer.Ordinal).ToEquatableArray(),
        RootNamespace = RootNamespace ?? below.RootNamespace,
        EnableAutoMtls = EnableAutoMtls ?? below.EnableAutoMtls,
        ConnectTimeout = ConnectTimeout ?? below.ConnectTimeout,
        ProtocolDetectionTimeout = ProtocolDetectionTimeout ?? below.ProtocolDetectionTimeout,
        TcpKeepalive = TcpKeepalive ?? below.TcpKeepalive,
        OutboundTrafficPolicy = OutboundTrafficPolicy?.Mode ?? below.OutboundTrafficPolicy,
        InboundTrafficPolicy = InboundTrafficPolicy?.Mode ?? below.InboundTrafficPolicy,
        AccessLogFile = AccessLogFile ?? below.AccessLogFile,
        AccessLogFormat = AccessLogFormat ?? below.AccessLogFormat,
        AccessLogEncoding = AccessLogEncoding ?? below.AccessLogEncoding,
        DisableEnvoyListenerLog = DisableEnvoyListenerLog ?? below.DisableEnvoyListenerLog,
        EnableTracing = EnableTracing ?? below.EnableTracing,
        DefaultProviders = DefaultProviders?.Over(below.DefaultProviders) ?? below.DefaultProviders,
        ProxyListenPort = ProxyListenPort ?? below.ProxyListenPort,
        ProxyInboundListenPort = ProxyInboundListenPort ?? below.ProxyInboundListenPort,
        ProxyHttpPort = ProxyHttpPort ?? below.ProxyHttpPort,
        DefaultServiceExportTo = DefaultServiceExportTo ?? below.DefaultServiceExportTo,
        DefaultVirtualServiceExportTo = DefaultVirtualServiceExportTo ?? below.DefaultVirtualServiceExportTo,
        DefaultDestinationRuleExportTo = DefaultDestinationRuleExportTo ?? below.DefaultDestinationRuleExportTo,
        DnsRefreshRate = DnsRefreshRate ?? below.DnsRefreshRate,
        DefaultHttpRetryPolicy = DefaultHttpRetryPolicy ?? below.DefaultHttpRetryPolicy,
        PathNormalization = PathNormalization?.Normalization ?? below.PathNormalization,
        H2UpgradePolicy = H2UpgradePolicy ?? below.H2UpgradePolicy,
        LocalityLbSetting = LocalityLbSetting ?? below.LocalityLbSetting,
    };

    /// <summary>Reads the text of the key. Fields not in use are left out, as Istio leaves out those it does not know.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="map">The ConfigMap it stands in.</param>
    /// <param name="findings">Gets what is wrong.</param>
    /// <returns>The configuration, or null after an error.</returns>
    public static MeshConfig? Read(string text, ResourceDocument map, ICollection<Finding> findings)
    {
        SourcePosition start = map.Origin.Locate("data.mesh");
        bool good = true;
        // The text's first line is the one below the key's.
        void Report(int line, string path, string message)
        {
            good = false;
            findings.Add(Finding.Of(
                FindingCodes.Unreadable, Severity.Error, map.Key, path.Length == 0 ? "data.mesh" : $"data.mesh: {path}", start with { Line = start.Line + line }, message));
        }

        var errors = new List<ReadError>();
        IReadOnlyList<Node> roots = NodeReader.Read(start.File, text, errors);
        foreach (ReadError error in errors) Report(error.Position.Line, "", error.Message);
        if (!good) return null;
        if (roots.Count == 0) return new MeshConfig();
        MeshConfig? config = ResourceReader.ReadMessage<MeshConfig>(roots[0], (line, _, path, message) => Report(line, path, message));
        return good ? config : null;
    }
}

internal sealed record MeshOutboundTrafficPolicy
{
    public OutboundTrafficPolicyMode Mode { get; init; }
}

internal sealed record MeshInboundTrafficPolicy
{
    public InboundTrafficPolicyMode Mode { get; init; }
}

internal sealed record MeshPathNormalization
{
    public PathNormalization Normalization { get; init; }
}

internal sealed record MeshDefaultProviders
{
    public EquatableArray<string>? Tracing { get; init; }

    public EquatableArray<string>? Metrics { get; init; }

    public EquatableArray<string>? AccessLogging { get; init; }

    public DefaultProviders Over(DefaultProviders below) => new()
    {
        Tracing = Tracing ?? below.Tracing,
        Metrics = Metrics ?? below.Metrics,
        AccessLogging = AccessLogging ?? below.AccessLogging,
    };
}
