using System.Net.Sockets;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

/// <summary>How a DNS cluster resolves its names.</summary>
internal sealed record DnsOptions
{
    public TimeSpan RefreshRate { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan FailureBase { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan FailureMax { get; init; } = TimeSpan.FromSeconds(50);

    public AddressFamily Family { get; init; }

    /// <summary>The family to keep when both resolve; unspecified keeps all.</summary>
    public AddressFamily Preferred { get; init; } = AddressFamily.InterNetworkV6;

    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static DnsOptions Compile(Proto c)
    {
        var rate = Durations.Positive(c.DnsRefreshRate, "dns_refresh_rate") ?? TimeSpan.FromSeconds(5);
        var failure = Durations.Positive(c.DnsFailureRefreshRate?.BaseInterval, "dns_failure_refresh_rate.base_interval") ?? rate;
        return new DnsOptions
        {
            RefreshRate = rate,
            FailureBase = failure,
            FailureMax = Durations.Positive(c.DnsFailureRefreshRate?.MaxInterval, "dns_failure_refresh_rate.max_interval") ?? failure * 10,
            Family = c.DnsLookupFamily switch
            {
                Proto.Types.DnsLookupFamily.V4Only => AddressFamily.InterNetwork,
                Proto.Types.DnsLookupFamily.V6Only => AddressFamily.InterNetworkV6,
                _ => AddressFamily.Unspecified,
            },
            Preferred = c.DnsLookupFamily switch
            {
                Proto.Types.DnsLookupFamily.V4Preferred => AddressFamily.InterNetwork,
                Proto.Types.DnsLookupFamily.Auto => AddressFamily.InterNetworkV6,
                _ => AddressFamily.Unspecified,
            },
        };
    }
}
