using System.Net;
using Lateen.Resources;
using Lateen.Resources.Networking;

namespace Lateen.Registry.Building;

/// <summary>Puts full names where a user may write short ones (Istio: short-name expansion).</summary>
/// <param name="domain">Suffix of Kubernetes service hosts.</param>
public sealed class HostNames(string domain)
{
    /// <summary>The host of a Kubernetes Service.</summary>
    public string OfService(string name, string @namespace) => $"{name}.{@namespace}.svc.{domain}";

    /// <summary>A host in full: only a name without a dot, which is neither <c>*</c> nor an address, is completed.</summary>
    public string Expand(string host, string @namespace) =>
        host.Length == 0 || host == "*" || host.Contains('.', StringComparison.Ordinal) || IPAddress.TryParse(host, out _)
            ? host : OfService(host, @namespace);

    /// <summary>A gateway as <c>namespace/name</c>, or <c>mesh</c>.</summary>
    public static string ExpandGateway(string gateway, string @namespace)
    {
        if (gateway == MeshSnapshot.MeshGateway) return gateway;
        int slash = gateway.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0) return gateway[..slash] == "." ? $"{@namespace}{gateway[slash..]}" : gateway;
        // The old form name.namespace[.svc...].
        string[] parts = gateway.Split('.');
        return parts.Length > 1 ? $"{parts[1]}/{parts[0]}" : $"{@namespace}/{gateway}";
    }

    /// <summary>A VirtualService with every host, destination and gateway in full.</summary>
    public VirtualService Resolve(VirtualService service)
    {
        string home = service.Namespace;
        return service with
        {
            Spec = service.Spec with
            {
                Hosts = Map(service.Spec.Hosts, host => Expand(host, home)),
                Gateways = Gateways(service.Spec.Gateways, home),
                Http = Map(service.Spec.Http, route => Resolve(route, home)),
                Tls = Map(service.Spec.Tls, route => route with
                {
                    Match = Map(route.Match, match => match with { Gateways = Gateways(match.Gateways, home) }),
                    Route = Map(route.Route, target => target with { Destination = Resolve(target.Destination, home) }),
                }),
                Tcp = Map(service.Spec.Tcp, route => route with
                {
                    Match = Map(route.Match, match => match with { Gateways = Gateways(match.Gateways, home) }),
                    Route = Map(route.Route, target => target with { Destination = Resolve(target.Destination, home) }),
                }),
            },
        };
    }

    /// <summary>A DestinationRule with its host in full.</summary>
    public DestinationRule Resolve(DestinationRule rule) => rule with { Spec = rule.Spec with { Host = Expand(rule.Spec.Host, rule.Namespace) } };

    private HttpRoute Resolve(HttpRoute route, string home) => route with
    {
        Match = Map(route.Match, match => match with { Gateways = Gateways(match.Gateways, home) }),
        Route = Map(route.Route, target => target with { Destination = Resolve(target.Destination, home) }),
        Mirror = route.Mirror is null ? null : Resolve(route.Mirror, home),
        Mirrors = Map(route.Mirrors, mirror => mirror with { Destination = Resolve(mirror.Destination, home) }),
        Delegate = route.Delegate is null ? null
            : route.Delegate with { Namespace = string.IsNullOrEmpty(route.Delegate.Namespace) ? home : route.Delegate.Namespace },
    };

    private Destination Resolve(Destination destination, string home) => destination with { Host = Expand(destination.Host, home) };

    private static EquatableArray<string> Gateways(EquatableArray<string> gateways, string home) => Map(gateways, gateway => ExpandGateway(gateway, home));

    private static EquatableArray<T> Map<T>(EquatableArray<T> items, Func<T, T> change) => items.IsEmpty ? items : items.Select(change).ToEquatableArray();
}
