using Envoy.Config.Listener.V3;

namespace Lateen.Translation.Listeners;

/// <summary>What the services on one address and port have in common.</summary>
internal enum PortClass
{
    Http,
    Tcp,

    /// <summary>Detected per connection: chains of both kinds.</summary>
    Auto,
}

/// <summary>
/// The chains of one outbound address and port while services are added, oldest first. Of two chains with the same match the older
/// stays (Istio: outbound listener conflicts).
/// </summary>
internal sealed class OutboundListenerEntry(string bind, int port)
{
    private readonly List<FilterChain> chains = [];
    private PortClass? kind;

    public string Bind => bind;

    public int Port => port;

    public IReadOnlyList<FilterChain> Chains => chains;

    public void Add(PortClass added, IEnumerable<FilterChain> addedChains)
    {
        switch (kind, added)
        {
            case (PortClass.Http or PortClass.Auto, PortClass.Http):
                return;
            case (PortClass.Http, PortClass.Auto):
                chains.Clear();
                break;
        }
        foreach (var chain in addedChains)
            if (!chains.Exists(existing => SameMatch(existing.FilterChainMatch, chain.FilterChainMatch))) chains.Add(chain);
        kind = kind is null || kind == added ? added : PortClass.Auto;
    }

    private static bool SameMatch(FilterChainMatch? a, FilterChainMatch? b)
    {
        (a, b) = (a ?? new FilterChainMatch(), b ?? new FilterChainMatch());
        return a.TransportProtocol == b.TransportProtocol
            && a.ApplicationProtocols.SequenceEqual(b.ApplicationProtocols)
            && a.ServerNames.ToHashSet().SetEquals(b.ServerNames)
            && a.PrefixRanges.ToHashSet().SetEquals(b.PrefixRanges);
    }
}
