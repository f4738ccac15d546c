using System.Text;

namespace Lateen.Proxy.Admin;

/// <summary>Reads request heads and skips bodies on a connection to the admin server.</summary>
internal sealed class HeadReader(Stream stream)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>The lines of the next head; null at the end of the connection, or when the head is too long.</summary>
    public async ValueTask<string[]?> ReadAsync(int maximum, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (length >= 0)
            {
                var head = Encoding.Latin1.GetString(_buffer, _start, length);
                _start += length + 4;
                return head.Split("\r\n");
            }

            if (_end - _start >= maximum || !await FillAsync(cancellationToken))
                return null;
        }
    }

    /// <summary>Reads a body away.</summary>
    public async ValueTask SkipBodyAsync(long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
                return;
            var taken = (int)Math.Min(length, _end - _start);
            _start += taken;
            length -= taken;
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }
}
