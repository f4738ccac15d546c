using Google.Protobuf;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Http.Filters.GrpcStats;

/// <summary>How many gRPC messages a stream carried; filter state <c>envoy.filters.http.grpc_stats</c>.</summary>
public sealed class GrpcMessageCounts
{
    /// <summary>The filter state key.</summary>
    public const string Key = "envoy.filters.http.grpc_stats";

    /// <summary>Messages of the request.</summary>
    public long Requests { get; set; }

    /// <summary>Messages of the response.</summary>
    public long Responses { get; set; }
}

/// <summary>
/// Stands in the chain where gRPC streams are counted (Envoy: grpc_stats). Messages are not counted: filters do not see bodies.
/// </summary>
internal sealed class GrpcStatsFilter : IHttpFilter
{
    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange) => new(FilterStatus.Continue);

    /// <inheritdoc/>
    public void OnResponse(HttpExchange exchange, ResponseHead head)
    {
    }

    /// <inheritdoc/>
    public void OnComplete(HttpExchange exchange)
    {
    }
}

/// <summary>Builds the gRPC statistics filter.</summary>
public sealed class GrpcStatsFilterFactory : IHttpFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["envoy.extensions.filters.http.grpc_stats.v3.FilterConfig"];

    /// <inheritdoc/>
    public IHttpFilter Create(ByteString configuration, FilterContext context)
    {
        var proto = Envoy.Extensions.Filters.Http.GrpcStats.V3.FilterConfig.Parser.ParseFrom(configuration);
        if (proto.PerMethodStatSpecifierCase != Envoy.Extensions.Filters.Http.GrpcStats.V3.FilterConfig.PerMethodStatSpecifierOneofCase.None
            && proto.StatsForAllMethods != false)
        {
            context.Ignore("grpc_stats.per_method_stat_specifier");
        }

        return new GrpcStatsFilter();
    }

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) => throw new ConfigurationException("", "grpc_stats takes no configuration per route");
}
