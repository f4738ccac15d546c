using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Routing;

/// <summary>What route selection reads besides the request's head.</summary>
/// <param name="Random">The request's stable random value (<see cref="HttpExchange.RandomValue"/>).</param>
/// <param name="Downstream">The client's connection; null when there is none (explaining).</param>
/// <param name="IsInternal">True for a request from inside.</param>
/// <param name="DynamicMetadata">Metadata that filters left; null when there is none.</param>
public readonly record struct RouteInput(
    ulong Random,
    ConnectionInfo? Downstream = null,
    bool IsInternal = false,
    Metadata? DynamicMetadata = null);

/// <summary>What was selected: no virtual host, a virtual host without a matching route (404 either way), or both.</summary>
/// <param name="VirtualHost">The virtual host; null when none has the request's host.</param>
/// <param name="Route">The first route that matches; a redirect to https where the virtual host requires TLS.</param>
public readonly record struct RouteSelection(VirtualHost? VirtualHost, RouteEntry? Route);

/// <summary>Hears why a route was selected: the hook of <c>lateen explain</c>.</summary>
public interface IRouteTrace
{
    /// <summary>The virtual host was chosen by this domain of it; null when none has the host.</summary>
    void OnVirtualHost(VirtualHost? virtualHost, string host, string? domain);

    /// <summary>A route was tried in order; <paramref name="mismatch"/> is null when it matched, else why it did not.</summary>
    void OnRoute(RouteEntry route, string? mismatch);
}

/// <summary>A RouteConfiguration, compiled once; immutable.</summary>
public sealed class RouteTable
{
    private readonly DomainIndex _domains;

    internal RouteTable(RouteConfiguration configuration, DomainIndex domains, IReadOnlyList<VirtualHost> virtualHosts)
    {
        Configuration = configuration;
        Name = configuration.Name;
        VirtualHosts = virtualHosts;
        _domains = domains;
        IgnoredFields = [.. IgnoredRouteFields.Of(configuration)];
        InternalOnlyHeaders = [.. configuration.InternalOnlyHeaders.Select(HeaderName.Of)];
    }

    /// <summary>The route configuration's name.</summary>
    public string Name { get; }

    /// <summary>The configuration it was compiled from.</summary>
    public RouteConfiguration Configuration { get; }

    /// <summary>Virtual hosts in their order.</summary>
    public IReadOnlyList<VirtualHost> VirtualHosts { get; }

    /// <summary>Headers to remove from requests that come from outside.</summary>
    public IReadOnlyList<HeaderName> InternalOnlyHeaders { get; }

    /// <summary>Fields that were set and have no effect, by full name.</summary>
    public IReadOnlyList<string> IgnoredFields { get; }

    /// <summary>Compiles a configuration.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static RouteTable Compile(RouteConfiguration configuration, ExtensionCatalog extensions) =>
        RouteCompiler.Compile(configuration, extensions);

    /// <summary>
    /// The virtual host of the request's host and its first route that matches (Envoy: no fall-back to a less specific virtual
    /// host). Allocates nothing without a trace.
    /// </summary>
    public RouteSelection Select(RequestHead head, in RouteInput input, IRouteTrace? trace = null)
    {
        var virtualHost = _domains.Find(head.Authority, trace);
        return virtualHost is null ? default : new RouteSelection(virtualHost, virtualHost.Select(head, input, trace));
    }
}
