using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using Envoy.Type.V3;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Listeners;

/// <summary>Listener filters: they look at a connection before a chain is chosen.</summary>
internal static class ListenerFilters
{
    /// <summary>Enough for most client hellos; the inspector grows it when needed.</summary>
    private const uint ClientHelloBytes = 512;

    public static ListenerFilter OriginalDestination() =>
        new() { Name = FilterNames.OriginalDestination, TypedConfig = new OriginalDst().Packed() };

    public static ListenerFilter Tls() =>
        new() { Name = FilterNames.TlsInspector, TypedConfig = new TlsInspector { InitialReadBufferSize = ClientHelloBytes }.Packed() };

    public static ListenerFilter Http() => new() { Name = FilterNames.HttpInspector, TypedConfig = new HttpInspector().Packed() };

    /// <summary>The filter, switched off for connections to these ports. No ports: always on.</summary>
    public static ListenerFilter DisabledOn(this ListenerFilter filter, IReadOnlyCollection<int> ports)
    {
        if (ports.Count > 0) filter.FilterDisabled = AnyOf([.. ports.Order().Select(OnPort)]);
        return filter;
    }

    /// <summary>The filter, switched on only for connections to these ports.</summary>
    public static ListenerFilter EnabledOnlyOn(this ListenerFilter filter, IReadOnlyCollection<int> ports)
    {
        filter.FilterDisabled = new ListenerFilterChainMatchPredicate { NotMatch = AnyOf([.. ports.Order().Select(OnPort)]) };
        return filter;
    }

    private static ListenerFilterChainMatchPredicate AnyOf(ListenerFilterChainMatchPredicate[] rules) => rules.Length == 1
        ? rules[0]
        : new() { OrMatch = new ListenerFilterChainMatchPredicate.Types.MatchSet { Rules = { rules } } };

    private static ListenerFilterChainMatchPredicate OnPort(int port) =>
        new() { DestinationPortRange = new Int32Range { Start = port, End = port + 1 } };
}
