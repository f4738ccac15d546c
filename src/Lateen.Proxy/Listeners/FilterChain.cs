using Google.Protobuf;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Network;
using Lateen.Proxy.Tls;
using DownstreamProto = Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext;
using Proto = Envoy.Config.Listener.V3.FilterChain;

namespace Lateen.Proxy.Listeners;

/// <summary>A compiled filter chain. It lives until it is retired and its last connection ended.</summary>
internal sealed class FilterChain
{
    private const string RawBuffer = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
    private readonly List<INetworkFilter> _filters = [];
    private int _uses = 1;

    /// <summary>Builds the chain's transport socket and filters.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public FilterChain(Proto configuration, FilterContext context, string listenerStatPrefix)
    {
        Configuration = configuration;
        Name = configuration.Name;
        HandshakeTimeout = Matching.Durations.ZeroIsNone(
            configuration.TransportSocketConnectTimeout, "transport_socket_connect_timeout", unset: null);
        Tls = MakeTls(configuration, context, listenerStatPrefix);
        for (var i = 0; i < configuration.Filters.Count; i++)
        {
            try
            {
                AddFilter(configuration.Filters[i], context);
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"filters[{i}]");
            }
            catch (InvalidProtocolBufferException e)
            {
                throw new ConfigurationException($"filters[{i}].typed_config", e.Message, e);
            }
        }

        if (Terminal is null && _filters.Count > 0)
        {
            throw new ConfigurationException("filters", $"Error: non-terminal filter named {configuration.Filters[^1].Name} is the last filter in a network filter chain.");
        }
    }

    /// <summary>What it was built from.</summary>
    public Proto Configuration { get; }

    /// <summary>Its name; may be empty.</summary>
    public string Name { get; }

    /// <summary>How TLS is terminated; null for plaintext.</summary>
    public DownstreamTlsContext? Tls { get; }

    /// <summary>How long a handshake may take; null for ever.</summary>
    public TimeSpan? HandshakeTimeout { get; }

    /// <summary>The filters before the terminal one.</summary>
    public IReadOnlyList<INetworkFilter> Filters => _filters;

    /// <summary>The last filter; null closes connections at once.</summary>
    public ITerminalNetworkFilter? Terminal { get; private set; }

    /// <summary>One connection more; false when the chain is gone already.</summary>
    public bool TryUse()
    {
        int uses;
        do
        {
            uses = Volatile.Read(ref _uses);
            if (uses == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _uses, uses + 1, uses) != uses);
        return true;
    }

    /// <summary>One connection less, or the listener gave the chain up.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            foreach (var filter in _filters.Append<object?>(Terminal))
            {
                (filter as IDisposable)?.Dispose();
            }
        }
    }

    private static DownstreamTlsContext? MakeTls(Proto configuration, FilterContext context, string statPrefix)
    {
        if (configuration.TransportSocket is not { } socket || (socket.TypedConfig is null && socket.Name == "envoy.transport_sockets.raw_buffer"))
        {
            return null;
        }

        if (socket.TypedConfig is not { } config)
        {
            throw new ConfigurationException("transport_socket.typed_config", "expected a value");
        }

        if (config.TypeUrl.EndsWith(RawBuffer, StringComparison.Ordinal))
        {
            return null;
        }

        if (!config.Is(DownstreamProto.Descriptor))
        {
            throw new ConfigurationException("transport_socket.typed_config", $"the transport socket '{config.TypeUrl}' is not supported");
        }

        try
        {
            var tls = new DownstreamTlsContext(config.Unpack<DownstreamProto>(), context.Services, statPrefix);
            context.Warming.AddRange(tls.Warming);
            return tls;
        }
        catch (ConfigurationException e)
        {
            throw e.Within("transport_socket.typed_config");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ConfigurationException("transport_socket.typed_config", e.Message, e);
        }
    }

    private void AddFilter(Envoy.Config.Listener.V3.Filter configuration, FilterContext context)
    {
        if (Terminal is not null)
        {
            throw new ConfigurationException("", $"Error: terminal filter before {configuration.Name} must be the last filter in a network filter chain.");
        }

        if (configuration.TypedConfig is not { } config)
        {
            throw new ConfigurationException("typed_config", "expected a value (config_discovery is not supported)");
        }

        try
        {
            config = TypedConfiguration.Unwrap(config);
            var factory = context.Services.Extensions.Network(config)
                ?? throw new ConfigurationException("", $"the network filter '{configuration.Name}' ({config.TypeUrl}) is not supported");
            switch (factory.Create(config.Value, context with { FilterName = configuration.Name }))
            {
                case ITerminalNetworkFilter terminal:
                    Terminal = terminal;
                    break;
                case INetworkFilter filter:
                    _filters.Add(filter);
                    break;
            }
        }
        catch (ConfigurationException e)
        {
            throw e.Within("typed_config");
        }
    }
}
