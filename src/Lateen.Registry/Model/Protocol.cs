using System.Collections.Frozen;

namespace Lateen.Registry;

/// <summary>What a service port speaks.</summary>
public enum Protocol
{
    /// <summary>Not said or not known: detected per connection.</summary>
    Unsupported,

    /// <summary>HTTP/1.1.</summary>
    Http,

    /// <summary>HTTP/2.</summary>
    Http2,

    /// <summary>gRPC.</summary>
    Grpc,

    /// <summary>gRPC-Web.</summary>
    GrpcWeb,

    /// <summary>HTTP as a forward proxy takes it.</summary>
    HttpProxy,

    /// <summary>HTTP over TLS; opaque but for the SNI.</summary>
    Https,

    /// <summary>TLS; opaque but for the SNI.</summary>
    Tls,

    /// <summary>Plain TCP.</summary>
    Tcp,

    /// <summary>UDP, which is not proxied.</summary>
    Udp,

    /// <summary>MongoDB.</summary>
    Mongo,

    /// <summary>MySQL.</summary>
    MySql,

    /// <summary>Redis.</summary>
    Redis,
}

/// <summary>How the protocol of a port is found (Istio: protocol selection), and the classes of protocols.</summary>
public static class ProtocolSelection
{
    private static readonly FrozenDictionary<string, Protocol> ByName = new Dictionary<string, Protocol>
    {
        ["tcp"] = Protocol.Tcp,
        ["udp"] = Protocol.Udp,
        ["grpc"] = Protocol.Grpc,
        ["grpc-web"] = Protocol.GrpcWeb,
        ["http"] = Protocol.Http,
        ["http_proxy"] = Protocol.HttpProxy,
        ["http2"] = Protocol.Http2,
        ["https"] = Protocol.Https,
        ["tls"] = Protocol.Tls,
        ["mongo"] = Protocol.Mongo,
        ["mysql"] = Protocol.MySql,
        ["redis"] = Protocol.Redis,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The protocol of a name as ServiceEntry, Gateway and Sidecar write it, in any case.</summary>
    public static Protocol Parse(string? name) => name is not null && ByName.TryGetValue(name, out Protocol protocol) ? protocol : Protocol.Unsupported;

    /// <summary>The protocol of a Kubernetes Service's port.</summary>
    /// <param name="transport">TCP, UDP or SCTP; null means TCP.</param>
    /// <param name="appProtocol">The port's appProtocol, which replaces the name when set.</param>
    /// <param name="portName">The port's name.</param>
    /// <param name="port">The service's port number: servers that speak first on well-known ones cannot be detected.</param>
    public static Protocol ForKubernetesPort(string? transport, string? appProtocol, string? portName, int port)
    {
        if (transport == "UDP") return Protocol.Udp;
        switch (appProtocol)
        {
            case "kubernetes.io/h2c": return Protocol.Http2;
            case "kubernetes.io/ws": return Protocol.Http;
            case "kubernetes.io/wss": return Protocol.Https;
        }
        string name = appProtocol ?? portName ?? "";
        if (name.StartsWith("grpc-web", StringComparison.OrdinalIgnoreCase)) return Protocol.GrpcWeb;
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        Protocol protocol = Parse(dash < 0 ? name : name[..dash]);
        return protocol == Protocol.Unsupported && port is (25 or 53 or 3306 or 27017) ? Protocol.Tcp : protocol;
    }

    /// <summary>HTTP in one of its forms.</summary>
    public static bool IsHttp(this Protocol protocol) =>
        protocol is Protocol.Http or Protocol.Http2 or Protocol.Grpc or Protocol.GrpcWeb or Protocol.HttpProxy;

    /// <summary>HTTP/2 towards the endpoint.</summary>
    public static bool IsHttp2(this Protocol protocol) => protocol is Protocol.Http2 or Protocol.Grpc or Protocol.GrpcWeb;

    /// <summary>TLS that is chosen by SNI.</summary>
    public static bool IsTls(this Protocol protocol) => protocol is Protocol.Https or Protocol.Tls;

    /// <summary>Opaque TCP, TLS too.</summary>
    public static bool IsTcp(this Protocol protocol) =>
        protocol is Protocol.Tcp or Protocol.Https or Protocol.Tls or Protocol.Mongo or Protocol.Redis or Protocol.MySql;

    /// <summary>Found out per connection.</summary>
    public static bool IsDetected(this Protocol protocol) => protocol == Protocol.Unsupported;
}
