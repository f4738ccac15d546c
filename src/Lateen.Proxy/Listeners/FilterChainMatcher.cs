using System.Net;
using Envoy.Config.Listener.V3;
using Google.Protobuf.Collections;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Listeners.Inspection;
using Lateen.Proxy.Matching;
using BySourceType = Lateen.Proxy.Listeners.SourceLevel<Lateen.Proxy.Listeners.PrefixLevel<Lateen.Proxy.Listeners.ExactLevel<int, Lateen.Proxy.Listeners.MatchLeaf>>>;

namespace Lateen.Proxy.Listeners;

/// <summary>
/// Chooses the filter chain of a connection (Envoy: filter chain matching). Each criterion narrows the choice to its most specific
/// entry, in a fixed order and without going back: a connection that fails a later criterion matches nothing.
/// </summary>
internal sealed class FilterChainMatcher
{
    private readonly ExactLevel<int, PrefixLevel<NameLevel<ProtocolLevel<ProtocolLevel<PrefixLevel<BySourceType>>>>>> _ports = new();

    /// <summary>Enters the chains, each for the cross product of its lists.</summary>
    /// <exception cref="ConfigurationException">Two chains match the same, or a criterion is not supported.</exception>
    public FilterChainMatcher(IReadOnlyList<FilterChain> chains, string listenerName)
    {
        for (var i = 0; i < chains.Count; i++)
        {
            try
            {
                Add(chains[i], listenerName);
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"filter_chains[{i}].filter_chain_match");
            }
        }
    }

    /// <summary>The chain; null when none matches.</summary>
    public FilterChain? Find(ConnectionFacts facts)
    {
        var info = facts.Info;
        return _ports.Find((info.LocalAddress as IPEndPoint)?.Port)
            ?.Find(info.LocalAddress)
            ?.Find(info.ServerName)
            ?.Find(facts.TransportProtocol)
            ?.Find(facts.ApplicationProtocols)
            ?.Find(info.DirectRemoteAddress)
            ?.Find(info.LocalAddress, info.RemoteAddress)
            ?.Find(info.RemoteAddress)
            ?.Find((info.RemoteAddress as IPEndPoint)?.Port)
            ?.Chain;
    }

    private void Add(FilterChain chain, string listenerName)
    {
        var match = chain.Configuration.FilterChainMatch ?? new FilterChainMatch();
        if (match.AddressSuffix.Length > 0 || match.SuffixLen is not null)
        {
            throw new ConfigurationException("address_suffix", "contains unimplemented fields");
        }

        foreach (var destination in Ranges(match.PrefixRanges, "prefix_ranges"))
        {
            foreach (var name in Each(match.ServerNames.Select(CheckName)))
            {
                var transports = _ports.Add((int?)match.DestinationPort).Add(destination).Add(name);
                var protocols = transports.Add(match.TransportProtocol.Length > 0 ? match.TransportProtocol : null);
                foreach (var protocol in Each(match.ApplicationProtocols))
                {
                    AddSources(protocols.Add(protocol), match, chain, listenerName);
                }
            }
        }
    }

    private static void AddSources(PrefixLevel<BySourceType> directSources, FilterChainMatch match, FilterChain chain, string listenerName)
    {
        foreach (var direct in Ranges(match.DirectSourcePrefixRanges, "direct_source_prefix_ranges"))
        {
            foreach (var source in Ranges(match.SourcePrefixRanges, "source_prefix_ranges"))
            {
                foreach (var port in match.SourcePorts.Count > 0 ? match.SourcePorts.Select(p => (int?)p) : [null])
                {
                    var leaf = directSources.Add(direct).Add(match.SourceType).Add(source).Add(port);
                    if (leaf.Chain is { } other)
                    {
                        throw new ConfigurationException(
                            "",
                            $"error adding listener '{listenerName}': filter chain '{chain.Name}' has the same matching rules defined as '{other.Name}'");
                    }

                    leaf.Chain = chain;
                }
            }
        }
    }

    private static IEnumerable<CidrRange?> Ranges(RepeatedField<Envoy.Config.Core.V3.CidrRange> ranges, string path) =>
        ranges.Count > 0 ? ranges.Select((r, i) => (CidrRange?)CidrRange.Compile(r, $"{path}[{i}]")).Distinct() : [null];

    private static List<string?> Each(IEnumerable<string> values)
    {
        List<string?> distinct = [.. values.Distinct()];
        return distinct.Count > 0 ? distinct : [null];
    }

    private static string CheckName(string name)
    {
        var star = name.LastIndexOf('*');
        return star < 0 || (star == 0 && name.StartsWith("*.", StringComparison.Ordinal) && name.Length > 2)
            ? name.ToLowerInvariant()
            : throw new ConfigurationException("server_names", $"partial wildcards are not supported in server_names: '{name}'");
    }
}
