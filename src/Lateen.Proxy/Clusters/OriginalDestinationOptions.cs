using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

/// <summary>Where an original destination cluster finds the address of a connection.</summary>
internal sealed record OriginalDestinationOptions
{
    /// <summary>The request header with the address; null when only the connection counts.</summary>
    public HeaderName? Header { get; init; }

    /// <summary>Replaces the port; null keeps it.</summary>
    public int? Port { get; init; }

    /// <summary>Time after which an unused host is forgotten.</summary>
    public TimeSpan CleanupInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static OriginalDestinationOptions Compile(Proto c)
    {
        var o = c.OriginalDstLbConfig;
        if (o?.MetadataKey is not null)
            throw new ConfigurationException("original_dst_lb_config.metadata_key", "destinations from metadata are not supported");
        return new OriginalDestinationOptions
        {
            Header = o is { UseHttpHeader: true }
                ? HeaderName.Of(o.HttpHeaderName.Length > 0 ? o.HttpHeaderName : "x-envoy-original-dst-host") : null,
            Port = (int?)o?.UpstreamPortOverride,
            CleanupInterval = Durations.Positive(c.CleanupInterval, "cleanup_interval") ?? TimeSpan.FromSeconds(5),
        };
    }
}
