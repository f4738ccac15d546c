using System.Runtime.CompilerServices;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>The received and not yet used bytes of a connection, in a buffer that is rented only while there are some.</summary>
internal sealed class Http1Input(Transport transport)
{
    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>Unused bytes. The span may be changed in place.</summary>
    public Span<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Number of unused bytes.</summary>
    public int Length => _end - _start;

    /// <summary>Takes bytes from the front, lent until the next <see cref="FillAsync"/> or <see cref="ReleaseIfEmpty"/>.</summary>
    public ReadOnlyMemory<byte> Take(int count)
    {
        var taken = _buffer.AsMemory(_start, count);
        _start += count;
        return taken;
    }

    /// <summary>Drops bytes from the front.</summary>
    public void Skip(int count) => _start += count;

    /// <summary>Receives more; the number of bytes, 0 at the end of the stream.</summary>
    /// <exception cref="TransportException">The connection broke or was closed.</exception>
    public ValueTask<int> FillAsync()
    {
        MakeRoom();
        var receive = transport.ReceiveAsync(_buffer.AsMemory(_end));
        if (!receive.IsCompletedSuccessfully)
        {
            return FinishFillAsync(receive);
        }

        var count = receive.Result;
        _end += count;
        return new(count);
    }

    /// <summary>Gives the buffer back when nothing is in it.</summary>
    public void ReleaseIfEmpty()
    {
        if (_start == _end)
        {
            Release();
        }
    }

    /// <summary>Drops everything and gives the buffer back. No receive may be pending.</summary>
    public void Release()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            _start = _end = 0;
            transport.Loop.Buffers.Return(buffer);
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private async ValueTask<int> FinishFillAsync(ValueTask<int> receive)
    {
        var count = await receive;
        _end += count;
        return count;
    }

    private void MakeRoom()
    {
        _buffer ??= transport.Loop.Buffers.Rent();
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        var target = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
        var length = Length;
        Unread.CopyTo(target);
        if (target != _buffer)
        {
            transport.Loop.Buffers.Return(_buffer);
            _buffer = target;
        }

        _start = 0;
        _end = length;
    }
}
