using Google.Protobuf;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Network.MetadataExchange;

/// <summary>
/// Builds Istio's metadata exchange for TCP (<c>istio.metadata_exchange</c>). It speaks only where both sides agreed on
/// <c>istio-peer-exchange</c>, which this proxy does not offer: connections pass and the peer stays unknown.
/// </summary>
public sealed class MetadataExchangeFactory : INetworkFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["envoy.tcp.metadataexchange.config.MetadataExchange"];

    /// <inheritdoc/>
    public object Create(ByteString configuration, FilterContext context)
    {
        Lateen.Xds.Istio.MetadataExchange.MetadataExchange.Parser.ParseFrom(configuration);
        return new PassThrough();
    }

    private sealed class PassThrough : INetworkFilter
    {
        public ValueTask<bool> OnConnectionAsync(NetworkConnection connection) => new(true);

        public void OnClose(NetworkConnection connection)
        {
            // Nothing was begun.
        }
    }
}
