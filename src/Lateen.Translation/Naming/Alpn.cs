namespace Lateen.Translation.Naming;

/// <summary>The lists of application protocols by which Istio proxies recognise each other. Order matters.</summary>
internal static class Alpn
{
    public const string PeerExchange = "istio-peer-exchange";

    /// <summary>What an in-mesh client offers to a cluster that is not HTTP/2.</summary>
    public static readonly string[] InMesh = [PeerExchange, "istio"];

    /// <summary>What an in-mesh client offers to an HTTP/2 cluster.</summary>
    public static readonly string[] InMeshHttp2 = [PeerExchange, "istio", "h2"];

    /// <summary>What a server of HTTP offers; it must not contain "istio".</summary>
    public static readonly string[] HttpServer = ["h2", "http/1.1"];

    /// <summary>What a server of TCP under Istio mTLS offers.</summary>
    public static readonly string[] TcpServer = [PeerExchange, "h2", "http/1.1"];

    /// <summary>Matches HTTP under Istio mTLS.</summary>
    public static readonly string[] MutualTlsHttp = ["istio-http/1.0", "istio-http/1.1", "istio-h2"];

    /// <summary>Matches TCP under Istio mTLS.</summary>
    public static readonly string[] MutualTlsTcp = [PeerExchange, "istio"];

    /// <summary>Matches everything under Istio mTLS.</summary>
    public static readonly string[] MutualTls = ["istio", PeerExchange, "istio-http/1.0", "istio-http/1.1", "istio-h2"];

    /// <summary>Matches plaintext HTTP as the HTTP inspector reports it.</summary>
    public static readonly string[] PlaintextHttp = ["http/1.1", "h2c"];

    public static readonly string[] Http10Override = ["istio-http/1.0", "istio", "http/1.0"];
    public static readonly string[] Http11Override = ["istio-http/1.1", "istio", "http/1.1"];
    public static readonly string[] Http2Override = ["istio-h2", "istio", "h2"];
}
