using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Xds.Istio.Alpn;

namespace Lateen.Proxy.Http.Filters.Alpn;

/// <summary>
/// Offers Istio's ALPN list upstream, by the protocol spoken with the cluster (Istio: alpn filter); not to clusters whose metadata says
/// <c>istio.alpn_override: "false"</c>.
/// </summary>
internal sealed class AlpnFilter(IReadOnlyList<string>?[] byProtocol) : IHttpFilter
{
    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange)
    {
        if (exchange.Cluster is { } cluster && !IsOff(cluster) && byProtocol[(int)ProtocolFor(exchange, cluster)] is { } list)
        {
            exchange.UpstreamAlpn = list;
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

    private static HttpProtocol ProtocolFor(HttpExchange exchange, Cluster cluster) => cluster.Model.Http.Protocol switch
    {
        UpstreamHttp.Http2 => HttpProtocol.Http2,
        UpstreamHttp.UseDownstream => exchange.Request.Protocol,
        _ => HttpProtocol.Http11,
    };

    private static bool IsOff(Cluster cluster) =>
        cluster.Model.Configuration.Metadata is { } metadata
        && metadata.FilterMetadata.TryGetValue("istio", out var istio)
        && istio.Fields.TryGetValue("alpn_override", out var value)
        && value.KindCase == Value.KindOneofCase.StringValue
        && value.StringValue == "false";
}

/// <summary>Builds the ALPN filter.</summary>
public sealed class AlpnFilterFactory : IHttpFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig"];

    /// <inheritdoc/>
    public IHttpFilter Create(ByteString configuration, FilterContext context)
    {
        var lists = new IReadOnlyList<string>?[3];
        foreach (var entry in FilterConfig.Parser.ParseFrom(configuration).AlpnOverride)
        {
            lists[(int)entry.UpstreamProtocol] = [.. entry.AlpnOverride_];
        }

        return new AlpnFilter(lists);
    }

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) => throw new ConfigurationException("", "ALPN takes no configuration per route");
}
