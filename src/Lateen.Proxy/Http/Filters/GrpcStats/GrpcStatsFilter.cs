using Google.Protobuf;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Http.Filters.GrpcStats;

/// <summary>Counts the messages of gRPC streams, for others to report (Envoy: grpc_stats).</summary>
internal sealed class GrpcStatsFilter : IHttpFilter
{
    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange)
    {
        if (exchange.Request.IsGrpc)
        {
            exchange.GrpcMessages = new GrpcMessageCounts();
        }

        return new ValueTask<FilterStatus>(FilterStatus.Continue);
    }

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
