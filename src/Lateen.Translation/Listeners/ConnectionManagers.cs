using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.RequestId.Uuid.V3;
using Lateen.Registry;
using Lateen.Translation.Naming;
using EscapedSlashes = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.PathWithEscapedSlashesAction;
using ForwardClientCert = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ForwardClientCertDetails;
using Manager = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Lateen.Translation.Listeners;

/// <summary>What differs between HTTP connection managers.</summary>
/// <param name="Kind">The side it serves.</param>
/// <param name="StatPrefix">The name of its statistics, with Istio's closing <c>;</c>.</param>
internal sealed record ConnectionManagerSpec(ListenerKind Kind, string StatPrefix)
{
    /// <summary>The route configuration to fetch; exclusive with <see cref="Routes"/>.</summary>
    public string? RouteName { get; init; }

    /// <summary>The route configuration itself.</summary>
    public RouteConfiguration? Routes { get; init; }

    /// <summary>It is an HTTP forward proxy: requests name the whole URL.</summary>
    public bool AllowAbsoluteUrl { get; init; }

    /// <summary>The port's protocol is HTTP/2 or gRPC.</summary>
    public bool Http2 { get; init; }

    /// <summary>Filters of security policies.</summary>
    public IReadOnlyList<HttpFilter> Policies { get; init; } = [];
}

/// <summary>HTTP connection managers with the settings Istio gives them.</summary>
internal sealed class ConnectionManagers(ProxyNode node, ListenerSettings settings)
{
    public Filter Filter(ConnectionManagerSpec spec) => NetworkFilters.Named(FilterNames.HttpConnectionManager, Build(spec));

    public Manager Build(ConnectionManagerSpec spec)
    {
        var manager = new Manager
        {
            StatPrefix = spec.StatPrefix,
            CodecType = Manager.Types.CodecType.Auto,
            StreamIdleTimeout = Messages.Zero,
            Proxy100Continue = true,
            UseRemoteAddress = spec.Kind == ListenerKind.Gateway,
            UpgradeConfigs = { new Manager.Types.UpgradeConfig { UpgradeType = "websocket" } },
            RequestIdExtension = new RequestIDExtension
            {
                TypedConfig = new UuidRequestIdConfig { UseRequestIdForTraceSampling = true }.Packed(),
            },
            HttpFilters = { HttpFilters.Chain(spec.Kind, spec.Policies, settings.Metrics) },
            AccessLog = { settings.AccessLogs.ForTraffic },
        };
        SetRoutes(manager, spec);
        SetPathNormalization(manager);
        SetIdentity(manager, spec);
        SetProtocols(manager, spec);
        return manager;
    }

    private static void SetRoutes(Manager manager, ConnectionManagerSpec spec)
    {
        if (spec.Routes is { } routes) manager.RouteConfig = routes;
        else manager.Rds = new Rds { RouteConfigName = spec.RouteName, ConfigSource = Messages.AdsWithoutTimeout() };
    }

    private void SetPathNormalization(Manager manager)
    {
        manager.NormalizePath = settings.PathNormalization != PathNormalization.None;
        manager.PathWithEscapedSlashesAction = settings.PathNormalization == PathNormalization.DecodeAndMergeSlashes
            ? EscapedSlashes.UnescapeAndForward
            : EscapedSlashes.KeepUnchanged;
        manager.MergeSlashes = settings.PathNormalization is PathNormalization.MergeSlashes or PathNormalization.DecodeAndMergeSlashes;
    }

    private static void SetIdentity(Manager manager, ConnectionManagerSpec spec)
    {
        if (spec.Kind == ListenerKind.SidecarOutbound) return;
        manager.ServerName = "istio-envoy";
        manager.ForwardClientCertDetails =
            spec.Kind == ListenerKind.Gateway ? ForwardClientCert.SanitizeSet : ForwardClientCert.AppendForward;
        manager.SetCurrentClientCertDetails = new Manager.Types.SetCurrentClientCertDetails
        {
            Subject = true,
            Uri = true,
            Dns = true,
            Cert = spec.Kind == ListenerKind.Gateway,
        };
    }

    private void SetProtocols(Manager manager, ConnectionManagerSpec spec)
    {
        if (spec.AllowAbsoluteUrl || node.Http10)
            manager.HttpProtocolOptions = new Http1ProtocolOptions { AcceptHttp10 = node.Http10 };
        if (spec.AllowAbsoluteUrl) manager.HttpProtocolOptions.AllowAbsoluteUrl = true;
        if (spec.Http2) manager.Http2ProtocolOptions = new Http2ProtocolOptions();
        if (node.IdleTimeout is { } idle) manager.CommonHttpProtocolOptions = new HttpProtocolOptions { IdleTimeout = idle.ToProto() };
    }
}
