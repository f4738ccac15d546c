using System.Buffers;
using System.Buffers.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Lateen.Proxy.Http.Filters.PeerMetadata;

/// <summary>Peers by the bytes of their headers, so that the same peer is decoded once. Belongs to one loop.</summary>
internal sealed class PeerCache
{
    private const int Slots = 512;
    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>The peer of a header value; null when it is malformed. Allocates nothing for a peer seen before.</summary>
    public PeerInfo? Get(ReadOnlySpan<byte> value)
    {
        var hash = default(HashCode);
        hash.AddBytes(value);
        ref var slot = ref _entries[(uint)hash.ToHashCode() % Slots];
        if (slot is null || !value.SequenceEqual(slot.Value))
        {
            slot = new Entry(value.ToArray(), Decode(value));
        }

        return slot.Peer;
    }

    private static PeerInfo? Decode(ReadOnlySpan<byte> value)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(value.Length)];
        if (Base64.DecodeFromUtf8(value, bytes, out _, out var length) != OperationStatus.Done)
        {
            return null;
        }

        try
        {
            return PeerInfo.From(Struct.Parser.ParseFrom(bytes, 0, length));
        }
        catch (InvalidProtocolBufferException)
        {
            // A peer that sends garbage is an unknown peer.
            return null;
        }
    }

    private sealed record Entry(byte[] Value, PeerInfo? Peer);
}
