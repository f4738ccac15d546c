using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using RouteProto = Envoy.Config.Route.V3.Route;
using VirtualHostProto = Envoy.Config.Route.V3.VirtualHost;

namespace Lateen.Proxy.Routing;

/// <summary>Compiles route configurations; rejects what would send requests elsewhere than configured.</summary>
internal sealed class RouteCompiler
{
    private readonly RouteConfiguration _configuration;
    private readonly ExtensionCatalog _extensions;
    private readonly HeaderMutations _requestHeaders;
    private readonly HeaderMutations _responseHeaders;
    private readonly FilterConfigs _filters;
    private readonly MirrorPolicy[] _mirrors;

    private RouteCompiler(RouteConfiguration configuration, ExtensionCatalog extensions)
    {
        (_configuration, _extensions) = (configuration, extensions);
        if (configuration.Vhds is not null)
            throw new ConfigurationException("vhds", "on-demand virtual hosts are not supported");
        _requestHeaders = HeaderMutations.Compile(configuration.RequestHeadersToAdd, configuration.RequestHeadersToRemove, "request_headers");
        _responseHeaders =
            HeaderMutations.Compile(configuration.ResponseHeadersToAdd, configuration.ResponseHeadersToRemove, "response_headers");
        _filters = FilterConfigs.Compile(configuration.TypedPerFilterConfig, extensions);
        _mirrors = ActionCompiler.Mirrors(configuration.RequestMirrorPolicies, "request_mirror_policies");
    }

    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static RouteTable Compile(RouteConfiguration configuration, ExtensionCatalog extensions)
    {
        var compiler = new RouteCompiler(configuration, extensions);
        var hosts = configuration.VirtualHosts.Select((v, i) => At($"virtual_hosts[{i}]", () => compiler.CompileHost(v))).ToArray();
        return new RouteTable(configuration, new DomainIndex(configuration.Name, configuration.IgnorePortInHostMatching, hosts), hosts);
    }

    private static T At<T>(string path, Func<T> compile)
    {
        try
        {
            return compile();
        }
        catch (ConfigurationException e)
        {
            throw e.Within(path);
        }
    }

    private VirtualHost CompileHost(VirtualHostProto proto)
    {
        if (proto.Name.Length == 0)
            throw new ConfigurationException("name", "expected a name");
        if (proto.Matcher is not null)
            throw new ConfigurationException("matcher", "matching trees are not supported; use routes");
        if (proto.RetryPolicyTypedConfig is not null)
            throw new ConfigurationException("retry_policy_typed_config", "typed retry policies are not supported");
        var filters = FilterConfigs.Compile(proto.TypedPerFilterConfig, _extensions, Cors(proto));
        var host = new VirtualHost(filters, _filters, _configuration.IgnorePathParametersInPathMatching)
        {
            Name = proto.Name,
            Configuration = proto,
        };
        var level = new HostLevel(
            host,
            HeaderMutations.Compile(proto.RequestHeadersToAdd, proto.RequestHeadersToRemove, "request_headers"),
            HeaderMutations.Compile(proto.ResponseHeadersToAdd, proto.ResponseHeadersToRemove, "response_headers"),
            proto.RetryPolicy is null ? null : At("retry_policy", () => RetryPolicyCompiler.Compile(proto.RetryPolicy)),
            proto.RequestMirrorPolicies.Count > 0
                ? ActionCompiler.Mirrors(proto.RequestMirrorPolicies, "request_mirror_policies") : _mirrors);
        host.SetRoutes([.. proto.Routes.Select((r, i) => At($"routes[{i}]", () => CompileRoute(r, i, level)))]);
        if (proto.RequireTls != VirtualHostProto.Types.TlsRequirementType.None)
            host.TlsRedirect = TlsRedirect(level);
        return host;
    }

    private RouteEntry CompileRoute(RouteProto proto, int index, HostLevel level)
    {
        if (proto.Match is null)
            throw new ConfigurationException("match", "expected a match");
        var actions = new ActionCompiler(_extensions, _configuration.MaxDirectResponseBodySizeBytes ?? 4096);
        var match = At("match", () => RouteMatcher.Compile(proto.Match));
        var headers = Plan(
            HeaderMutations.Compile(proto.RequestHeadersToAdd, proto.RequestHeadersToRemove, "request_headers"),
            HeaderMutations.Compile(proto.ResponseHeadersToAdd, proto.ResponseHeadersToRemove, "response_headers"),
            level);
        var entry = new RouteEntry(match, headers, FilterConfigs.Compile(proto.TypedPerFilterConfig, _extensions, Cors(proto)))
        {
            Name = proto.Name,
            VirtualHost = level.Host,
            Index = index,
            Configuration = proto,
            Forward = proto.ActionCase == RouteProto.ActionOneofCase.Route_
                ? At("route", () => actions.Forward(proto, level.Host.Configuration, level.Retry, level.Mirrors)) : null,
            Redirect = proto.ActionCase == RouteProto.ActionOneofCase.Redirect ? At("redirect", () => ActionCompiler.Redirect(proto.Redirect)) : null,
            DirectResponse = proto.ActionCase == RouteProto.ActionOneofCase.DirectResponse
                ? At("direct_response", () => actions.Direct(proto.DirectResponse)) : null,
        };
        return proto.ActionCase switch
        {
            RouteProto.ActionOneofCase.FilterAction => throw new ConfigurationException("filter_action", "filter actions are not supported"),
            RouteProto.ActionOneofCase.None => throw new ConfigurationException("", "expected one of route, redirect, direct_response, non_forwarding_action"),
            _ => entry,
        };
    }

#pragma warning disable CS0612 // Envoy deprecated these fields, yet they count where the filter's own configuration is absent
    private static CorsPolicy? Cors(VirtualHostProto host) => host.Cors;

    private static CorsPolicy? Cors(RouteProto route) => route.Route_?.Cors;
#pragma warning restore CS0612

    private RouteEntry TlsRedirect(HostLevel level)
    {
        var route = new RouteProto
        {
            Match = new RouteMatch { Prefix = "/" },
            Redirect = new Envoy.Config.Route.V3.RedirectAction { HttpsRedirect = true },
        };
        return CompileRoute(route, -1, level);
    }

    private HeaderPlan Plan(HeaderMutations request, HeaderMutations response, HostLevel level) =>
        _configuration.MostSpecificHeaderMutationsWins
            ? new HeaderPlan([_requestHeaders, level.RequestHeaders, request], [_responseHeaders, level.ResponseHeaders, response])
            : new HeaderPlan([request, level.RequestHeaders, _requestHeaders], [response, level.ResponseHeaders, _responseHeaders]);

    /// <summary>What routes take from their virtual host.</summary>
    private sealed record HostLevel(
        VirtualHost Host,
        HeaderMutations RequestHeaders,
        HeaderMutations ResponseHeaders,
        RetryPolicy? Retry,
        IReadOnlyList<MirrorPolicy> Mirrors);
}
