using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Lateen.Translation.Naming;
using CommonOptions = Envoy.Config.Core.V3.HttpProtocolOptions;
using ExplicitHttpConfig = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions.Types.ExplicitHttpConfig;
using HttpProtocolOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace Lateen.Translation.Clusters;

/// <summary>Which HTTP a cluster speaks, and its HTTP options: written only when something differs from Envoy's defaults.</summary>
internal sealed class UpstreamProtocol
{
    private HttpProtocolOptions? options;

    /// <summary>The cluster speaks HTTP/2 only.</summary>
    public bool IsHttp2 => options?.ExplicitHttpConfig?.Http2ProtocolOptions is not null;

    public void UseHttp2() =>
        Options().ExplicitHttpConfig = new ExplicitHttpConfig { Http2ProtocolOptions = new Http2ProtocolOptions() };

    /// <summary>The cluster speaks what the client spoke.</summary>
    public void UseClientProtocol() => Options().UseDownstreamProtocolConfig = new HttpProtocolOptions.Types.UseDownstreamHttpConfig
    {
        HttpProtocolOptions = new Http1ProtocolOptions(),
        Http2ProtocolOptions = new Http2ProtocolOptions(),
    };

    public CommonOptions Common() => Options().CommonHttpProtocolOptions ??= new CommonOptions();

    public void Http2Options(Action<Http2ProtocolOptions> set)
    {
        if (options?.ExplicitHttpConfig?.Http2ProtocolOptions is { } http2) set(http2);
    }

    /// <summary>The server name, and when asked for also the name its certificate must carry, come from each request's host.</summary>
    public void TakeServerNameFromRequest(bool validate) =>
        Options().UpstreamHttpProtocolOptions = new UpstreamHttpProtocolOptions { AutoSni = true, AutoSanValidation = validate };

    public void ApplyTo(Cluster cluster)
    {
        if (options is null) return;
        if (options.UpstreamProtocolOptionsCase == HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.None)
            options.ExplicitHttpConfig = new ExplicitHttpConfig { HttpProtocolOptions = new Http1ProtocolOptions() };
        cluster.TypedExtensionProtocolOptions[FilterNames.HttpProtocolOptions] = options.Packed();
    }

    private HttpProtocolOptions Options() => options ??= new HttpProtocolOptions();
}
