using Lateen.Resources;
using Lateen.Resources.Mesh;
using Lateen.Validation.Grammar;
using Lateen.Validation.Networking;

namespace Lateen.Validation.Mesh;

/// <summary>Settings of proxies (MP). What is not written has a default, so it is not asked for.</summary>
internal static class ProxyConfigMessageRules
{
    public static void Check(ProxyConfigMessage config, Field at)
    {
        at["configPath"].Require("MP-1", config.ConfigPath != "", "must not be empty");
        at["binaryPath"].Require("MP-2", config.BinaryPath != "", "must not be empty");
        at["serviceCluster"].Require("MP-3", config.ServiceCluster != "", "must not be empty");
        if (at["drainDuration"].Check("MP-5", Numbers.DurationProblem(config.DrainDuration)))
            at["drainDuration"].Require("MP-5", (config.DrainDuration?.Value.Ticks ?? 0) % TimeSpan.TicksPerSecond == 0, "must be in whole seconds");
        if (config.DiscoveryAddress is { } discovery) at["discoveryAddress"].Check("MP-6", ProxyAddress.Problem(discovery));
        if (config.Tracing is { } tracing) CheckTracing(tracing, at["tracing"]);
        CheckOptionalAddress(config.StatsdUdpAddress, at["statsdUdpAddress"]);
        CheckOptionalAddress(config.EnvoyMetricsServiceAddress, at["envoyMetricsServiceAddress"]);
        CheckOptionalAddress(config.EnvoyMetricsService?.Address, at["envoyMetricsService"]["address"]);
        CheckOptionalAddress(config.EnvoyAccessLogService?.Address, at["envoyAccessLogService"]["address"]);
        if (config.ProxyMetadata?.ContainsKey("ISTIO_META_DNS_AUTO_ALLOCATE") == true)
            at["proxyMetadata"]["ISTIO_META_DNS_AUTO_ALLOCATE"].Warning("MP-12", "is deprecated; addresses are given to ServiceEntries anyway");
        at["proxyAdminPort"].Check("MP-13", config.ProxyAdminPort is { } admin ? Numbers.PortProblem(admin) : null);
        at["statusPort"].Check("MP-13", config.StatusPort is { } status ? Numbers.PortProblem(status) : null);
        at["controlPlaneAuthPolicy"].Require("MP-14",
            config.ControlPlaneAuthPolicy is null or ControlPlaneAuthPolicy.None or ControlPlaneAuthPolicy.MutualTls, "must be NONE or MUTUAL_TLS");
        if (config.PrivateKeyProvider is { } provider) CheckKeys(provider, at["privateKeyProvider"]);
        if (config.ConnectionSettings is { } settings) CheckConnections(settings, at["connectionSettings"]);
    }

    private static void CheckTracing(MeshTracing tracing, Field at)
    {
        if (tracing.Lightstep is { } lightstep)
        {
            at["lightstep"]["address"].Check("MP-7", ProxyAddress.Problem(lightstep.Address ?? ""));
            at["lightstep"]["accessToken"].Require("MP-7", !string.IsNullOrEmpty(lightstep.AccessToken), "is needed");
        }
        if (tracing.Zipkin is { } zipkin) at["zipkin"]["address"].Check("MP-8", ProxyAddress.Problem(ProxyAddress.WithHostIp(zipkin.Address ?? "")));
        if (tracing.Datadog is { } datadog) at["datadog"]["address"].Check("MP-8", ProxyAddress.Problem(ProxyAddress.WithHostIp(datadog.Address ?? "")));
        // MP-9
        ClientTlsRules.Check(tracing.TlsSettings, "", at["tlsSettings"]);
    }

    private static void CheckOptionalAddress(string? address, Field at)
    {
        if (!string.IsNullOrEmpty(address)) at.Check("MP-11", ProxyAddress.Problem(address));
    }

    private static void CheckKeys(PrivateKeyProvider provider, Field at)
    {
        at.Require("MP-15", provider.Cryptomb is not null || provider.Qat is not null, "needs cryptomb or qat");
        foreach ((string name, PrivateKeyHardware? hardware) in new[] { ("cryptomb", provider.Cryptomb), ("qat", provider.Qat) })
        {
            if (hardware is not null) at[name]["pollDelay"].Require("MP-16", hardware.PollDelay is { } delay && delay != Duration.Zero, "is needed, and not 0");
        }
    }

    private static void CheckConnections(ConnectionSettings settings, Field at)
    {
        foreach ((string name, int? bytes) in new[] { ("listenerPerConnectionBufferLimitBytes", settings.ListenerPerConnectionBufferLimitBytes), ("clusterPerConnectionBufferLimitBytes", settings.ClusterPerConnectionBufferLimitBytes) })
            at[name].Require("MP-17", bytes is null or >= 0, "must not be negative");
        (string, Duration?)[] times =
        [
            ("httpIdleTimeout", settings.HttpIdleTimeout), ("httpMaxConnectionDuration", settings.HttpMaxConnectionDuration),
            ("httpDrainTimeout", settings.HttpDrainTimeout), ("httpRequestTimeout", settings.HttpRequestTimeout),
            ("httpRequestHeadersTimeout", settings.HttpRequestHeadersTimeout), ("httpStreamIdleTimeout", settings.HttpStreamIdleTimeout),
            ("httpMaxStreamDuration", settings.HttpMaxStreamDuration),
        ];
        foreach ((string name, Duration? time) in times) at[name].Require("MP-18", time is null || time >= Duration.Zero, "must not be negative");
        (string, int?)[] limits =
        [
            ("httpMaxConcurrentStreams", settings.HttpMaxConcurrentStreams), ("listenerConnectionLimit", settings.ListenerConnectionLimit),
            ("globalDownstreamConnectionLimit", settings.GlobalDownstreamConnectionLimit),
        ];
        foreach ((string name, int? limit) in limits) at[name].Require("MP-19", limit is null or > 0, "must be positive");
        at["http2InitialStreamWindowSize"].Require("MP-20", settings.Http2InitialStreamWindowSize is null or >= 65535, "must be at least 65535");
        at["http2InitialConnectionWindowSize"].Require("MP-20", settings.Http2InitialConnectionWindowSize is null or >= 65535, "must be at least 65535");
    }
}
