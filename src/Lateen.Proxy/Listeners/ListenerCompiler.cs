using System.Net;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Listeners.Inspection;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Matching;
using ListenerFilter = Lateen.Proxy.Listeners.Inspection.ListenerFilter;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace Lateen.Proxy.Listeners;

/// <summary>Compiles Listener messages.</summary>
internal static class ListenerCompiler
{
    private static readonly TimeSpan DefaultFiltersTimeout = TimeSpan.FromSeconds(15);

    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static ListenerModel Compile(Listener configuration, ProxyServices services)
    {
        Refuse(configuration);
        var addresses = Addresses(configuration);
        var root = configuration.StatPrefix.Length > 0 ? configuration.StatPrefix : addresses[0].EndPoint.ToString()!;
        var stats = new ListenerStats(services.Stats, $"listener.{root.Replace(':', '_')}.");
        var chains = new List<FilterChain>();
        try
        {
            return Compile(configuration, services, addresses, stats, chains);
        }
        catch (ConfigurationException)
        {
            chains.ForEach(chain => chain.Release());
            throw;
        }
    }

    private static ListenerModel Compile(
        Listener configuration, ProxyServices services, List<ListenAddress> addresses, ListenerStats stats, List<FilterChain> chains)
    {
        var context = new FilterContext(services, configuration.Name, configuration.TrafficDirection, "");
        for (var i = 0; i < configuration.FilterChains.Count; i++)
        {
            chains.Add(Chain(configuration.FilterChains[i], context, stats, $"filter_chains[{i}]"));
        }

        var matcher = new FilterChainMatcher([.. chains], configuration.Name);
        FilterChain? fallback = null;
        if (configuration.DefaultFilterChain is not null)
        {
            fallback = Chain(configuration.DefaultFilterChain, context, stats, "default_filter_chain");
            chains.Add(fallback);
        }

        return new ListenerModel
        {
            Configuration = configuration,
            Addresses = addresses,
            BindsToPort = BindsToPort(configuration),
            Filters = [.. configuration.ListenerFilters.Select((f, i) => Filter(f, configuration, services, $"listener_filters[{i}]"))],
            FiltersTimeout = Durations.ZeroIsNone(configuration.ListenerFiltersTimeout, "listener_filters_timeout", DefaultFiltersTimeout),
            AllChains = chains,
            DefaultChain = fallback,
            Matcher = matcher,
            AccessLog = AccessLog(configuration, services),
            Stats = stats,
            Warming = context.Warming,
        };
    }

    private static void Refuse(Listener configuration)
    {
        if (configuration.FilterChainMatcher is not null)
        {
            throw new ConfigurationException("filter_chain_matcher", "not supported");
        }

        if (configuration.InternalListener is not null || configuration.UdpListenerConfig is not null || configuration.ApiListener is not null)
        {
            throw new ConfigurationException("", "internal, UDP and API listeners are not supported");
        }

        if (configuration.FilterChains.Count == 0 && configuration.DefaultFilterChain is null)
        {
            throw new ConfigurationException("filter_chains", $"error adding listener '{configuration.Name}': no filter chains specified");
        }
    }

    private static bool BindsToPort(Listener configuration)
    {
#pragma warning disable CS0612 // older control planes still send it
        var before = configuration.DeprecatedV1?.BindToPort;
#pragma warning restore CS0612
        return configuration.BindToPort ?? before ?? true;
    }

    private static List<ListenAddress> Addresses(Listener configuration)
    {
        if (configuration.Address is null)
        {
            throw new ConfigurationException("address", "expected a value");
        }

        var addresses = new List<ListenAddress> { Address(configuration.Address, configuration, "address") };
        for (var i = 0; i < configuration.AdditionalAddresses.Count; i++)
        {
            addresses.Add(Address(configuration.AdditionalAddresses[i].Address, configuration, $"additional_addresses[{i}].address"));
        }

        return addresses;
    }

    private static ListenAddress Address(Address? address, Listener configuration, string path)
    {
        const int defaultBacklog = 4096;
        var options = new ListenOptions
        {
            Backlog = (int?)configuration.TcpBacklogSize ?? defaultBacklog,
            Transparent = configuration.Transparent ?? false,
            FreeBind = configuration.Freebind ?? false,
        };
        switch (address?.AddressCase)
        {
            case Envoy.Config.Core.V3.Address.AddressOneofCase.SocketAddress:
                var socket = address.SocketAddress;
                if (!IPAddress.TryParse(socket.Address, out var ip))
                {
                    throw new ConfigurationException($"{path}.socket_address.address", $"malformed IP address: {socket.Address}");
                }

                return new ListenAddress(
                    new IPEndPoint(ip, Port(socket, path)),
                    options with { AcceptsIPv4 = socket.Ipv4Compat && ip.AddressFamily == AddressFamily.InterNetworkV6 });
            case Envoy.Config.Core.V3.Address.AddressOneofCase.Pipe:
                return new ListenAddress(UnixAddress(address.Pipe.Path), options with { UnixMode = (UnixFileMode)address.Pipe.Mode });
            default:
                throw new ConfigurationException(path, "expected socket_address or pipe");
        }
    }

    // A leading @ means the abstract namespace.
    private static UnixDomainSocketEndPoint UnixAddress(string path) =>
        new(path.StartsWith('@') ? "\0" + path[1..] : path);

    private static int Port(SocketAddress socket, string path) =>
        socket.PortSpecifierCase == SocketAddress.PortSpecifierOneofCase.PortValue && socket.PortValue <= IPEndPoint.MaxPort
            ? (int)socket.PortValue
            : throw new ConfigurationException($"{path}.socket_address.port_value", "expected a port from 0 to 65535");

    private static FilterChain Chain(
        Envoy.Config.Listener.V3.FilterChain configuration, FilterContext context, ListenerStats stats, string path)
    {
        try
        {
            return new FilterChain(configuration, context, stats.Prefix);
        }
        catch (ConfigurationException e)
        {
            throw e.Within(path);
        }
    }

    private static ListenerFilter Filter(Envoy.Config.Listener.V3.ListenerFilter configuration, Listener listener, ProxyServices services, string path)
    {
        var type = configuration.TypedConfig?.TypeUrl ?? "";
        var name = type[(type.LastIndexOf('/') + 1)..];
        try
        {
            var disabled = FilterDisabledRule.Compile(configuration.FilterDisabled);
            return name switch
            {
                _ when name == OriginalDestination.TypeName => new OriginalDestination(listener.Transparent ?? false) { Disabled = disabled },
                _ when name == TlsInspector.TypeName => new TlsInspector(services.Stats) { Disabled = disabled },
                _ when name == HttpInspector.TypeName => new HttpInspector { Disabled = disabled },
                _ => throw new ConfigurationException("typed_config", $"the listener filter '{configuration.Name}' ({type}) is not supported"),
            };
        }
        catch (ConfigurationException e)
        {
            throw e.Within(path);
        }
    }

    private static IAccessLog? AccessLog(Listener configuration, ProxyServices services)
    {
        if (configuration.AccessLog.Count == 0)
        {
            return null;
        }

        try
        {
            return services.AccessLogs.Create([.. configuration.AccessLog]);
        }
        catch (ConfigurationException e)
        {
            throw e.Within("access_log");
        }
    }
}
