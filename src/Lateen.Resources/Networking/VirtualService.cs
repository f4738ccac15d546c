namespace Lateen.Resources.Networking;

/// <summary>How requests to hosts are routed.</summary>
public sealed record VirtualService : IstioResource
{
    /// <summary>What is wanted.</summary>
    public VirtualServiceSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="VirtualService"/>.</summary>
public sealed record VirtualServiceSpec
{
    /// <summary>DNS names, names with a leading wildcard, <c>*</c> or (at gateways) addresses; empty for a delegate.</summary>
    public EquatableArray<string> Hosts { get; init; }

    /// <summary>Gateways it is bound to (<c>ns/name</c> or <c>name</c>); <c>mesh</c> stands for all sidecars; empty means <c>mesh</c>.</summary>
    public EquatableArray<string> Gateways { get; init; }

    /// <summary>HTTP routes; the first match wins.</summary>
    public EquatableArray<HttpRoute> Http { get; init; }

    /// <summary>Routes of TLS that is not terminated, by SNI.</summary>
    public EquatableArray<TlsRoute> Tls { get; init; }

    /// <summary>Routes of plain TCP.</summary>
    public EquatableArray<TcpRoute> Tcp { get; init; }

    /// <summary>Namespaces it is visible in; empty means the mesh's default.</summary>
    public EquatableArray<string> ExportTo { get; init; }
}
