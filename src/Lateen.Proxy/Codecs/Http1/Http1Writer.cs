using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>
/// Writes one message after another. A head waits for the first bytes of its body so that a small message is one send, but no longer
/// than to the end of the loop's turn.
/// </summary>
internal sealed class Http1Writer(Transport transport, ExchangeEnd exchangeEnd)
{
    // Room around a chunk: its size line, its end, and the last chunk.
    private const int ChunkOverhead = 16;

    private readonly LoopOperation _flushed = new();
    private byte[]? _buffer;
    private int _used;
    private BodyFraming _framing;
    private long _left;
    private bool _headWaits;
    private bool _flushPosted;
    private bool _flushing;
    private Exception? _flushError;

    private enum BodyFraming
    {
        None,
        Length,
        Chunked,
        UntilClose,
    }

    /// <summary>True when the message was written to its end.</summary>
    public bool Done { get; private set; } = true;

    /// <summary>True when a head was written since <see cref="Begin"/>.</summary>
    public bool HeadWritten { get; private set; }

    /// <summary>Makes ready for the next message.</summary>
    public void Begin()
    {
        Done = HeadWritten = false;
        _framing = BodyFraming.None;
    }

    /// <summary>Appends raw bytes of a head.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _used += bytes.Length;
    }

    /// <summary>Appends a header line.</summary>
    public void AppendField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var room = Reserve(name.Length + value.Length + 4);
        name.CopyTo(room);
        ": "u8.CopyTo(room[name.Length..]);
        value.CopyTo(room[(name.Length + 2)..]);
        "\r\n"u8.CopyTo(room[(name.Length + 2 + value.Length)..]);
        _used += name.Length + value.Length + 4;
    }

    /// <summary>Appends all header lines but pseudo-headers and those that the codec itself writes.</summary>
    public void AppendFields(HeaderMap headers, bool keepConnection = false)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var name = headers.NameAt(i);
            if (name[0] == (byte)':')
            {
                continue;
            }

            var id = headers.KnownIdAt(i);
            var value = headers.ValueAt(i);

            // What a filter put together may not end the line.
            if ((id < 0 || !IsConnectionField(id, keepConnection)) && value.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0)
            {
                AppendField(name, value);
            }
        }
    }

    /// <summary>Ends a head whose body, if any, has this content-length.</summary>
    public ValueTask EndHeadWithLengthAsync(long length, bool end)
    {
        _framing = BodyFraming.Length;
        _left = length;
        return EndHeadAsync(end);
    }

    /// <summary>Ends a head whose body is chunked; the header line is written here.</summary>
    public ValueTask EndHeadChunkedAsync()
    {
        AppendField(HeaderNames.TransferEncoding.Bytes, "chunked"u8);
        _framing = BodyFraming.Chunked;
        return EndHeadAsync(end: false);
    }

    /// <summary>Ends a head whose body ends with the connection.</summary>
    public ValueTask EndHeadUntilCloseAsync()
    {
        _framing = BodyFraming.UntilClose;
        return EndHeadAsync(end: false);
    }

    /// <summary>Ends a head that never has a body; what is written of one is dropped.</summary>
    public ValueTask EndHeadWithoutBodyAsync(bool end)
    {
        _framing = BodyFraming.None;
        return EndHeadAsync(end);
    }

    /// <summary>Ends an informational head, which is sent at once and begins no message.</summary>
    public ValueTask EndInformationalAsync()
    {
        Append("\r\n"u8);
        return SendBufferAsync();
    }

    /// <summary>Sends body bytes.</summary>
    public ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool end)
    {
        if (_flushing || _flushError is not null)
        {
            return WriteAfterFlushAsync(data, end);
        }

        _headWaits = false;
        switch (_framing)
        {
            case BodyFraming.Chunked:
                return WriteChunkedAsync(data, end);
            case BodyFraming.None:
                data = default;
                break;
            case BodyFraming.Length when data.Length > _left || (end && data.Length < _left):
                throw exchangeEnd.Broken("the body does not have the length that its head says");
            default:
                _left -= data.Length;
                break;
        }

        Done = end;
        return WriteRawAsync(data);
    }

    /// <summary>Ends the message with trailers; without chunks there is no place for them and it just ends.</summary>
    public ValueTask WriteTrailersAsync(HeaderMap trailers)
    {
        if (_framing != BodyFraming.Chunked)
        {
            return WriteBodyAsync(default, end: true);
        }

        if (_flushing || _flushError is not null)
        {
            return WriteTrailersAfterFlushAsync(trailers);
        }

        _headWaits = false;
        Append("0\r\n"u8);
        AppendFields(trailers);
        Append("\r\n"u8);
        Done = true;
        return SendBufferAsync();
    }

    /// <summary>Gives the buffer back; nothing may be pending.</summary>
    public void Release()
    {
        _headWaits = false;
        ReturnBuffer();
    }

    private static bool IsConnectionField(int id, bool keepConnection) =>
        id == HeaderNames.TransferEncoding.Id
        || id == HeaderNames.KeepAlive.Id
        || id == HeaderNames.ProxyConnection.Id
        || (!keepConnection && (id == HeaderNames.Connection.Id || id == HeaderNames.Upgrade.Id));

    private ValueTask EndHeadAsync(bool end)
    {
        Append("\r\n"u8);
        HeadWritten = true;
        Done = end;
        if (end)
        {
            return SendBufferAsync();
        }

        _headWaits = true;
        if (!_flushPosted)
        {
            _flushPosted = true;
            transport.Loop.Post(static self => ((Http1Writer)self!).OnTurnEnd(), this);
        }

        return default;
    }

    private ValueTask WriteRawAsync(ReadOnlyMemory<byte> data)
    {
        if (_used == 0)
        {
            return data.IsEmpty ? default : SendAsync(data);
        }

        var first = Math.Min(_buffer!.Length - _used, data.Length);
        Append(data.Span[..first]);
        return first == data.Length ? SendBufferAsync() : SendBufferAndAsync(data[first..]);
    }

    private ValueTask WriteChunkedAsync(ReadOnlyMemory<byte> data, bool end)
    {
        _buffer ??= transport.Loop.Buffers.Rent();
        if (data.Length > _buffer.Length - _used - ChunkOverhead)
        {
            return WriteLongChunkedAsync(data, end);
        }

        AppendChunk(data.Span, end);
        return _used > 0 ? SendBufferAsync() : default;
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask WriteLongChunkedAsync(ReadOnlyMemory<byte> data, bool end)
    {
        do
        {
            _buffer ??= transport.Loop.Buffers.Rent();
            var count = Math.Min(data.Length, _buffer.Length - _used - ChunkOverhead);
            if (count > 0)
            {
                AppendChunk(data.Span[..count], end && count == data.Length);
            }

            data = data[Math.Max(count, 0)..];
            await SendBufferAsync();
        }
        while (!data.IsEmpty);
    }

    private void AppendChunk(ReadOnlySpan<byte> data, bool end)
    {
        if (!data.IsEmpty)
        {
            Span<byte> size = stackalloc byte[8];
            Utf8Formatter.TryFormat(data.Length, size, out var digits, 'x');
            Append(size[..digits]);
            Append("\r\n"u8);
            Append(data);
            Append("\r\n"u8);
        }

        if (end)
        {
            Append("0\r\n\r\n"u8);
            Done = true;
        }
    }

    private Span<byte> Reserve(int length)
    {
        _buffer ??= transport.Loop.Buffers.Rent();
        if (_buffer.Length - _used < length)
        {
            var larger = new byte[Math.Max(_buffer.Length * 2, _used + length)];
            _buffer.AsSpan(0, _used).CopyTo(larger);
            transport.Loop.Buffers.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_used);
    }

    private ValueTask SendBufferAsync()
    {
        if (_used == 0)
        {
            return default;
        }

        var send = transport.SendAsync(_buffer.AsMemory(0, _used));
        if (!send.IsCompletedSuccessfully)
        {
            return FinishSendBufferAsync(send);
        }

        ReturnBuffer();
        return default;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        var send = transport.SendAsync(data);
        return send.IsCompletedSuccessfully ? default : FinishSendAsync(send);
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask SendBufferAndAsync(ReadOnlyMemory<byte> rest)
    {
        await SendBufferAsync();
        await SendAsync(rest);
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask FinishSendBufferAsync(ValueTask send)
    {
        try
        {
            await send;
        }
        catch (TransportException e)
        {
            throw exchangeEnd.Ended(e);
        }
        finally
        {
            ReturnBuffer();
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask FinishSendAsync(ValueTask send)
    {
        try
        {
            await send;
        }
        catch (TransportException e)
        {
            throw exchangeEnd.Ended(e);
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask WriteAfterFlushAsync(ReadOnlyMemory<byte> data, bool end)
    {
        await WaitFlushedAsync();
        await WriteBodyAsync(data, end);
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask WriteTrailersAfterFlushAsync(HeaderMap trailers)
    {
        await WaitFlushedAsync();
        await WriteTrailersAsync(trailers);
    }

    private async ValueTask WaitFlushedAsync()
    {
        if (_flushing)
        {
            await _flushed.BeginVoid();
        }

        if (_flushError is { } error)
        {
            _flushError = null;
            throw error;
        }
    }

    private void OnTurnEnd()
    {
        _flushPosted = false;
        if (!_headWaits)
        {
            return;
        }

        _headWaits = false;
        var send = SendBufferAsync();
        if (!send.IsCompletedSuccessfully)
        {
            _flushing = true;
            _ = FinishFlushAsync(send);
        }
    }

    private async Task FinishFlushAsync(ValueTask send)
    {
        try
        {
            await send;
        }
        catch (StreamResetException e)
        {
            _flushError = e;
        }

        _flushing = false;
        if (_flushed.IsPending)
        {
            _flushed.Complete(0);
        }
    }

    private void ReturnBuffer()
    {
        _used = 0;
        if (_buffer is { } buffer)
        {
            _buffer = null;
            transport.Loop.Buffers.Return(buffer);
        }
    }
}
