using Envoy.Config.Route.V3;
using Lateen.Registry;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Routes;

/// <summary>Virtual hosts and route configurations that are the same wherever they occur.</summary>
internal static class VirtualHosts
{
    /// <summary>The name of routes that no VirtualService made.</summary>
    public const string DefaultRoute = "default";

    private const string AllowAny = "allow_any";
    private const string BlockAll = "block_all";
    private const uint BadGateway = 502;
    private const uint DirectResponseLimit = 1 << 20;

    public static RouteConfiguration Configuration(string name, IEnumerable<VirtualHost> hosts, bool ignorePort) => new()
    {
        Name = name,
        VirtualHosts = { hosts },
        ValidateClusters = false,
        MaxDirectResponseBodySizeBytes = DirectResponseLimit,
        IgnorePortInHostMatching = ignorePort,
    };

    public static VirtualHost Named(string host, int port, IEnumerable<string> domains, IEnumerable<Route> routes) => new()
    {
        Name = HostName.WithPort(host, port),
        Domains = { domains },
        Routes = { routes },
        IncludeRequestAttemptCount = true,
    };

    /// <summary>Where requests to hosts go that the mesh does not know.</summary>
    public static VirtualHost CatchAll(OutboundTrafficPolicyMode mode)
    {
        var allow = mode != OutboundTrafficPolicyMode.RegistryOnly;
        var route = new Route { Name = allow ? AllowAny : BlockAll, Match = new RouteMatch { Prefix = "/" } };
        if (allow)
            route.Route_ = new RouteAction { Cluster = ClusterName.Passthrough, Timeout = Messages.Zero, MaxGrpcTimeout = Messages.Zero };
        else
            route.DirectResponse = new DirectResponseAction { Status = BadGateway };
        return new VirtualHost { Name = route.Name, Domains = { "*" }, Routes = { route }, IncludeRequestAttemptCount = true };
    }

    /// <summary>Every request of a service to its cluster.</summary>
    public static Route Default(Service service, RouteScope scope)
    {
        var cluster = ClusterName.Outbound(scope.Port, "", service.Hostname);
        return new Route
        {
            Name = DefaultRoute,
            Match = new RouteMatch { Prefix = "/" },
            Decorator = new Decorator { Operation = $"{service.Hostname}:{scope.Port}/*" },
            Route_ = RouteActions.Default(cluster, scope, scope.View.Policy(cluster)?.LoadBalancer),
        };
    }

    /// <summary>The whole route configuration of a workload's own port: everything to the application.</summary>
    public static RouteConfiguration Inbound(string cluster, string virtualHost, string operation, bool retries)
    {
        var action = new RouteAction
        {
            Cluster = cluster,
            Timeout = Messages.Zero,
            MaxStreamDuration = new RouteAction.Types.MaxStreamDuration
            {
                MaxStreamDuration_ = Messages.Zero,
                GrpcTimeoutHeaderMax = Messages.Zero,
            },
        };
        if (retries) action.RetryPolicy = Retries.Inbound();
        var route = new Route
        {
            Name = DefaultRoute,
            Match = new RouteMatch { Prefix = "/" },
            Decorator = new Decorator { Operation = operation },
            Route_ = action,
        };
        return new RouteConfiguration
        {
            Name = cluster,
            VirtualHosts = { new VirtualHost { Name = virtualHost, Domains = { "*" }, Routes = { route } } },
            ValidateClusters = false,
        };
    }
}
