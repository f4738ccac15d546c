using Envoy.Config.Route.V3;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Routing;

/// <summary>The <c>typed_per_filter_config</c> of one level, parsed by the filters' factories.</summary>
internal sealed class FilterConfigs
{
    public static readonly FilterConfigs None = new([]);

    private const string CorsFilter = "envoy.filters.http.cors";
    private readonly KeyValuePair<string, FilterOverride>[] _entries;

    private FilterConfigs(KeyValuePair<string, FilterOverride>[] entries) => _entries = entries;

    /// <param name="configs">By filter name.</param>
    /// <param name="extensions">The filters there are.</param>
    /// <param name="cors">The level's deprecated CORS policy: the CORS filter's configuration unless it has one.</param>
    /// <exception cref="ConfigurationException">A filter that is not known and not optional, or a configuration it rejects.</exception>
    public static FilterConfigs Compile(MapField<string, Any> configs, ExtensionCatalog extensions, CorsPolicy? cors = null)
    {
        if (configs.Count == 0 && cors is null)
            return None;
        var entries = new List<KeyValuePair<string, FilterOverride>>();
        foreach (var (name, any) in configs)
        {
            try
            {
                if (Parse(any, extensions) is { } parsed)
                    entries.Add(new(name, parsed));
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"typed_per_filter_config[{name}]");
            }
        }

        if (cors is not null && !configs.ContainsKey(CorsFilter))
            entries.Add(new(CorsFilter, ParseCors(cors, extensions)));
        return new FilterConfigs([.. entries]);
    }

    public FilterOverride? Find(string filterName)
    {
        foreach (var (name, value) in _entries)
        {
            if (name == filterName)
                return value;
        }

        return null;
    }

    private static FilterOverride ParseCors(CorsPolicy cors, ExtensionCatalog extensions)
    {
        var policy = new Envoy.Extensions.Filters.Http.Cors.V3.CorsPolicy
        {
            AllowOriginStringMatch = { cors.AllowOriginStringMatch },
            AllowMethods = cors.AllowMethods,
            AllowHeaders = cors.AllowHeaders,
            ExposeHeaders = cors.ExposeHeaders,
            MaxAge = cors.MaxAge,
            AllowCredentials = cors.AllowCredentials,
            FilterEnabled = cors.FilterEnabled,
            ShadowEnabled = cors.ShadowEnabled,
            AllowPrivateNetworkAccess = cors.AllowPrivateNetworkAccess,
            ForwardNotMatchingPreflights = cors.ForwardNotMatchingPreflights,
        };
        var any = Any.Pack(policy);
        var factory = extensions.Http(any) ?? throw new ConfigurationException("cors", "there is no CORS filter");
        return new FilterOverride(factory.ParsePerRoute(any.Value), Disabled: false);
    }

    private static FilterOverride? Parse(Any any, ExtensionCatalog extensions)
    {
        var optional = false;
        var disabled = false;
        if (any.Is(FilterConfig.Descriptor))
        {
            var wrapper = any.Unpack<FilterConfig>();
            (optional, disabled) = (wrapper.IsOptional, wrapper.Disabled);
            if (disabled || wrapper.Config is null or { TypeUrl: "" })
                return new FilterOverride(null, disabled);
            any = wrapper.Config;
        }

        var factory = extensions.Http(any);
        if (factory is null)
            return optional ? null : throw new ConfigurationException("", $"no filter has configuration of type {any.TypeUrl}");
        return new FilterOverride(factory.ParsePerRoute(any.Value), disabled);
    }
}
