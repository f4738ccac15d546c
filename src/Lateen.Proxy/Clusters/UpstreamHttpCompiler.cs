using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Envoy.Extensions.Filters.Http.UpstreamCodec.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using HttpProtocolOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

#pragma warning disable CS0612 // fields that Envoy deprecated are still in use

/// <summary>Compiles HTTP options of a cluster, from <c>HttpProtocolOptions</c> or the deprecated fields.</summary>
internal static class UpstreamHttpCompiler
{
    private const string HttpKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    private const string TcpKey = "envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions";

    public static UpstreamHttpOptions Compile(Proto c)
    {
        if (c.TypedExtensionProtocolOptions.TryGetValue(HttpKey, out var any))
            return ClusterCompiler.Within($"typed_extension_protocol_options[{HttpKey}]", () => FromOptions(any.Unpack<HttpProtocolOptions>()));
        return Common(new UpstreamHttpOptions { Protocol = c.Http2ProtocolOptions is null ? UpstreamHttp.Http1 : UpstreamHttp.Http2 }, c.CommonHttpProtocolOptions, c.UpstreamHttpProtocolOptions) with
        {
            Http1 = c.HttpProtocolOptions,
            Http2 = c.Http2ProtocolOptions,
            MaxRequestsPerConnection = c.MaxRequestsPerConnection ?? c.CommonHttpProtocolOptions?.MaxRequestsPerConnection ?? 0,
        };
    }

    /// <summary>Idle time of TCP pools; the message has one field, a duration.</summary>
    public static TimeSpan? TcpIdleTimeout(Proto c)
    {
        var unset = TimeSpan.FromMinutes(10);
        if (!c.TypedExtensionProtocolOptions.TryGetValue(TcpKey, out var any))
            return unset;
        var input = any.Value.CreateCodedInput();
        Duration? idle = null;
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                input.ReadMessage(idle = new Duration());
            else
                input.SkipLastField();
        }

        return Durations.ZeroIsNone(idle, $"typed_extension_protocol_options[{TcpKey}].idle_timeout", unset);
    }

    private static UpstreamHttpOptions FromOptions(HttpProtocolOptions o)
    {
        var options = Common(new UpstreamHttpOptions(), o.CommonHttpProtocolOptions, o.UpstreamHttpProtocolOptions) with
        {
            RequestHeaders = [.. o.HttpFilters.SelectMany((filter, i) => RequestHeaders(filter.TypedConfig, $"http_filters[{i}]"))],
        };
        switch (o.UpstreamProtocolOptionsCase)
        {
            case HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.ExplicitHttpConfig when o.ExplicitHttpConfig.Http2ProtocolOptions is not null:
                return options with { Protocol = UpstreamHttp.Http2, Http2 = o.ExplicitHttpConfig.Http2ProtocolOptions };
            case HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.ExplicitHttpConfig when o.ExplicitHttpConfig.Http3ProtocolOptions is not null:
                throw new ConfigurationException("explicit_http_config.http3_protocol_options", "HTTP/3 is not supported");
            case HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.UseDownstreamProtocolConfig:
                var use = o.UseDownstreamProtocolConfig;
                return options with { Protocol = UpstreamHttp.UseDownstream, Http1 = use.HttpProtocolOptions, Http2 = use.Http2ProtocolOptions };
            case HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.AutoConfig:
                var auto = o.AutoConfig;
                return options with { Protocol = UpstreamHttp.Auto, Http1 = auto.HttpProtocolOptions, Http2 = auto.Http2ProtocolOptions };
            default:
                return options with { Http1 = o.ExplicitHttpConfig?.HttpProtocolOptions };
        }
    }

    private static IEnumerable<HeaderValue> RequestHeaders(Any? filter, string path)
    {
        if (filter?.Is(UpstreamCodec.Descriptor) == true)
            return [];
        if (filter?.Is(HeaderMutation.Descriptor) != true)
            throw new ConfigurationException(path, "expected header_mutation or upstream_codec; no other upstream HTTP filter is supported");
        var mutations = filter.Unpack<HeaderMutation>().Mutations ?? new Mutations();
        if (mutations.ResponseMutations.Count > 0 || mutations.RequestMutations.Any(m => m.Append?.Header is null))
            throw new ConfigurationException($"{path}.typed_config.mutations", "only request headers can be added");
        return mutations.RequestMutations.Select(m => m.Append.Header);
    }

    private static UpstreamHttpOptions Common(
        UpstreamHttpOptions options,
        Envoy.Config.Core.V3.HttpProtocolOptions? common,
        Envoy.Config.Core.V3.UpstreamHttpProtocolOptions? upstream) =>
        options with
        {
            IdleTimeout = Durations.ZeroIsNone(common?.IdleTimeout, "common_http_protocol_options.idle_timeout", TimeSpan.FromHours(1)),
            MaxConnectionDuration = Durations.ZeroIsNone(common?.MaxConnectionDuration, "common_http_protocol_options.max_connection_duration", null),
            MaxStreamDuration = Durations.ZeroIsNone(common?.MaxStreamDuration, "common_http_protocol_options.max_stream_duration", null),
            MaxRequestsPerConnection = common?.MaxRequestsPerConnection ?? 0,
            MaxHeadersCount = (int)Math.Min(common?.MaxHeadersCount ?? 100, 100_000),
            AutoSni = upstream?.AutoSni ?? false,
            AutoSanValidation = upstream?.AutoSanValidation ?? false,
            AutoSniHeader = upstream?.OverrideAutoSniHeader ?? "",
        };
}
