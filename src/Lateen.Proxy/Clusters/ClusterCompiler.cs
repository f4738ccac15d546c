using System.Net;
using Envoy.Config.Core.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Cluster.V3.Cluster;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace Lateen.Proxy.Clusters;

/// <summary>Compiles cluster configurations; rejects what would send traffic elsewhere than configured.</summary>
internal static class ClusterCompiler
{
    private const string OriginalDstCluster = "envoy.clusters.original_dst";

    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static ClusterModel Compile(Proto c, IUpstreamTransportFactory transports)
    {
        if (c.Name.Length == 0)
            throw new ConfigurationException("name", "expected a name");
        RejectUnsupported(c);
        var type = Type(c);
        var warming = new List<Task>();
        var bind = c.UpstreamBindConfig;
        return new ClusterModel
        {
            Configuration = c,
            Type = type,
            EdsServiceName = type != DiscoveryType.Eds ? "" : c.EdsClusterConfig?.ServiceName is { Length: > 0 } name ? name : c.Name,
            Balancing = BalancingCompiler.Compile(c, type),
            ConnectTimeout = Durations.Positive(c.ConnectTimeout, "connect_timeout") ?? TimeSpan.FromSeconds(5),
            BufferLimit = (int)Math.Min(c.PerConnectionBufferLimitBytes ?? 1024 * 1024, int.MaxValue),
            Http = UpstreamHttpCompiler.Compile(c),
            TcpIdleTimeout = UpstreamHttpCompiler.TcpIdleTimeout(c),
            TcpKeepalive = c.UpstreamConnectionOptions?.TcpKeepalive,
            SourceAddress = bind?.SourceAddress is { } source ? Addresses.Ip(source, "upstream_bind_config.source_address") : null,
            SourceFreebind = bind?.Freebind ?? false,
            SocketOptions = bind?.SocketOptions is { Count: > 0 } options ? [.. options] : [],
            Outliers = c.OutlierDetection is null ? null : Within("outlier_detection", () => OutlierOptions.Compile(c.OutlierDetection)),
            CloseConnectionsOnHealthFailure = c.CloseConnectionsOnHostHealthFailure,
            Filters = [.. c.Filters],
            IstioServices = IstioMetadata.Services(c.Metadata),
            PoolPerDownstreamConnection = c.ConnectionPoolPerDownstreamConnection,
            Transports = TransportSelector.Compile(c, transports, warming),
            Dns = DnsOptions.Compile(c),
            OriginalDestination = OriginalDestinationOptions.Compile(c),
            IgnoredFields = [.. IgnoredClusterFields.Of(c)],
            Warming = warming,
        };
    }

    internal static T Within<T>(string path, Func<T> compile)
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

    private static void RejectUnsupported(Proto c)
    {
        if (c.LbSubsetConfig is { SubsetSelectors.Count: > 0 })
            throw new ConfigurationException("lb_subset_config", "subset load balancing is not supported");
        if (c.HealthChecks.Count > 0)
            throw new ConfigurationException("health_checks", "active health checks are not supported");
        if (c.UpstreamConfig is not null)
            throw new ConfigurationException("upstream_config", "custom upstreams are not supported");
        if (c.UpstreamBindConfig?.LocalAddressSelector is not null)
            throw new ConfigurationException("upstream_bind_config.local_address_selector", "address selectors are not supported");
        if (c.LoadAssignment is not null && Type(c) is DiscoveryType.Eds or DiscoveryType.OriginalDst)
            throw new ConfigurationException("load_assignment", $"not allowed for clusters of type {c.Type}");
    }

    private static DiscoveryType Type(Proto c)
    {
        if (c.ClusterDiscoveryTypeCase == Proto.ClusterDiscoveryTypeOneofCase.ClusterType)
        {
            return c.ClusterType.Name == OriginalDstCluster
                ? DiscoveryType.OriginalDst
                : throw new ConfigurationException("cluster_type", $"cluster type {c.ClusterType.Name} is not supported");
        }

        return c.Type switch
        {
            Proto.Types.DiscoveryType.Static => DiscoveryType.Static,
            Proto.Types.DiscoveryType.StrictDns => DiscoveryType.StrictDns,
            Proto.Types.DiscoveryType.LogicalDns => DiscoveryType.LogicalDns,
            Proto.Types.DiscoveryType.Eds => DiscoveryType.Eds,
            Proto.Types.DiscoveryType.OriginalDst => DiscoveryType.OriginalDst,
            _ => throw new ConfigurationException("type", $"unknown type {(int)c.Type}"),
        };
    }
}

/// <summary>Addresses of configuration.</summary>
internal static class Addresses
{
    /// <summary>The end point of an address; host names stay names.</summary>
    /// <exception cref="ConfigurationException">Not an address of a supported kind.</exception>
    public static EndPoint Compile(Address? address, string path) => address?.AddressCase switch
    {
        Address.AddressOneofCase.SocketAddress => IPAddress.TryParse(address.SocketAddress.Address, out _)
            ? Ip(address.SocketAddress, $"{path}.socket_address")
            : Name(address.SocketAddress, $"{path}.socket_address"),
        Address.AddressOneofCase.Pipe => new System.Net.Sockets.UnixDomainSocketEndPoint(address.Pipe.Path),
        Address.AddressOneofCase.EnvoyInternalAddress =>
            throw new ConfigurationException($"{path}.envoy_internal_address", "internal listeners are not supported"),
        _ => throw new ConfigurationException(path, "expected an address"),
    };

    /// <summary>An address that has to be an IP address.</summary>
    /// <exception cref="ConfigurationException">Not an IP address.</exception>
    public static IPEndPoint Ip(SocketAddress address, string path)
    {
        if (address.Protocol != SocketAddress.Types.Protocol.Tcp)
            throw new ConfigurationException($"{path}.protocol", "only TCP is supported");
        if (!IPAddress.TryParse(address.Address, out var ip))
            throw new ConfigurationException($"{path}.address", $"expected an IP address, got '{address.Address}'");
        return new IPEndPoint(ip, Port(address, path));
    }

    private static DnsEndPoint Name(SocketAddress address, string path) =>
        address.Address.Length > 0
            ? new DnsEndPoint(address.Address, Port(address, path))
            : throw new ConfigurationException($"{path}.address", "expected an address");

    private static int Port(SocketAddress address, string path)
    {
        if (address.NamedPort.Length > 0)
            throw new ConfigurationException($"{path}.named_port", "named ports are not supported");
        return address.PortValue <= 65535
            ? (int)address.PortValue
            : throw new ConfigurationException($"{path}.port_value", $"expected 0 to 65535, got {address.PortValue}");
    }
}
