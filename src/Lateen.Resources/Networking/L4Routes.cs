namespace Lateen.Resources.Networking;

/// <summary>A rule for TLS that is passed on, chosen by SNI.</summary>
public sealed record TlsRoute
{
    /// <summary>Conditions, any of which is enough.</summary>
    public required EquatableArray<TlsMatchAttributes> Match { get; init; }

    /// <summary>Weighted targets.</summary>
    public EquatableArray<RouteDestination> Route { get; init; }
}

/// <summary>A rule for plain TCP.</summary>
public sealed record TcpRoute
{
    /// <summary>Conditions, any of which is enough; empty matches everything.</summary>
    public EquatableArray<L4MatchAttributes> Match { get; init; }

    /// <summary>Weighted targets.</summary>
    public EquatableArray<RouteDestination> Route { get; init; }
}

/// <summary>A target with its share.</summary>
public sealed record RouteDestination
{
    /// <summary>The target.</summary>
    public required Destination Destination { get; init; }

    /// <summary>Share, relative to the sum.</summary>
    public int Weight { get; init; }
}

/// <summary>Conditions on a TLS connection, all of which must hold.</summary>
public sealed record TlsMatchAttributes
{
    /// <summary>Server names, a leading wildcard allowed; a subset of the VirtualService's hosts.</summary>
    public required EquatableArray<string> SniHosts { get; init; }

    /// <summary>Destination addresses or CIDRs.</summary>
    public EquatableArray<string> DestinationSubnets { get; init; }

    /// <summary>Port; 0 means any.</summary>
    public uint Port { get; init; }

    /// <summary>Labels of the calling workload.</summary>
    public EquatableMap<string> SourceLabels { get; init; }

    /// <summary>Gateways in place of the VirtualService's.</summary>
    public EquatableArray<string> Gateways { get; init; }

    /// <summary>Namespace of the calling workload.</summary>
    public string? SourceNamespace { get; init; }
}

/// <summary>Conditions on a TCP connection, all of which must hold.</summary>
public sealed record L4MatchAttributes
{
    /// <summary>Destination addresses or CIDRs.</summary>
    public EquatableArray<string> DestinationSubnets { get; init; }

    /// <summary>Port; 0 means any.</summary>
    public uint Port { get; init; }

    /// <summary>Source address or CIDR.</summary>
    public string? SourceSubnet { get; init; }

    /// <summary>Labels of the calling workload.</summary>
    public EquatableMap<string> SourceLabels { get; init; }

    /// <summary>Gateways in place of the VirtualService's.</summary>
    public EquatableArray<string> Gateways { get; init; }

    /// <summary>Namespace of the calling workload.</summary>
    public string? SourceNamespace { get; init; }
}
