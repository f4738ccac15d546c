namespace Lateen.Resources.Networking;

/// <summary>Which configuration objects of which proxies an EnvoyFilter's patch is for.</summary>
public sealed record EnvoyConfigMatch
{
    /// <summary>Kind of proxy and direction.</summary>
    public EnvoyPatchContext Context { get; init; }

    /// <summary>Version and metadata of the proxy.</summary>
    public EnvoyProxyMatch? Proxy { get; init; }

    /// <summary>A listener and what is in it.</summary>
    [OneOf("object_types")]
    public EnvoyListenerMatch? Listener { get; init; }

    /// <summary>A route configuration and what is in it.</summary>
    [OneOf("object_types")]
    public EnvoyRouteConfigurationMatch? RouteConfiguration { get; init; }

    /// <summary>A cluster.</summary>
    [OneOf("object_types")]
    public EnvoyClusterMatch? Cluster { get; init; }

    /// <summary>What is in a waypoint.</summary>
    [OneOf("object_types")]
    public EnvoyWaypointMatch? Waypoint { get; init; }
}

/// <summary>Kind of proxy and direction.</summary>
public enum EnvoyPatchContext
{
    /// <summary>All.</summary>
    Any,

    /// <summary>Into a workload.</summary>
    SidecarInbound,

    /// <summary>Out of a workload.</summary>
    SidecarOutbound,

    /// <summary>Gateways.</summary>
    Gateway,

    /// <summary>Waypoints.</summary>
    Waypoint,
}

/// <summary>Version and metadata of a proxy.</summary>
public sealed record EnvoyProxyMatch
{
    /// <summary>RE2 expression for the version.</summary>
    public string? ProxyVersion { get; init; }

    /// <summary>Node metadata that must be equal.</summary>
    public EquatableMap<string> Metadata { get; init; }
}

/// <summary>A cluster.</summary>
public sealed record EnvoyClusterMatch
{
    /// <summary>Service port; 0 means any.</summary>
    public uint PortNumber { get; init; }

    /// <summary>Host of the service.</summary>
    public string? Service { get; init; }

    /// <summary>Subset.</summary>
    public string? Subset { get; init; }

    /// <summary>Name of the cluster.</summary>
    public string? Name { get; init; }
}

/// <summary>A listener.</summary>
public sealed record EnvoyListenerMatch
{
    /// <summary>Port; 0 means any.</summary>
    public uint PortNumber { get; init; }

    /// <summary>Part of the API, without effect.</summary>
    public string? PortName { get; init; }

    /// <summary>A filter chain in it.</summary>
    public EnvoyFilterChainMatch? FilterChain { get; init; }

    /// <summary>A listener filter in it.</summary>
    public string? ListenerFilter { get; init; }

    /// <summary>Name of the listener.</summary>
    public string? Name { get; init; }
}

/// <summary>A filter chain.</summary>
public sealed record EnvoyFilterChainMatch
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Server name it matches.</summary>
    public string? Sni { get; init; }

    /// <summary><c>raw_buffer</c> or <c>tls</c>.</summary>
    public string? TransportProtocol { get; init; }

    /// <summary>Application protocols, separated by commas.</summary>
    public string? ApplicationProtocols { get; init; }

    /// <summary>A network filter in it.</summary>
    public EnvoyNetworkFilterMatch? Filter { get; init; }

    /// <summary>Port it matches; 0 means any.</summary>
    public uint DestinationPort { get; init; }

    /// <summary>Name of its transport socket.</summary>
    public string? TransportSocket { get; init; }
}

/// <summary>A network filter.</summary>
public sealed record EnvoyNetworkFilterMatch
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>An HTTP filter in it.</summary>
    public EnvoySubFilterMatch? SubFilter { get; init; }
}

/// <summary>An HTTP filter.</summary>
public sealed record EnvoySubFilterMatch
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }
}

/// <summary>A route configuration.</summary>
public sealed record EnvoyRouteConfigurationMatch
{
    /// <summary>Port; 0 means any.</summary>
    public uint PortNumber { get; init; }

    /// <summary>Name of the server's port, at gateways.</summary>
    public string? PortName { get; init; }

    /// <summary>Gateway, as <c>namespace/name</c>.</summary>
    public string? Gateway { get; init; }

    /// <summary>A virtual host in it.</summary>
    public EnvoyVirtualHostMatch? Vhost { get; init; }

    /// <summary>Name of the route configuration.</summary>
    public string? Name { get; init; }
}

/// <summary>A virtual host.</summary>
public sealed record EnvoyVirtualHostMatch
{
    /// <summary>Name, <c>host:port</c>.</summary>
    public string? Name { get; init; }

    /// <summary>One of its domains.</summary>
    public string? DomainName { get; init; }

    /// <summary>A route in it.</summary>
    public EnvoyRouteMatch? Route { get; init; }
}

/// <summary>A route.</summary>
public sealed record EnvoyRouteMatch
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>What it does.</summary>
    public EnvoyRouteAction Action { get; init; }
}

/// <summary>What a route does.</summary>
public enum EnvoyRouteAction
{
    /// <summary>Anything.</summary>
    Any,

    /// <summary>Forwards.</summary>
    Route,

    /// <summary>Redirects.</summary>
    Redirect,

    /// <summary>Answers.</summary>
    DirectResponse,
}

/// <summary>What is in a waypoint.</summary>
public sealed record EnvoyWaypointMatch
{
    /// <summary>Service port; 0 means any.</summary>
    public uint PortNumber { get; init; }

    /// <summary>A network filter.</summary>
    public EnvoyNetworkFilterMatch? Filter { get; init; }

    /// <summary>A route.</summary>
    public EnvoyWaypointRouteMatch? Route { get; init; }
}

/// <summary>A route of a waypoint.</summary>
public sealed record EnvoyWaypointRouteMatch
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }
}
