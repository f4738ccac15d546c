using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Routing;
using Proto = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>Builds the HTTP connection manager.</summary>
public sealed class ConnectionManagerFactory : INetworkFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } =
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"];

    /// <inheritdoc/>
    public object Create(ByteString configuration, FilterContext context)
    {
        var proto = Proto.Parser.ParseFrom(configuration);
        var options = ConnectionManagerCompiler.Compile(proto, context);
        var inner = context with { StatPrefix = proto.StatPrefix };
        var filters = Filters(proto, inner);
        var accessLog = proto.AccessLog.Count > 0 ? AccessLog(proto, context.Services) : null;
        var (inline, source) = Routes(proto, context);
        return new HttpConnectionManager(options, filters, context.Services, accessLog, inline, source);
    }

    private static IAccessLog AccessLog(Proto proto, ProxyServices services)
    {
        try
        {
            return services.AccessLogs.Create([.. proto.AccessLog]);
        }
        catch (ConfigurationException e)
        {
            throw e.Within("access_log");
        }
    }

    private static (RouteTable? Inline, IRouteSource? Source) Routes(Proto proto, FilterContext context)
    {
        switch (proto.RouteSpecifierCase)
        {
            case Proto.RouteSpecifierOneofCase.Rds:
                if (proto.Rds.ConfigSource is null)
                {
                    throw new ConfigurationException("rds.config_source", "expected a value");
                }

                var source = context.Services.Routes.Subscribe(proto.Rds.RouteConfigName, proto.Rds.ConfigSource);
                context.Warming.Add(source.Ready);
                return (null, source);
            case Proto.RouteSpecifierOneofCase.RouteConfig:
                try
                {
                    var table = RouteTable.Compile(proto.RouteConfig, context.Services.Extensions);
                    foreach (var field in table.IgnoredFields)
                    {
                        context.Ignore(field);
                    }

                    return (table, null);
                }
                catch (ConfigurationException e)
                {
                    throw e.Within("route_config");
                }

            case Proto.RouteSpecifierOneofCase.ScopedRoutes:
                throw new ConfigurationException("scoped_routes", "not supported");
            default:
                throw new ConfigurationException("route_specifier", "expected rds or route_config");
        }
    }

    private static ConnectionManagerFilters Filters(Proto proto, FilterContext context)
    {
        var entries = new List<FilterEntry>();
        ITerminalHttpFilter? terminal = null;
        for (var i = 0; i < proto.HttpFilters.Count; i++)
        {
            var path = $"http_filters[{i}]";
            if (terminal is not null)
            {
                throw new ConfigurationException(path, $"{proto.HttpFilters[i - 1].Name} is terminal and has to be the last filter");
            }

            var filter = Filter(proto.HttpFilters[i], path, context);
            if (filter is ITerminalHttpFilter last)
            {
                terminal = last;
            }
            else if (filter is not null)
            {
                entries.Add(new FilterEntry(proto.HttpFilters[i].Name, filter, proto.HttpFilters[i].Disabled));
            }
        }

        return terminal is null
            ? throw new ConfigurationException("http_filters", "the last filter has to be terminal, e.g. envoy.filters.http.router")
            : new ConnectionManagerFilters([.. entries], terminal);
    }

    private static IHttpFilter? Filter(HttpFilter proto, string path, FilterContext context)
    {
        if (proto.ConfigTypeCase == HttpFilter.ConfigTypeOneofCase.ConfigDiscovery)
        {
            throw new ConfigurationException(path + ".config_discovery", "not supported");
        }

        if (proto.TypedConfig is null)
        {
            throw new ConfigurationException(path + ".typed_config", "expected a value");
        }

        var configuration = TypedConfiguration.Unwrap(proto.TypedConfig);
        if (context.Services.Extensions.Http(configuration) is not { } factory)
        {
            if (!proto.IsOptional)
            {
                throw new ConfigurationException(path, $"{proto.Name}: there is no filter for {configuration.TypeUrl}");
            }

            context.Ignore($"http_filters: {proto.Name} ({configuration.TypeUrl})");
            return null;
        }

        try
        {
            return factory.Create(configuration.Value, context with { FilterName = proto.Name });
        }
        catch (ConfigurationException e)
        {
            throw e.Within(path + ".typed_config");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ConfigurationException(path + ".typed_config", e.Message, e);
        }
    }
}
