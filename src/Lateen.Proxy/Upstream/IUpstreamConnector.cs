using Lateen.Proxy.Clusters;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Upstream;

/// <summary>How a connection to a host differs from the cluster's configuration.</summary>
/// <param name="ApplicationProtocols">The ALPN list in place of the cluster's; null keeps it.</param>
/// <param name="ServerName">The server name in place of the cluster's; null keeps it.</param>
public readonly record struct UpstreamTlsOverride(IReadOnlyList<string>? ApplicationProtocols, string? ServerName);

/// <summary>Makes connections to hosts, TLS and all.</summary>
public interface IUpstreamConnector
{
    /// <summary>Connects within the cluster's connect timeout, TLS handshake included; the result is owned by the loop.</summary>
    /// <exception cref="TransportException">Refused, unreachable, not in time, or not trusted.</exception>
    ValueTask<Transport> ConnectAsync(IEventLoop loop, Host host, UpstreamTransport transport, UpstreamTlsOverride tls);
}

/// <summary>
/// What <see cref="IUpstreamTransportFactory"/> makes of a transport socket (<see cref="UpstreamTransport.Socket"/>): it wraps connected
/// transports in TLS. Immutable; used from all loops.
/// </summary>
public interface IUpstreamTransportSocket
{
    /// <summary>Wraps a connected transport; on failure it is closed.</summary>
    /// <param name="connected">The connection to the host.</param>
    /// <param name="host">The host.</param>
    /// <param name="tls">What the request wants different.</param>
    /// <param name="timeout">How long the handshake may take.</param>
    /// <exception cref="TransportException">The handshake failed, the host is not trusted, or it took too long.</exception>
    ValueTask<Transport> SecureAsync(Transport connected, Host host, UpstreamTlsOverride tls, TimeSpan timeout);
}
