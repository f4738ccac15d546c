using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;
using DirectProto = Envoy.Config.Route.V3.DirectResponseAction;
using RedirectProto = Envoy.Config.Route.V3.RedirectAction;
using RouteProto = Envoy.Config.Route.V3.Route;

namespace Lateen.Proxy.Routing;

#pragma warning disable CS0612 // fields that Envoy deprecated are still in use

/// <summary>Compiles what routes do with a request.</summary>
internal sealed class ActionCompiler(ExtensionCatalog extensions, uint maxDirectResponseBody)
{
    private const string LoadBalancerMetadata = "envoy.lb";

    public static MirrorPolicy[] Mirrors(IReadOnlyList<RouteAction.Types.RequestMirrorPolicy> policies, string path) =>
        [.. policies.Select((p, i) =>
        {
            if (p.Cluster.Length == 0 == (p.ClusterHeader.Length == 0))
                throw new ConfigurationException($"{path}[{i}]", "expected one of cluster, cluster_header");
            return new MirrorPolicy(
                p.Cluster.Length > 0 ? p.Cluster : null,
                p.ClusterHeader.Length > 0 ? HeaderName.Of(p.ClusterHeader) : null,
                Fraction.Compile(p.RuntimeFraction, $"{path}[{i}].runtime_fraction"),
                !p.DisableShadowHostSuffixAppend);
        })];

    public static RedirectAction Redirect(RedirectProto r) => new()
    {
        Status = r.ResponseCode switch
        {
            RedirectProto.Types.RedirectResponseCode.MovedPermanently => 301,
            RedirectProto.Types.RedirectResponseCode.Found => 302,
            RedirectProto.Types.RedirectResponseCode.SeeOther => 303,
            RedirectProto.Types.RedirectResponseCode.TemporaryRedirect => 307,
            RedirectProto.Types.RedirectResponseCode.PermanentRedirect => 308,
            _ => throw new ConfigurationException("response_code", "unknown redirect code"),
        },
        Scheme = r.HasSchemeRedirect ? r.SchemeRedirect : r.HasHttpsRedirect && r.HttpsRedirect ? "https" : null,
        Host = r.HostRedirect.Length > 0 ? r.HostRedirect : null,
        Port = r.PortRedirect,
        Path = r.HasPathRedirect && r.PathRedirect.Length > 0 ? r.PathRedirect : null,
        PrefixRewrite = r.HasPrefixRewrite && r.PrefixRewrite.Length > 0 ? r.PrefixRewrite : null,
        RegexRewrite = r.RegexRewrite is null ? null : RegexSubstitution.Compile(r.RegexRewrite, "regex_rewrite"),
        StripQuery = r.StripQuery,
    };

    public DirectResponse Direct(DirectProto r)
    {
        if (r.Status is < 200 or > 599)
            throw new ConfigurationException("status", $"expected 200 to 599, got {r.Status}");
        var body = r.Body?.SpecifierCase switch
        {
            null or DataSource.SpecifierOneofCase.None => [],
            DataSource.SpecifierOneofCase.InlineString => Encoding.UTF8.GetBytes(r.Body.InlineString),
            DataSource.SpecifierOneofCase.InlineBytes => r.Body.InlineBytes.ToByteArray(),
            DataSource.SpecifierOneofCase.Filename => ReadBody(r.Body.Filename),
            _ => throw new ConfigurationException("body", "expected inline_string, inline_bytes or filename"),
        };
        return body.Length <= maxDirectResponseBody
            ? new DirectResponse((int)r.Status, body)
            : throw new ConfigurationException("body", $"response body size is {body.Length} bytes; maximum is {maxDirectResponseBody}");
    }

    public ForwardAction Forward(RouteProto route, Envoy.Config.Route.V3.VirtualHost host, RetryPolicy? hostRetry, IReadOnlyList<MirrorPolicy> hostMirrors)
    {
        var r = route.Route_;
        RejectUnsupported(r);
        var lb = MetadataMatch(r.MetadataMatch);
        return new ForwardAction
        {
            Cluster = r.ClusterSpecifierCase == RouteAction.ClusterSpecifierOneofCase.Cluster ? r.Cluster : null,
            ClusterHeader = r.ClusterSpecifierCase == RouteAction.ClusterSpecifierOneofCase.ClusterHeader ? HeaderName.Of(r.ClusterHeader) : null,
            Weighted = r.ClusterSpecifierCase == RouteAction.ClusterSpecifierOneofCase.WeightedClusters ? Weighted(r.WeightedClusters, lb) : null,
            ClusterNotFoundStatus = r.ClusterNotFoundResponseCode switch
            {
                RouteAction.Types.ClusterNotFoundResponseCode.NotFound => 404,
                RouteAction.Types.ClusterNotFoundResponseCode.InternalServerError => 500,
                _ => 503,
            },
            Timeouts = Timeouts(r),
            Retry = r.RetryPolicy is null ? hostRetry : Retry(r.RetryPolicy),
            HedgeOnPerTryTimeout = (r.HedgePolicy ?? host.HedgePolicy)?.HedgeOnPerTryTimeout ?? false,
            Priority = r.Priority,
            HashPolicy = HashPolicy.Compile(r.HashPolicy, "hash_policy"),
            Mirrors = r.RequestMirrorPolicies.Count > 0 ? Mirrors(r.RequestMirrorPolicies, "request_mirror_policies") : hostMirrors,
            Rewrites = CompileRewrites(r),
            MetadataMatch = lb,
            Upgrades = r.UpgradeConfigs.ToDictionary(u => u.UpgradeType.ToLowerInvariant(), u => u.Enabled ?? true),
            BufferLimit = route.PerRequestBufferLimitBytes ?? host.PerRequestBufferLimitBytes,
        };
    }

    private static void RejectUnsupported(RouteAction r)
    {
        if (r.ClusterSpecifierCase is RouteAction.ClusterSpecifierOneofCase.ClusterSpecifierPlugin
            or RouteAction.ClusterSpecifierOneofCase.InlineClusterSpecifierPlugin)
            throw new ConfigurationException("cluster_specifier_plugin", "cluster specifier plugins are not supported");
        if (r.ClusterSpecifierCase == RouteAction.ClusterSpecifierOneofCase.None || (r.HasCluster && r.Cluster.Length == 0))
            throw new ConfigurationException("", "expected one of cluster, cluster_header, weighted_clusters");
        if (r.PathRewritePolicy is not null)
            throw new ConfigurationException("path_rewrite_policy", "path templates are not supported");
        if (r.RetryPolicyTypedConfig is not null)
            throw new ConfigurationException("retry_policy_typed_config", "typed retry policies are not supported");
        if (r.PrefixRewrite.Length > 0 && r.RegexRewrite is not null)
            throw new ConfigurationException("regex_rewrite", "expected at most one of prefix_rewrite, regex_rewrite");
        if (r.InternalRedirectPolicy is not null || r.InternalRedirectAction == RouteAction.Types.InternalRedirectAction.HandleInternalRedirect)
            throw new ConfigurationException("internal_redirect_policy", "internal redirects are not supported");
    }

    private static Rewrites CompileRewrites(RouteAction r) => new()
    {
        Prefix = r.PrefixRewrite.Length > 0 ? r.PrefixRewrite : null,
        Path = r.RegexRewrite is null ? null : RegexSubstitution.Compile(r.RegexRewrite, "regex_rewrite"),
        HostLiteral = r.HasHostRewriteLiteral && r.HostRewriteLiteral.Length > 0 ? r.HostRewriteLiteral : null,
        HostHeader = r.HasHostRewriteHeader && r.HostRewriteHeader.Length > 0 ? HeaderName.Of(r.HostRewriteHeader) : null,
        HostFromPath = r.HostRewritePathRegex is null ? null : RegexSubstitution.Compile(r.HostRewritePathRegex, "host_rewrite_path_regex"),
        HostFromEndpoint = r.AutoHostRewrite ?? false,
        AppendForwardedHost = r.AppendXForwardedHost,
    };

    private static RouteTimeouts Timeouts(RouteAction r)
    {
        var duration = r.MaxStreamDuration;
        return new RouteTimeouts
        {
            Total = Durations.ZeroIsNone(r.Timeout, "timeout", TimeSpan.FromSeconds(15)),
            HasIdle = r.IdleTimeout is not null,
            Idle = Durations.ZeroIsNone(r.IdleTimeout, "idle_timeout", null),
            MaxStreamDuration = duration is null ? null : new StreamDuration(
                duration.MaxStreamDuration_ is not null,
                Durations.ZeroIsNone(duration.MaxStreamDuration_, "max_stream_duration.max_stream_duration", null),
                Durations.Optional(duration.GrpcTimeoutHeaderMax, "max_stream_duration.grpc_timeout_header_max"),
                Durations.Optional(duration.GrpcTimeoutHeaderOffset, "max_stream_duration.grpc_timeout_header_offset")),
            MaxGrpc = Durations.Optional(r.MaxGrpcTimeout, "max_grpc_timeout"),
            GrpcOffset = Durations.Optional(r.GrpcTimeoutOffset, "grpc_timeout_offset"),
        };
    }

    private static RetryPolicy Retry(Envoy.Config.Route.V3.RetryPolicy policy)
    {
        try
        {
            return RetryPolicyCompiler.Compile(policy);
        }
        catch (ConfigurationException e)
        {
            throw e.Within("retry_policy");
        }
    }

    private static Struct? MetadataMatch(Metadata? metadata, Struct? under = null)
    {
        if (metadata is null || !metadata.FilterMetadata.TryGetValue(LoadBalancerMetadata, out var wanted))
            return under;
        if (under is null)
            return wanted;
        var merged = under.Clone();
        foreach (var (key, value) in wanted.Fields)
            merged.Fields[key] = value;
        return merged;
    }

    private static byte[] ReadBody(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException("body.filename", e.Message, e);
        }
    }

    private WeightedClusters Weighted(Envoy.Config.Route.V3.WeightedCluster proto, Struct? routeMetadata)
    {
        ulong total = 0;
        foreach (var c in proto.Clusters)
            total += c.Weight ?? 0;
        if (total is 0 or > uint.MaxValue)
            throw new ConfigurationException("weighted_clusters", $"sum of weights must be between 1 and {uint.MaxValue}, got {total}");
        return new WeightedClusters(
            [.. proto.Clusters.Select((c, i) => Entry(c, routeMetadata, $"weighted_clusters.clusters[{i}]"))],
            proto.HasHeaderName ? HeaderName.Of(proto.HeaderName) : null);
    }

    private WeightedCluster Entry(Envoy.Config.Route.V3.WeightedCluster.Types.ClusterWeight c, Struct? routeMetadata, string path)
    {
        if (c.Name.Length == 0 == (c.ClusterHeader.Length == 0))
            throw new ConfigurationException(path, "expected one of name, cluster_header");
        try
        {
            return new WeightedCluster
            {
                Name = c.Name.Length > 0 ? c.Name : null,
                ClusterHeader = c.ClusterHeader.Length > 0 ? HeaderName.Of(c.ClusterHeader) : null,
                Weight = c.Weight ?? 0,
                HostRewrite = c.HasHostRewriteLiteral && c.HostRewriteLiteral.Length > 0 ? c.HostRewriteLiteral : null,
                MetadataMatch = MetadataMatch(c.MetadataMatch, routeMetadata),
                RequestHeaders = HeaderMutations.Compile(c.RequestHeadersToAdd, c.RequestHeadersToRemove, "request_headers"),
                ResponseHeaders = HeaderMutations.Compile(c.ResponseHeadersToAdd, c.ResponseHeadersToRemove, "response_headers"),
                Filters = FilterConfigs.Compile(c.TypedPerFilterConfig, extensions),
            };
        }
        catch (ConfigurationException e)
        {
            throw e.Within(path);
        }
    }
}
