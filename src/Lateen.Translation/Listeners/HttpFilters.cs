using Envoy.Extensions.Filters.Http.Cors.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Lateen.Translation.Naming;
using Lateen.Xds.Istio;
using Lateen.Xds.Istio.Alpn;
using Protocol = Lateen.Xds.Istio.Alpn.FilterConfig.Types.Protocol;
using GrpcStats = Envoy.Extensions.Filters.Http.GrpcStats.V3.FilterConfig;
using PeerMetadata = Lateen.Xds.Istio.PeerMetadata.Config;

namespace Lateen.Translation.Listeners;

/// <summary>Which side of the mesh a connection manager or filter chain serves.</summary>
internal enum ListenerKind
{
    SidecarInbound,
    SidecarOutbound,
    Gateway,
}

/// <summary>The HTTP filters of a connection manager, in Istio's order.</summary>
internal static class HttpFilters
{
    /// <param name="kind">Which side it serves.</param>
    /// <param name="policies">Filters of security policies, before everything that changes the request; inbound and gateway only.</param>
    /// <param name="stats">Whether the mesh has metrics.</param>
    public static IEnumerable<HttpFilter> Chain(ListenerKind kind, IEnumerable<HttpFilter> policies, bool stats)
    {
        yield return Filter(FilterNames.MetadataExchange, Exchange(kind));
        foreach (var policy in policies) yield return policy;
        yield return Filter(FilterNames.GrpcStats, new GrpcStats { EmitFilterState = true, StatsForAllMethods = false });
        if (kind != ListenerKind.SidecarInbound) yield return Filter(FilterNames.IstioAlpn, AlpnOverrides());
        yield return Filter(FilterNames.Fault, new HTTPFault());
        yield return Filter(FilterNames.Cors, new Cors());
        if (stats) yield return Filter(FilterNames.IstioStats, Stats(kind));
        yield return Filter(FilterNames.Router, new Router());
    }

    /// <summary>Only sidecars' outbound traffic may take the destination from the Host header.</summary>
    public static PluginConfig Stats(ListenerKind kind) => new() { DisableHostHeaderFallback = kind != ListenerKind.SidecarOutbound };

    private static HttpFilter Filter(string name, IMessage config) => new() { Name = name, TypedConfig = config.Packed() };

    private static PeerMetadata Exchange(ListenerKind kind)
    {
        var config = new PeerMetadata();
        var inbound = kind == ListenerKind.SidecarInbound;
        var discovery = inbound ? config.DownstreamDiscovery : config.UpstreamDiscovery;
        discovery.Add(new PeerMetadata.Types.DiscoveryMethod { IstioHeaders = new PeerMetadata.Types.IstioHeaders() });
        discovery.Add(new PeerMetadata.Types.DiscoveryMethod { WorkloadDiscovery = new PeerMetadata.Types.WorkloadDiscovery() });
        var propagation = inbound ? config.DownstreamPropagation : config.UpstreamPropagation;
        propagation.Add(new PeerMetadata.Types.PropagationMethod { IstioHeaders = new PeerMetadata.Types.IstioHeaders() });
        return config;
    }

    private static FilterConfig AlpnOverrides() => new()
    {
        AlpnOverride =
        {
            Override(Protocol.Http10, Alpn.Http10Override),
            Override(Protocol.Http11, Alpn.Http11Override),
            Override(Protocol.Http2, Alpn.Http2Override),
        },
    };

    private static FilterConfig.Types.AlpnOverride Override(Protocol protocol, string[] alpn) =>
        new() { UpstreamProtocol = protocol, AlpnOverride_ = { alpn } };
}
