using System.Buffers.Binary;
using System.Text;

namespace Lateen.Proxy.Listeners.Inspection;

/// <summary>What the first message of a TLS client says (RFC 8446 4.1.2), read before the handshake.</summary>
/// <param name="ServerName">The server name asked for, lower case; null when none.</param>
/// <param name="ApplicationProtocols">The protocols offered, in order.</param>
internal sealed record ClientHello(string? ServerName, IReadOnlyList<string> ApplicationProtocols)
{
    private const int RecordHeader = 5;
    private const int MostRecordBytes = 16 * 1024 + 256;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const int ServerNameExtension = 0;
    private const int ProtocolsExtension = 16;

    /// <summary>How reading went.</summary>
    public enum Result
    {
        /// <summary>More bytes are needed.</summary>
        NeedMore,

        /// <summary>These bytes do not begin a TLS session.</summary>
        NotTls,

        /// <summary>A client hello was read.</summary>
        Found,
    }

    /// <summary>Reads a client hello, which may be spread over several records.</summary>
    public static Result TryRead(ReadOnlySpan<byte> received, out ClientHello? hello)
    {
        hello = null;
        var message = new byte[received.Length];
        var length = 0;
        while (true)
        {
            if (!IsHandshakeRecord(received))
            {
                return Result.NotTls;
            }

            if (received.Length < RecordHeader)
            {
                return Result.NeedMore;
            }

            var recordLength = BinaryPrimitives.ReadUInt16BigEndian(received[3..]);
            var part = received[RecordHeader..];
            if (recordLength is 0 or > MostRecordBytes)
            {
                return Result.NotTls;
            }

            part = part[..Math.Min(part.Length, recordLength)];
            part.CopyTo(message.AsSpan(length));
            length += part.Length;
            switch (ReadMessage(message.AsSpan(0, length), out hello))
            {
                case Result.NeedMore when received.Length >= RecordHeader + recordLength:
                    received = received[(RecordHeader + recordLength)..];
                    if (received.IsEmpty)
                    {
                        return Result.NeedMore;
                    }

                    break;
                case var result:
                    return result;
            }
        }
    }

    // As far as bytes are there, they have to be those of a handshake record: type 22, version 3.x.
    private static bool IsHandshakeRecord(ReadOnlySpan<byte> received) =>
        (received.Length < 1 || received[0] == HandshakeRecord) && (received.Length < 2 || received[1] == 3);

    private static Result ReadMessage(ReadOnlySpan<byte> message, out ClientHello? hello)
    {
        hello = null;
        if (message.Length > 0 && message[0] != ClientHelloMessage)
        {
            return Result.NotTls;
        }

        if (message.Length < 4)
        {
            return Result.NeedMore;
        }

        var length = (message[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if (message.Length - 4 < length)
        {
            return Result.NeedMore;
        }

        hello = ReadBody(message.Slice(4, length));
        return hello is null ? Result.NotTls : Result.Found;
    }

    private static ClientHello? ReadBody(ReadOnlySpan<byte> body)
    {
        const int versionAndRandom = 2 + 32;
        var reader = new Reader(body);
        if (!reader.Skip(versionAndRandom) || !reader.Vector8(out _) || !reader.Vector16(out _) || !reader.Vector8(out _))
        {
            return null;
        }

        string? serverName = null;
        List<string> protocols = [];
        if (reader.IsEmpty)
        {
            return new ClientHello(serverName, protocols);
        }

        if (!reader.Vector16(out var extensionBytes))
        {
            return null;
        }

        var extensions = new Reader(extensionBytes);
        while (!extensions.IsEmpty)
        {
            if (!extensions.Number16(out var type) || !extensions.Vector16(out var data))
            {
                return null;
            }

            if (type == ServerNameExtension && !ReadServerName(data, ref serverName))
            {
                return null;
            }

            if (type == ProtocolsExtension && !ReadProtocols(data, protocols))
            {
                return null;
            }
        }

        return new ClientHello(serverName, protocols);
    }

    private static bool ReadServerName(ReadOnlySpan<byte> data, ref string? serverName)
    {
        var reader = new Reader(data);
        if (!reader.Vector16(out var list))
        {
            return false;
        }

        var names = new Reader(list);
        while (!names.IsEmpty)
        {
            if (!names.Number8(out var type) || !names.Vector16(out var name))
            {
                return false;
            }

            if (type == 0 && !name.IsEmpty)
            {
                serverName = Encoding.ASCII.GetString(name).ToLowerInvariant();
            }
        }

        return true;
    }

    private static bool ReadProtocols(ReadOnlySpan<byte> data, List<string> protocols)
    {
        var reader = new Reader(data);
        if (!reader.Vector16(out var list))
        {
            return false;
        }

        var names = new Reader(list);
        while (!names.IsEmpty)
        {
            if (!names.Vector8(out var name))
            {
                return false;
            }

            protocols.Add(Encoding.ASCII.GetString(name));
        }

        return true;
    }

    private ref struct Reader(ReadOnlySpan<byte> data)
    {
        private ReadOnlySpan<byte> _rest = data;

        public readonly bool IsEmpty => _rest.IsEmpty;

        public bool Skip(int count) => Take(count, out _);

        public bool Number8(out int value)
        {
            var taken = Take(1, out var bytes);
            value = taken ? bytes[0] : 0;
            return taken;
        }

        public bool Number16(out int value)
        {
            var taken = Take(2, out var bytes);
            value = taken ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0;
            return taken;
        }

        public bool Vector8(out ReadOnlySpan<byte> content)
        {
            content = default;
            return Number8(out var length) && Take(length, out content);
        }

        public bool Vector16(out ReadOnlySpan<byte> content)
        {
            content = default;
            return Number16(out var length) && Take(length, out content);
        }

        private bool Take(int count, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if (_rest.Length < count)
            {
                return false;
            }

            taken = _rest[..count];
            _rest = _rest[count..];
            return true;
        }
    }
}
