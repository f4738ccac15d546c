using System.Runtime.InteropServices;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>
/// Takes the framing out of a chunked body, in place. Stops after the last chunk's line; what follows (trailers, empty line) are header
/// lines. Strict: CRLF only, hexadecimal size without sign or space, extensions read and dropped.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct ChunkDecoder
{
    private const int MostExtensionBytes = 4096;
    private const int MostSizeDigits = 15;

    private State _state;
    private long _left;
    private int _digits;
    private int _extension;

    private enum State : byte
    {
        Size,
        Extension,
        SizeLineFeed,
        Data,
        DataReturn,
        DataLineFeed,
        Done,
    }

    /// <summary>True after the last chunk's line.</summary>
    public readonly bool Done => _state == State.Done;

    /// <summary>
    /// Reads on. The payload is gathered in one run, beginning where the first of it lay.
    /// </summary>
    /// <param name="input">Received bytes; changed in place.</param>
    /// <param name="consumed">How many were used up.</param>
    /// <param name="dataStart">Where in <paramref name="input"/> the payload begins.</param>
    /// <param name="dataLength">Its length.</param>
    /// <returns>False when the framing is broken.</returns>
    public bool Decode(Span<byte> input, out int consumed, out int dataStart, out int dataLength)
    {
        consumed = dataStart = dataLength = 0;
        while (consumed < input.Length && _state != State.Done)
        {
            if (_state == State.Data)
            {
                var length = (int)Math.Min(_left, input.Length - consumed);
                if (dataLength == 0)
                {
                    dataStart = consumed;
                }
                else
                {
                    input.Slice(consumed, length).CopyTo(input[(dataStart + dataLength)..]);
                }

                dataLength += length;
                consumed += length;
                _left -= length;
                _state = _left == 0 ? State.DataReturn : State.Data;
            }
            else if (!Step(input[consumed++]))
            {
                return false;
            }
        }

        return true;
    }

    private bool Step(byte value)
    {
        switch (_state)
        {
            case State.Size:
                return OnSize(value);
            case State.Extension:
                _state = value == '\r' ? State.SizeLineFeed : State.Extension;
                return (value is (byte)'\r' or (byte)'\t' or (>= 32 and not 127)) && ++_extension <= MostExtensionBytes;
            case State.SizeLineFeed:
                _state = _left == 0 ? State.Done : State.Data;
                return value == '\n';
            case State.DataReturn:
                _state = State.DataLineFeed;
                return value == '\r';
            default:
                _state = State.Size;
                _digits = 0;
                return value == '\n';
        }
    }

    private bool OnSize(byte value)
    {
        if (char.IsAsciiHexDigit((char)value))
        {
            var digit = value <= '9' ? value - '0' : (value | 0x20) - 'a' + 10;
            _left = (_left << 4) + digit;
            return ++_digits <= MostSizeDigits;
        }

        _state = value == '\r' ? State.SizeLineFeed : State.Extension;
        return _digits > 0 && (value is (byte)'\r' or (byte)';');
    }
}
