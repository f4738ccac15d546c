using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Grpc.Core;
using Grpc.Net.Client;
using Lateen.Proxy.Clusters;
using Cluster = Envoy.Config.Cluster.V3.Cluster;
using Metadata = Grpc.Core.Metadata;

namespace Lateen.Proxy.Configuration;

/// <summary>
/// gRPC channels to control planes. A service names a static cluster of the bootstrap; its addresses (TCP or UNIX sockets, names
/// resolved by the system) are tried in turn, HTTP/2 by prior knowledge, or over TLS when the cluster has a TLS transport socket.
/// </summary>
/// <param name="clusters">The bootstrap's static clusters by name.</param>
/// <param name="tls">Makes the TLS settings of a cluster from its context.</param>
internal sealed class GrpcChannels(IReadOnlyDictionary<string, Cluster> clusters, Func<UpstreamTlsContext, SslClientAuthenticationOptions> tls)
{
    /// <summary>Opens a channel; it connects when it is used.</summary>
    /// <exception cref="ConfigurationException">The service is of another kind, or its cluster has no usable address.</exception>
    public CallInvoker Open(GrpcService service)
    {
        if (service.TargetSpecifierCase != GrpcService.TargetSpecifierOneofCase.EnvoyGrpc)
            throw new ConfigurationException("google_grpc", "only envoy_grpc services are supported");
        var name = service.EnvoyGrpc.ClusterName;
        if (!clusters.TryGetValue(name, out var cluster))
            throw new ConfigurationException("envoy_grpc.cluster_name", $"Unknown gRPC client cluster '{name}'");
        var addresses = cluster.LoadAssignment?.Endpoints.SelectMany(e => e.LbEndpoints).Select(e => ToEndPoint(e.Endpoint.Address)).ToArray() ?? [];
        if (addresses.Length == 0)
            throw new ConfigurationException("envoy_grpc.cluster_name", $"cluster '{name}' has no endpoint in its load_assignment");

        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = cluster.ConnectTimeout?.ToTimeSpan() ?? TimeSpan.FromSeconds(5),
            ConnectCallback = new Connector(addresses, cluster.UpstreamConnectionOptions?.TcpKeepalive).ConnectAsync,
            UseProxy = false,
            UseCookies = false,
        };
        var scheme = "http";
        if (cluster.TransportSocket is { TypedConfig: { } socket } && socket.Is(UpstreamTlsContext.Descriptor))
        {
            handler.SslOptions = tls(socket.Unpack<UpstreamTlsContext>());
            scheme = "https";
        }

        var authority = service.EnvoyGrpc.Authority is { Length: > 0 } given ? given : Uri.EscapeDataString(name).Replace("%", "-", StringComparison.Ordinal);
        return GrpcChannel.ForAddress($"{scheme}://{authority}", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxRetryAttempts = null,
        }).CreateCallInvoker();
    }

    /// <summary>
    /// The metadata of every stream to a service: its own, and the headers that a header_mutation filter of its cluster adds. The latter
    /// is how a service that a listener names, such as sds-grpc, gets a proxy's credentials.
    /// </summary>
    /// <exception cref="ConfigurationException">The cluster's protocol options cannot be honoured.</exception>
    public Metadata InitialMetadata(GrpcService service)
    {
        var metadata = new Metadata();
        if (service.EnvoyGrpc is { } own && clusters.TryGetValue(own.ClusterName, out var cluster))
        {
            foreach (var header in UpstreamHttpCompiler.Compile(cluster).RequestHeaders)
                metadata.Add(header.Key, header.Value);
        }

        foreach (var header in service.InitialMetadata)
            metadata.Add(header.Key, header.Value);
        return metadata;
    }

    private static EndPoint ToEndPoint(Address address) => address switch
    {
        { Pipe: { } pipe } => new UnixDomainSocketEndPoint(pipe.Path),
        { SocketAddress: { } socket } when IPAddress.TryParse(socket.Address, out var ip) => new IPEndPoint(ip, (int)socket.PortValue),
        { SocketAddress: { } socket } => new DnsEndPoint(socket.Address, (int)socket.PortValue),
        _ => throw new ConfigurationException("address", "expected socket_address or pipe"),
    };

    private sealed class Connector(EndPoint[] addresses, TcpKeepalive? keepalive)
    {
        private int _next = -1;

        public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var address = addresses[(uint)Interlocked.Increment(ref _next) % addresses.Length];
            var socket = address is UnixDomainSocketEndPoint
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (keepalive is not null && address is not UnixDomainSocketEndPoint)
                    KeepAlive(socket, keepalive);
                await socket.ConnectAsync(address, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        private static void KeepAlive(Socket socket, TcpKeepalive keepalive)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            if (keepalive.KeepaliveTime is { } time)
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)time);
            if (keepalive.KeepaliveInterval is { } interval)
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)interval);
            if (keepalive.KeepaliveProbes is { } probes)
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, (int)probes);
        }
    }
}
