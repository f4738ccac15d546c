using Envoy.Config.Core.V3;
using Google.Protobuf;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;
using Proto = Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext;

namespace Lateen.Proxy.Tls;

/// <summary>Compiles the transport sockets of clusters: <c>raw_buffer</c>, and TLS as an <see cref="UpstreamTlsContext"/>.</summary>
public sealed class UpstreamTransportFactory(ISecretProvider secrets, StatsStore stats, ILoggerFactory loggers) : IUpstreamTransportFactory
{
    private const string RawBuffer = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";

    /// <inheritdoc/>
    public object? Create(TransportSocket socket, ICollection<Task> warming)
    {
        if (socket.TypedConfig is not { } config)
        {
            return socket.Name is "envoy.transport_sockets.raw_buffer" or ""
                ? null
                : throw new ConfigurationException("typed_config", $"expected a value for '{socket.Name}'");
        }

        if (config.TypeUrl.EndsWith(RawBuffer, StringComparison.Ordinal))
        {
            return null;
        }

        if (!config.Is(Proto.Descriptor))
        {
            throw new ConfigurationException("typed_config", $"the transport socket '{config.TypeUrl}' is not supported");
        }

        try
        {
            var context = new UpstreamTlsContext(config.Unpack<Proto>(), secrets, stats, loggers);
            foreach (var task in context.Warming)
            {
                warming.Add(task);
            }

            return context;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ConfigurationException("typed_config", $"not a valid UpstreamTlsContext: {e.Message}", e);
        }
        catch (ConfigurationException e)
        {
            throw e.Within("typed_config");
        }
    }
}
