namespace Lateen.Translation.Naming;

/// <summary>The names of filters and other extensions as Istio writes them.</summary>
internal static class FilterNames
{
    public const string HttpConnectionManager = "envoy.filters.network.http_connection_manager";
    public const string TcpProxy = "envoy.filters.network.tcp_proxy";
    public const string MetadataExchange = "istio.metadata_exchange";
    public const string IstioStats = "istio.stats";
    public const string IstioAlpn = "istio.alpn";

    public const string GrpcWeb = "envoy.filters.http.grpc_web";
    public const string GrpcStats = "envoy.filters.http.grpc_stats";
    public const string Fault = "envoy.filters.http.fault";
    public const string Cors = "envoy.filters.http.cors";
    public const string Router = "envoy.filters.http.router";

    public const string OriginalDestination = "envoy.filters.listener.original_dst";
    public const string TlsInspector = "envoy.filters.listener.tls_inspector";
    public const string HttpInspector = "envoy.filters.listener.http_inspector";

    public const string FileAccessLog = "envoy.access_loggers.file";
    public const string TlsSocket = "envoy.transport_sockets.tls";
    public const string RawBufferSocket = "envoy.transport_sockets.raw_buffer";
    public const string HttpProtocolOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    public const string PreviousHosts = "envoy.retry_host_predicates.previous_hosts";
    public const string PreviousPriorities = "envoy.retry_priorities.previous_priorities";

    /// <summary>The metadata namespace of Istio's filters.</summary>
    public const string IstioMetadata = "istio";

    /// <summary>The metadata namespace that selects an endpoint's transport socket.</summary>
    public const string TransportSocketMatch = "envoy.transport_socket_match";
}
