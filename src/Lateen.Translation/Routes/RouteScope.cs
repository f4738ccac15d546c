using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Routes;

/// <summary>What routes are built for: one port of one proxy, under the names of the gateways it is.</summary>
/// <param name="View">The mesh as the proxy sees it.</param>
/// <param name="Port">The service port, or on gateways the Gateway's port number.</param>
/// <param name="Gateway"><c>mesh</c>, or the Gateway as <c>namespace/name</c>.</param>
/// <param name="Tls">Requests come over TLS.</param>
internal sealed record RouteScope(ProxyView View, int Port, string Gateway, bool Tls)
{
    public const string Mesh = "mesh";

    public ProxyNode Node => View.Node;

    /// <summary>
    /// Whether a match block can apply here. A match that names gateways is not asked for the source, as in Istio.
    /// </summary>
    public bool Admits(uint port, EquatableArray<string> gateways, EquatableMap<string> sourceLabels, string? sourceNamespace)
    {
        if (port != 0 && port != Port) return false;
        if (gateways.Count > 0) return gateways.Contains(Gateway);
        return sourceLabels.Selects(Node.Labels)
            && (string.IsNullOrEmpty(sourceNamespace) || sourceNamespace == Node.Namespace);
    }

    /// <summary>The cluster of a destination; its port is the named one, else the service's only one, else this port.</summary>
    public string ClusterOf(Destination destination)
    {
        if (destination.Host.Length == 0) return ClusterName.UnknownService;
        var service = View.Service(destination.Host);
        var port = destination.Port is { Number: > 0 } named ? (int)named.Number
            : service is { Ports.Count: 1 } ? (int)service.Ports[0].Number
            : Port;
        return ClusterName.Outbound(port, destination.Subset ?? "", service?.Hostname ?? destination.Host);
    }
}
