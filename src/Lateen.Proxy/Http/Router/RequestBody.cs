using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.Router;

/// <summary>
/// The part of a request's body that is kept to be sent again, in segments that never move while they are sent. Reused from request
/// to request; holds memory only while it has bytes.
/// </summary>
internal sealed class RequestBody(BufferPool buffers)
{
    private readonly List<byte[]> _segments = [];

    /// <summary>Bytes kept so far.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes kept from <paramref name="start"/> to the end of their segment.</summary>
    public ReadOnlyMemory<byte> From(int start)
    {
        var offset = start % BufferPool.BufferLength;
        return _segments[start / BufferPool.BufferLength].AsMemory(offset, Math.Min(BufferPool.BufferLength - offset, Length - start));
    }

    /// <summary>Keeps a piece; false when that would exceed the limit.</summary>
    public bool TryAppend(ReadOnlySpan<byte> data, long limit)
    {
        if (Length + data.Length > limit)
        {
            return false;
        }

        while (!data.IsEmpty)
        {
            var offset = Length % BufferPool.BufferLength;
            if (offset == 0)
            {
                _segments.Add(buffers.Rent());
            }

            var part = data[..Math.Min(data.Length, BufferPool.BufferLength - offset)];
            part.CopyTo(_segments[^1].AsSpan(offset));
            Length += part.Length;
            data = data[part.Length..];
        }

        return true;
    }

    /// <summary>Ready for the next request. Nothing of the body may be in use.</summary>
    public void Clear()
    {
        foreach (var segment in _segments)
        {
            buffers.Return(segment);
        }

        _segments.Clear();
        Length = 0;
    }
}
