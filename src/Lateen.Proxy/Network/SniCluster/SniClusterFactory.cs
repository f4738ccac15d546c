using Google.Protobuf;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Network.TcpProxy;

namespace Lateen.Proxy.Network.SniCluster;

/// <summary>Builds the filter that makes the client's server name the TCP proxy's cluster (<c>envoy.filters.network.sni_cluster</c>).</summary>
public sealed class SniClusterFactory : INetworkFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } = ["envoy.extensions.filters.network.sni_cluster.v3.SniCluster"];

    /// <inheritdoc/>
    public object Create(ByteString configuration, FilterContext context) => new Filter();

    private sealed class Filter : INetworkFilter
    {
        public ValueTask<bool> OnConnectionAsync(NetworkConnection connection)
        {
            if (connection.Transport.Info.ServerName is { Length: > 0 } name)
            {
                connection.Info.SetFilterState(TcpProxyFilter.ClusterState, name);
            }

            return new(true);
        }

        public void OnClose(NetworkConnection connection)
        {
            // The name goes with the connection.
        }
    }
}
