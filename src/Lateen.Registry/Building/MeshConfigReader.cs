using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Validation;
using Lateen.Validation.Mesh;
using Written = Lateen.Resources.Mesh;

namespace Lateen.Registry.Building;

/// <summary>Reads the mesh's settings from the ConfigMap <c>istio</c>, key <c>mesh</c>, and lays them over those below.</summary>
internal static class MeshConfigReader
{
    /// <summary>Lays a configuration over settings: a field that is present replaces the whole value, aliases are joined.</summary>
    public static MeshSettings Over(this Written.MeshConfig config, MeshSettings below) => below with
    {
        TrustDomain = config.TrustDomain ?? below.TrustDomain,
        TrustDomainAliases = below.TrustDomainAliases.Concat(config.TrustDomainAliases ?? []).Distinct().Order(StringComparer.Ordinal).ToEquatableArray(),
        RootNamespace = config.RootNamespace ?? below.RootNamespace,
        EnableAutoMtls = config.EnableAutoMtls ?? below.EnableAutoMtls,
        ConnectTimeout = config.ConnectTimeout ?? below.ConnectTimeout,
        ProtocolDetectionTimeout = config.ProtocolDetectionTimeout ?? below.ProtocolDetectionTimeout,
        TcpKeepalive = config.TcpKeepalive ?? below.TcpKeepalive,
        OutboundTrafficPolicy = Outbound(config.OutboundTrafficPolicy) ?? below.OutboundTrafficPolicy,
        InboundTrafficPolicy = (InboundTrafficPolicyMode?)config.InboundTrafficPolicy?.Mode ?? below.InboundTrafficPolicy,
        AccessLogFile = config.AccessLogFile ?? below.AccessLogFile,
        AccessLogFormat = config.AccessLogFormat ?? below.AccessLogFormat,
        AccessLogEncoding = (AccessLogEncoding?)config.AccessLogEncoding ?? below.AccessLogEncoding,
        DisableEnvoyListenerLog = config.DisableEnvoyListenerLog ?? below.DisableEnvoyListenerLog,
        EnableTracing = config.EnableTracing ?? below.EnableTracing,
        DefaultProviders = Providers(config.DefaultProviders, below.DefaultProviders),
        ProxyListenPort = config.ProxyListenPort ?? below.ProxyListenPort,
        ProxyInboundListenPort = config.ProxyInboundListenPort ?? below.ProxyInboundListenPort,
        ProxyHttpPort = config.ProxyHttpPort ?? below.ProxyHttpPort,
        DefaultServiceExportTo = config.DefaultServiceExportTo ?? below.DefaultServiceExportTo,
        DefaultVirtualServiceExportTo = config.DefaultVirtualServiceExportTo ?? below.DefaultVirtualServiceExportTo,
        DefaultDestinationRuleExportTo = config.DefaultDestinationRuleExportTo ?? below.DefaultDestinationRuleExportTo,
        DnsRefreshRate = config.DnsRefreshRate ?? below.DnsRefreshRate,
        DefaultHttpRetryPolicy = config.DefaultHttpRetryPolicy ?? below.DefaultHttpRetryPolicy,
        PathNormalization = (PathNormalization?)config.PathNormalization?.Normalization ?? below.PathNormalization,
        H2UpgradePolicy = Upgrade(config.H2UpgradePolicy) ?? below.H2UpgradePolicy,
        LocalityLbSetting = config.LocalityLbSetting ?? below.LocalityLbSetting,
    };

    /// <summary>Reads the text of the key. Fields not in use are left out, as Istio leaves out those it does not know.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="map">The ConfigMap it stands in.</param>
    /// <param name="findings">Gets what is wrong.</param>
    /// <returns>The configuration, or null after an error.</returns>
    public static Written.MeshConfig? Read(string text, ResourceDocument map, ICollection<Finding> findings)
    {
        SourcePosition start = map.Origin.Locate("data.mesh");
        bool good = true;
        // The text's first line is the one below the key's.
        void Report(int line, string path, string message, string code = FindingCodes.Unreadable, Severity severity = Severity.Error)
        {
            good &= severity < Severity.Error;
            findings.Add(Finding.Of(
                code, severity, map.Key, path.Length == 0 ? "data.mesh" : $"data.mesh: {path}", start with { Line = start.Line + line }, message));
        }

        var errors = new List<ReadError>();
        IReadOnlyList<Node> roots = NodeReader.Read(start.File, text, errors);
        foreach (ReadError error in errors) Report(error.Position.Line, "", error.Message);
        if (!good) return null;
        if (roots.Count == 0) return new Written.MeshConfig();
        Written.MeshConfig? config = ResourceReader.ReadMessage<Written.MeshConfig>(roots[0], (line, _, path, message) => Report(line, path, message));
        if (config is null) return null;
        foreach (Finding finding in MeshConfigRules.Check(config, new ResourceOrigin(start.File, roots[0]), map.Key))
            Report(finding.Position!.Value.Line, finding.Path, finding.Message, finding.Code, finding.Severity);
        return good ? config : null;
    }

    private static OutboundTrafficPolicyMode? Outbound(Written.MeshOutboundTrafficPolicy? policy) => policy?.Mode switch
    {
        null => null,
        Written.OutboundTrafficPolicyMode.AllowAny => OutboundTrafficPolicyMode.AllowAny,
        Written.OutboundTrafficPolicyMode.AllowAnyDynamicDns => OutboundTrafficPolicyMode.AllowAnyDynamicDns,
        _ => OutboundTrafficPolicyMode.RegistryOnly,
    };

    private static H2UpgradePolicy? Upgrade(Written.MeshH2UpgradePolicy? policy) => policy switch
    {
        null => null,
        Written.MeshH2UpgradePolicy.Upgrade => H2UpgradePolicy.Upgrade,
        _ => H2UpgradePolicy.DoNotUpgrade,
    };

    private static DefaultProviders Providers(Written.MeshDefaultProviders? providers, DefaultProviders below) => new()
    {
        Tracing = providers?.Tracing ?? below.Tracing,
        Metrics = providers?.Metrics ?? below.Metrics,
        AccessLogging = providers?.AccessLogging ?? below.AccessLogging,
    };
}
