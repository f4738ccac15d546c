using System.Buffers.Binary;

namespace Lateen.Proxy.Http.Filters.GrpcStats;

/// <summary>How many messages a gRPC stream carried in each direction.</summary>
internal sealed class GrpcMessageCounts
{
    public GrpcFrames Request { get; } = new();

    public GrpcFrames Response { get; } = new();
}

/// <summary>Finds the messages in the bytes of one direction: each has a prefix of one byte of flags and four of length.</summary>
internal sealed class GrpcFrames
{
    private const int PrefixLength = 5;
    private readonly byte[] _prefix = new byte[PrefixLength];
    private int _prefixed;
    private long _left;

    /// <summary>Messages begun so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Takes the next bytes, cut anywhere.</summary>
    public void Count(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_left > 0)
            {
                var skipped = (int)Math.Min(_left, data.Length);
                _left -= skipped;
                data = data[skipped..];
                continue;
            }

            var taken = Math.Min(PrefixLength - _prefixed, data.Length);
            data[..taken].CopyTo(_prefix.AsSpan(_prefixed));
            _prefixed += taken;
            data = data[taken..];
            if (_prefixed == PrefixLength)
            {
                Messages++;
                _prefixed = 0;
                _left = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
            }
        }
    }
}
