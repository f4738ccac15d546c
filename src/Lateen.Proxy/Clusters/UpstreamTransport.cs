using Envoy.Config.Core.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Clusters;

/// <summary>How to talk to a host below HTTP: plaintext, or one of the cluster's TLS contexts.</summary>
/// <param name="Name">The match's name in <c>transport_socket_matches</c>; empty for the cluster's own socket.</param>
/// <param name="Configuration">The transport socket; null for plaintext.</param>
/// <param name="Socket">What the factory made of it; null for plaintext.</param>
public sealed record UpstreamTransport(string Name, TransportSocket? Configuration, object? Socket)
{
    /// <summary>Plaintext.</summary>
    public static readonly UpstreamTransport Plaintext = new("", null, null);

    /// <summary>True when connections are wrapped in TLS (or another socket of the factory's).</summary>
    public bool IsSecure => Socket is not null;
}

/// <summary>Turns transport sockets of clusters into what the connector uses; the TLS implementation provides it.</summary>
public interface IUpstreamTransportFactory
{
    /// <summary>
    /// Compiles a transport socket; null for <c>raw_buffer</c>. Tasks that have to finish before the cluster is warm (secrets) are
    /// added to <paramref name="warming"/>.
    /// </summary>
    /// <exception cref="ConfigurationException">A socket or field that cannot be honoured.</exception>
    object? Create(TransportSocket socket, ICollection<Task> warming);
}
