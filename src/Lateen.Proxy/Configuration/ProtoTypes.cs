using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Lateen.Proxy.Configuration;

/// <summary>The messages that this proxy can read from and write as JSON, extensions inside <see cref="Any"/> among them.</summary>
public static class ProtoTypes
{
    /// <summary>All known message types, for JSON parsers and formatters.</summary>
    public static TypeRegistry Registry { get; } = TypeRegistry.FromFiles(
        WrappersReflection.Descriptor,
        StructReflection.Descriptor,
        DurationReflection.Descriptor,
        EmptyReflection.Descriptor,
        Envoy.Admin.V3.CertsReflection.Descriptor,
        Envoy.Admin.V3.ClustersReflection.Descriptor,
        Envoy.Admin.V3.ConfigDumpReflection.Descriptor,
        Envoy.Admin.V3.ConfigDumpSharedReflection.Descriptor,
        Envoy.Admin.V3.InitDumpReflection.Descriptor,
        Envoy.Admin.V3.ListenersReflection.Descriptor,
        Envoy.Admin.V3.MemoryReflection.Descriptor,
        Envoy.Admin.V3.MetricsReflection.Descriptor,
        Envoy.Admin.V3.ServerInfoReflection.Descriptor,
        Envoy.Config.Bootstrap.V3.BootstrapReflection.Descriptor,
        Envoy.Extensions.AccessLoggers.File.V3.FileReflection.Descriptor,
        Envoy.Extensions.AccessLoggers.Stream.V3.StreamReflection.Descriptor,
        Envoy.Extensions.Common.Ratelimit.V3.RatelimitReflection.Descriptor,
        Envoy.Extensions.Filters.Common.Fault.V3.FaultReflection.Descriptor,
        Envoy.Extensions.Filters.Http.Cors.V3.CorsReflection.Descriptor,
        Envoy.Extensions.Filters.Http.ExtAuthz.V3.ExtAuthzReflection.Descriptor,
        Envoy.Extensions.Filters.Http.Fault.V3.FaultReflection.Descriptor,
        Envoy.Extensions.Filters.Http.GrpcStats.V3.ConfigReflection.Descriptor,
        Envoy.Extensions.Filters.Http.HeaderMutation.V3.HeaderMutationReflection.Descriptor,
        Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheckReflection.Descriptor,
        Envoy.Extensions.Filters.Http.JwtAuthn.V3.ConfigReflection.Descriptor,
        Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimitReflection.Descriptor,
        Envoy.Extensions.Filters.Http.Rbac.V3.RbacReflection.Descriptor,
        Envoy.Extensions.Filters.Http.Router.V3.RouterReflection.Descriptor,
        Envoy.Extensions.Filters.Http.UpstreamCodec.V3.UpstreamCodecReflection.Descriptor,
        Envoy.Extensions.Filters.Listener.HttpInspector.V3.HttpInspectorReflection.Descriptor,
        Envoy.Extensions.Filters.Listener.OriginalDst.V3.OriginalDstReflection.Descriptor,
        Envoy.Extensions.Filters.Listener.ProxyProtocol.V3.ProxyProtocolReflection.Descriptor,
        Envoy.Extensions.Filters.Listener.TlsInspector.V3.TlsInspectorReflection.Descriptor,
        Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManagerReflection.Descriptor,
        Envoy.Extensions.Filters.Network.Rbac.V3.RbacReflection.Descriptor,
        Envoy.Extensions.Filters.Network.SniCluster.V3.SniClusterReflection.Descriptor,
        Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxyReflection.Descriptor,
        Envoy.Extensions.LoadBalancingPolicies.Common.V3.CommonReflection.Descriptor,
        Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3.LeastRequestReflection.Descriptor,
        Envoy.Extensions.LoadBalancingPolicies.Maglev.V3.MaglevReflection.Descriptor,
        Envoy.Extensions.LoadBalancingPolicies.Random.V3.RandomReflection.Descriptor,
        Envoy.Extensions.LoadBalancingPolicies.RingHash.V3.RingHashReflection.Descriptor,
        Envoy.Extensions.LoadBalancingPolicies.RoundRobin.V3.RoundRobinReflection.Descriptor,
        Envoy.Extensions.RequestId.Uuid.V3.UuidReflection.Descriptor,
        Envoy.Extensions.Retry.Host.PreviousHosts.V3.PreviousHostsReflection.Descriptor,
        Envoy.Extensions.Retry.Priority.PreviousPriorities.V3.PreviousPrioritiesConfigReflection.Descriptor,
        Envoy.Extensions.TransportSockets.RawBuffer.V3.RawBufferReflection.Descriptor,
        Envoy.Extensions.TransportSockets.Tls.V3.CommonReflection.Descriptor,
        Envoy.Extensions.TransportSockets.Tls.V3.SecretReflection.Descriptor,
        Envoy.Extensions.TransportSockets.Tls.V3.TlsReflection.Descriptor,
        Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptionsReflection.Descriptor,
        Envoy.Service.Discovery.V3.AdsReflection.Descriptor,
        Envoy.Service.Discovery.V3.DiscoveryReflection.Descriptor,
        Lateen.Xds.Istio.Alpn.AlpnReflection.Descriptor,
        Lateen.Xds.Istio.Citadel.CitadelReflection.Descriptor,
        Lateen.Xds.Istio.MetadataExchange.MetadataExchangeReflection.Descriptor,
        Lateen.Xds.Istio.PeerMetadata.PeerMetadataReflection.Descriptor,
        Lateen.Xds.Istio.StatsReflection.Descriptor,
        Udpa.Type.V1.TypedStructReflection.Descriptor,
        global::Xds.Type.V3.TypedStructReflection.Descriptor);

    /// <summary>The message type that a type URL names; null when it is not known.</summary>
    public static MessageDescriptor? Find(string typeUrl) => Registry.Find(typeUrl[(typeUrl.LastIndexOf('/') + 1)..]);
}
