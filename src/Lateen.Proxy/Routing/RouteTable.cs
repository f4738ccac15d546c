namespace Lateen.Proxy.Routing;

/// <summary>A RouteConfiguration, compiled once; immutable.</summary>
public sealed class RouteTable
{
}

/// <summary>A compiled virtual host.</summary>
public sealed class VirtualHost
{
}

/// <summary>A compiled route.</summary>
public sealed class RouteEntry
{
}
