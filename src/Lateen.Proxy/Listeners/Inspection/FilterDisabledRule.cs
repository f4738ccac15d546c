using System.Net;
using Envoy.Config.Listener.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Listeners.Inspection;

/// <summary>A compiled ListenerFilterChainMatchPredicate.</summary>
internal sealed class FilterDisabledRule
{
    private readonly Func<ConnectionInfo, bool> _matches;

    private FilterDisabledRule(Func<ConnectionInfo, bool> matches) => _matches = matches;

    /// <summary>True when the filter is skipped for the connection, whose destination was restored already.</summary>
    public bool Matches(ConnectionInfo info) => _matches(info);

    /// <summary>Compiles a predicate; null stays null.</summary>
    /// <exception cref="ConfigurationException">A predicate of no known kind.</exception>
    public static FilterDisabledRule? Compile(ListenerFilterChainMatchPredicate? predicate)
    {
        switch (predicate?.RuleCase)
        {
            case null:
                return null;
            case ListenerFilterChainMatchPredicate.RuleOneofCase.AnyMatch:
                return new FilterDisabledRule(_ => true);
            case ListenerFilterChainMatchPredicate.RuleOneofCase.NotMatch:
                var not = Compile(predicate.NotMatch)!;
                return new FilterDisabledRule(info => !not.Matches(info));
            case ListenerFilterChainMatchPredicate.RuleOneofCase.OrMatch:
                var any = predicate.OrMatch.Rules.Select(r => Compile(r)!).ToArray();
                return new FilterDisabledRule(info => Array.Exists(any, r => r.Matches(info)));
            case ListenerFilterChainMatchPredicate.RuleOneofCase.AndMatch:
                var all = predicate.AndMatch.Rules.Select(r => Compile(r)!).ToArray();
                return new FilterDisabledRule(info => Array.TrueForAll(all, r => r.Matches(info)));
            case ListenerFilterChainMatchPredicate.RuleOneofCase.DestinationPortRange:
                var range = predicate.DestinationPortRange;
                return new FilterDisabledRule(info => info.LocalAddress is IPEndPoint ip && ip.Port >= range.Start && ip.Port < range.End);
            default:
                throw new ConfigurationException("filter_disabled", "expected a rule");
        }
    }
}
