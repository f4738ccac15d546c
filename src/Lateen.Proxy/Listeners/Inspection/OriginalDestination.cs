using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Listeners.Inspection;

/// <summary>
/// Makes the destination before the kernel's redirection the connection's local address (<c>envoy.filters.listener.original_dst</c>).
/// With TPROXY the local address is the destination already and is only marked.
/// </summary>
internal sealed class OriginalDestination(bool transparent) : ListenerFilter
{
    /// <summary>Name of its configuration message.</summary>
    public static readonly string TypeName = Envoy.Extensions.Filters.Listener.OriginalDst.V3.OriginalDst.Descriptor.FullName;

    public override InspectStatus Inspect(ConnectionFacts facts, SocketTransport transport, ReadOnlySpan<byte> received)
    {
        if (transparent)
        {
            facts.Info.LocalAddressRestored = true;
        }
        else if (transport.OriginalDestination() is { } destination)
        {
            facts.Info.LocalAddress = destination;
            facts.Info.LocalAddressRestored = true;
        }

        return InspectStatus.Done;
    }
}
