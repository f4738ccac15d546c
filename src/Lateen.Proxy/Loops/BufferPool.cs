namespace Lateen.Proxy.Loops;

/// <summary>
/// Receive buffers of one loop. A connection rents one when bytes are there and returns it when it goes idle, so that memory grows with
/// what is in flight and not with open connections. Buffers are pinned once, which keeps the kernel's copies free of GC pinning.
/// Use on its own loop only.
/// </summary>
public sealed class BufferPool
{
    /// <summary>Length of every buffer, bytes.</summary>
    public const int BufferLength = 16 * 1024;

    private const int MostKept = 256;
    private readonly Stack<byte[]> _free = new();

    /// <summary>A buffer of <see cref="BufferLength"/> bytes with any content.</summary>
    public byte[] Rent() =>
        _free.TryPop(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);

    /// <summary>Takes a buffer back; nobody may use it afterwards. Buffers of another length are left to the garbage collector.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length == BufferLength && _free.Count < MostKept)
        {
            _free.Push(buffer);
        }
    }
}
