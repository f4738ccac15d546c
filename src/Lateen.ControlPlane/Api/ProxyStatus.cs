using Lateen.ControlPlane.Serving;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Api;

/// <summary>How far one proxy got, as <c>/debug/syncz</c> tells.</summary>
/// <param name="Proxy">Third part of the node id, usually <c>pod.namespace</c>.</param>
/// <param name="Node">The whole node id.</param>
/// <param name="ProxyType"><c>sidecar</c> or <c>router</c>.</param>
/// <param name="ClusterId">The cluster it says it runs in.</param>
/// <param name="IstioVersion">The version it says it has.</param>
/// <param name="Identity">The SPIFFE URI it has proven.</param>
/// <param name="ConnectedAt">When its oldest stream was opened.</param>
/// <param name="Types">What it watches, by the abbreviation of the type (<c>CDS</c>, <c>LDS</c>, ...).</param>
public sealed record ProxyStatus(
    string Proxy, string Node, string ProxyType, string ClusterId, string IstioVersion, string Identity, DateTimeOffset ConnectedAt,
    IReadOnlyDictionary<string, TypeStatus> Types)
{
    /// <summary>The proxies of all streams: those of one node are one proxy, also when it has a stream for secrets beside its ADS stream.</summary>
    internal static IReadOnlyList<ProxyStatus> Of(IEnumerable<ConnectionStatus<ConnectedProxy>> connections) =>
    [
        .. connections.GroupBy(connection => connection.Node.Id).Select(Of).OrderBy(status => status.Proxy, StringComparer.Ordinal),
    ];

    private static ProxyStatus Of(IGrouping<string, ConnectionStatus<ConnectedProxy>> streams)
    {
        var (node, identity) = streams.Last().Client;
        var types = new SortedDictionary<string, TypeStatus>(StringComparer.Ordinal);
        foreach (var type in streams.SelectMany(stream => stream.Types))
        {
            var name = Xds.TypeUrls.ShortName(type.TypeUrl);
            types[name] = types.TryGetValue(name, out var other) ? TypeStatus.Worse(other, TypeStatus.Of(type)) : TypeStatus.Of(type);
        }

        return new(
            node.Id, node.NodeId, node.Type == Lateen.Translation.ProxyType.Router ? "router" : "sidecar", node.ClusterId, node.Version,
            identity.ToString(), streams.Min(stream => stream.ConnectedAt), types);
    }
}

/// <summary>How far a proxy got with one type.</summary>
/// <param name="Status"><c>SYNCED</c>, <c>STALE</c>, <c>NOT_SENT</c> or <c>NACKED</c>.</param>
/// <param name="Names">How many names it watches; 0 stands for all.</param>
/// <param name="VersionSent">Version of the last response.</param>
/// <param name="VersionAcked">Version it holds.</param>
/// <param name="NonceSent">Nonce of the last response.</param>
/// <param name="NonceAcked">Nonce of the last response it accepted.</param>
/// <param name="SentAt">When the last response was sent.</param>
/// <param name="Error">Why it rejected the last response; null when it did not.</param>
public sealed record TypeStatus(
    string Status, int Names, string VersionSent, string VersionAcked, string NonceSent, string NonceAcked, DateTimeOffset? SentAt, string? Error)
{
    // From good to bad: of two streams the worse one shows.
    private static readonly string[] Order = ["SYNCED", "NOT_SENT", "STALE", "NACKED"];

    internal static TypeStatus Of(WatchedType type) => new(
        type.State switch
        {
            SyncState.Synced => "SYNCED",
            SyncState.Nacked => "NACKED",
            SyncState.NotSent => "NOT_SENT",
            _ => "STALE",
        },
        type.Names.Count, type.VersionSent, type.VersionAcked, type.NonceSent, type.NonceAcked, type.SentAt, type.Error);

    internal static TypeStatus Worse(TypeStatus a, TypeStatus b) => Array.IndexOf(Order, a.Status) >= Array.IndexOf(Order, b.Status) ? a : b;
}
