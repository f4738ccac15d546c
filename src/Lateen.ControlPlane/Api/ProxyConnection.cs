using Lateen.ControlPlane.Serving;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Api;

/// <summary>One stream, as <c>/debug/proxies</c> tells.</summary>
/// <param name="Connection">The stream's id.</param>
/// <param name="Proxy">Third part of the node id, usually <c>pod.namespace</c>.</param>
/// <param name="Addresses">The proxy's addresses.</param>
/// <param name="Identity">The SPIFFE URI it has proven.</param>
/// <param name="ConnectedAt">When the stream was opened.</param>
/// <param name="Watched">The names it watches by type; none stands for all.</param>
public sealed record ProxyConnection(
    string Connection, string Proxy, IReadOnlyList<string> Addresses, string Identity, DateTimeOffset ConnectedAt,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Watched)
{
    internal static ProxyConnection Of(ConnectionStatus<ConnectedProxy> stream) => new(
        stream.Id, stream.Client.Node.Id, [.. stream.Client.Node.Addresses], stream.Client.Identity.ToString(), stream.ConnectedAt,
        stream.Types.ToDictionary(
            type => Xds.TypeUrls.ShortName(type.TypeUrl),
            type => (IReadOnlyList<string>)[.. type.Names.Order(StringComparer.Ordinal)]));
}
