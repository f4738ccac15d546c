using Lateen.Resources;
using Lateen.Resources.Mesh;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Validation.Grammar;
using Lateen.Validation.Networking;

namespace Lateen.Validation.Mesh;

/// <summary>Rules on the mesh's settings (MC). What is not written has a default, so it is not asked for.</summary>
public static class MeshConfigRules
{
    /// <summary>What is wrong with the mesh's settings: errors, with which they cannot be used, and warnings.</summary>
    /// <param name="config">The settings as written.</param>
    /// <param name="origin">Where they were read.</param>
    /// <param name="key">The object they stand in, or null.</param>
    public static IReadOnlyList<Finding> Check(MeshConfig config, ResourceOrigin origin, ObjectKey? key)
    {
        var report = new RuleReport(key, origin);
        Check(config, new Field(report));
        return report.Findings;
    }

    private static void Check(MeshConfig config, Field at)
    {
        at["proxyListenPort"].Check("MC-1", config.ProxyListenPort is { } port ? Numbers.PortProblem(port) : null);
        if (at["connectTimeout"].Check("MC-2", Numbers.DurationProblem(config.ConnectTimeout)))
            at["connectTimeout"].Require("MC-2", config.ConnectTimeout is null || config.ConnectTimeout <= TimeSpan.FromHours(1), "must not be longer than 1h");
        at["protocolDetectionTimeout"].Require("MC-3", (config.ProtocolDetectionTimeout?.Value.Ticks ?? 0) % TimeSpan.TicksPerMillisecond == 0, "must be in whole milliseconds");
        if (config.DefaultConfig is { } proxy) ProxyConfigMessageRules.Check(proxy, at["defaultConfig"]);
        // MC-5, MC-6
        if (config.LocalityLbSetting is { } locality) LocalityRules.Check(locality, at["localityLbSetting"]);
        if (config.ZoneAwareLbSetting is { } zones) LocalityRules.Check(zones, at["zoneAwareLbSetting"]);
        CheckTrustDomains(config, at);
        CheckServices(config.ServiceSettings ?? [], at["serviceSettings"]);
        CheckTls(config, at);
        CheckTrafficPolicy(config.DefaultTrafficPolicy, at["defaultTrafficPolicy"]);
        CheckRetries(config.DefaultInboundHttpRetryPolicy, at["defaultInboundHttpRetryPolicy"]);
        ExtensionProviderRules.Check(config.ExtensionProviders ?? [], at["extensionProviders"]);
    }

    private static void CheckTrustDomains(MeshConfig config, Field at)
    {
        if (config.TrustDomain is { } domain) at["trustDomain"].Check("MC-8", HostName.TrustDomainProblem(domain));
        EquatableArray<string> aliases = config.TrustDomainAliases ?? [];
        for (int i = 0; i < aliases.Count; i++) at["trustDomainAliases"][i].Check("MC-9", HostName.TrustDomainProblem(aliases[i]));
    }

    private static void CheckServices(EquatableArray<ServiceSettings> settings, Field at)
    {
        for (int i = 0; i < settings.Count; i++)
        {
            for (int j = 0; j < settings[i].Hosts.Count; j++) at[i]["hosts"][j].Check("MC-7", HostName.WildcardProblem(settings[i].Hosts[j]));
        }
    }

    private static void CheckTls(MeshConfig config, Field at)
    {
        at["meshMTLS"]["ecdhCurves"].Require("MC-10", config.MeshMTLS is null or { EcdhCurves.Count: 0 }, "curves cannot be chosen within the mesh");
        EquatableArray<string> curves = config.TlsDefaults?.EcdhCurves ?? [];
        string[] unknown = [.. curves.Where(curve => !CipherSuites.IsCurve(curve)).Distinct()];
        string[] twice = [.. curves.GroupBy(curve => curve).Where(group => group.Count() > 1).Select(group => group.Key)];
        if (unknown.Length > 0) at["tlsDefaults"]["ecdhCurves"].Warning("MC-11", $"unknown: {string.Join(", ", unknown)}");
        if (twice.Length > 0) at["tlsDefaults"]["ecdhCurves"].Warning("MC-12", $"there twice: {string.Join(", ", twice)}");
    }

    // MC-13, MC-14
    private static void CheckTrafficPolicy(MeshTrafficPolicy? policy, Field at)
    {
        if (policy?.ConnectionPool is { } pool)
        {
            Field place = at["connectionPool"];
            place.Require("DR-40", pool.Http is not null || pool.Tcp is not null, "must set http or tcp");
            ConnectionPoolRules.CheckHttp(pool.Http, place["http"]);
            ConnectionPoolRules.CheckTcp(pool.Tcp, place["tcp"]);
        }
        TrafficPolicyRules.CheckOutlierDetection(policy?.OutlierDetection, at["outlierDetection"].Quiet);
    }

    private static void CheckRetries(HttpRetry? retries, Field at)
    {
        if (retries is null) return;
        // MC-15
        HttpRetryRules.Check(retries, at);
        at["backoff"].Require("MC-16", retries.Attempts != 0 || retries.Backoff is null, "is set while attempts is 0, which switches retries off");
        if (retries.PerTryTimeout is not null) at["perTryTimeout"].Warning("MC-17", "has no effect here");
        if (retries.RetryRemoteLocalities is not null) at["retryRemoteLocalities"].Warning("MC-17", "has no effect here");
        if (retries.RetryIgnorePreviousHosts is not null) at["retryIgnorePreviousHosts"].Warning("MC-17", "has no effect here");
    }
}
