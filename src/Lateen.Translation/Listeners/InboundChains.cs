using Envoy.Config.Listener.V3;
using Lateen.Registry;
using Lateen.Resources.Security;
using Lateen.Translation.Naming;
using Lateen.Translation.Routes;
using MutualTls = Lateen.Translation.Security.MutualTls;

namespace Lateen.Translation.Listeners;

/// <summary>What an inbound chain leads to.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="StatPrefix">The connection manager's name for statistics.</param>
/// <param name="VirtualHost">The name of the one virtual host.</param>
/// <param name="Operation">What traces call a request.</param>
/// <param name="Protocol">What the port speaks.</param>
internal sealed record InboundTarget(string Cluster, string StatPrefix, string VirtualHost, string Operation, Protocol Protocol);

/// <summary>The filter chains by which a workload's port takes traffic: the mTLS mode and the protocol decide which.</summary>
internal sealed class InboundChains(ProxyView view, ListenerSettings settings, ConnectionManagers managers)
{
    private enum Security
    {
        Plain,
        MutualTls,

        /// <summary>TLS that is the application's own.</summary>
        Opaque,
    }

    private sealed record Shape(bool Http, Security Security, string Transport, string[] Alpn);

    /// <param name="target">What the chains lead to.</param>
    /// <param name="mode">The mode that holds for the port.</param>
    /// <param name="port">The port to match; 0 for every port that has no chain of its own, and for listeners of one port.</param>
    /// <param name="httpName">The name of chains of HTTP.</param>
    /// <param name="tcpName">The name of chains of TCP.</param>
    public IEnumerable<FilterChain> Build(InboundTarget target, MutualTlsMode mode, int port, string httpName, string tcpName) =>
        Shapes(mode, target.Protocol).Select(shape => Chain(target, shape, port).Named(shape.Http ? httpName : tcpName));

    /// <summary>Chains in Istio's order; the first match for a connection's transport and application protocols wins.</summary>
    private static Shape[] Shapes(MutualTlsMode mode, Protocol protocol) => mode switch
    {
        MutualTlsMode.Strict => Strict(protocol),
        MutualTlsMode.Disable => Disable(protocol),
        _ => Permissive(protocol),
    };

    private static Shape[] Strict(Protocol protocol) => !protocol.IsDetected()
        ? [new(protocol.IsHttp(), Security.MutualTls, Transport.Tls, [])]
        :
        [
            new(true, Security.MutualTls, Transport.Tls, Alpn.MutualTlsHttp),
            new(false, Security.MutualTls, Transport.Tls, []),
        ];

    private static Shape[] Disable(Protocol protocol) => !protocol.IsDetected()
        ? [new(protocol.IsHttp(), Security.Plain, Transport.Plaintext, [])]
        :
        [
            new(true, Security.Plain, Transport.Plaintext, Alpn.PlaintextHttp),
            new(false, Security.Plain, Transport.Plaintext, []),
        ];

    private static Shape[] Permissive(Protocol protocol)
    {
        if (protocol.IsDetected())
        {
            return
            [
                new(true, Security.MutualTls, Transport.Tls, Alpn.MutualTlsHttp),
                new(true, Security.Plain, Transport.Plaintext, Alpn.PlaintextHttp),
                new(false, Security.MutualTls, Transport.Tls, Alpn.MutualTlsTcp),
                new(false, Security.Plain, Transport.Plaintext, []),
                new(false, Security.Opaque, Transport.Tls, []),
            ];
        }
        if (protocol.IsHttp())
            return [new(true, Security.MutualTls, Transport.Tls, Alpn.MutualTls), new(true, Security.Plain, Transport.Plaintext, [])];
        return
        [
            new(false, Security.MutualTls, Transport.Tls, Alpn.MutualTls),
            new(false, Security.Opaque, Transport.Tls, []),
            new(false, Security.Plain, Transport.Plaintext, []),
        ];
    }

    private FilterChain Chain(InboundTarget target, Shape shape, int port)
    {
        var chain = new FilterChain
        {
            FilterChainMatch = new FilterChainMatch { TransportProtocol = shape.Transport, ApplicationProtocols = { shape.Alpn } },
            Filters = { NetworkFilters.MetadataExchange() },
        };
        if (port > 0) chain.FilterChainMatch.DestinationPort = (uint)port;
        chain.Filters.Add(shape.Http ? [managers.Filter(HttpSpec(target))] : TcpFilters(target.Cluster));
        if (shape.Security == Security.MutualTls)
            chain.TransportSocket = MutualTls.Server(shape.Http ? Alpn.HttpServer : Alpn.TcpServer, TrustDomains());
        return chain;
    }

    public IEnumerable<Filter> TcpFilters(string cluster)
    {
        if (settings.Metrics) yield return NetworkFilters.Stats(ListenerKind.SidecarInbound);
        var proxy = NetworkFilters.ToCluster(cluster, settings.AccessLogs.ForTraffic);
        if (view.Node.IdleTimeout is { } idle) proxy.IdleTimeout = idle.ToProto();
        yield return NetworkFilters.Proxy(proxy);
    }

    private static ConnectionManagerSpec HttpSpec(InboundTarget target)
    {
        var grpc = target.Protocol is Protocol.Grpc or Protocol.GrpcWeb;
        return new ConnectionManagerSpec(ListenerKind.SidecarInbound, target.StatPrefix)
        {
            Routes = VirtualHosts.Inbound(target.Cluster, target.VirtualHost, target.Operation, retries: !grpc),
            Http2 = target.Protocol.IsHttp2(),
        };
    }

    private IEnumerable<string> TrustDomains() => view.Mesh.TrustDomainAliases.Prepend(view.Mesh.TrustDomain).Distinct();
}
