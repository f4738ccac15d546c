using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lateen.Proxy.AccessLog;

/// <summary>A growing buffer of UTF-8 text that can be cut back; one per thread, so that formatting allocates nothing.</summary>
internal sealed class FormatBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets everything after <paramref name="length"/>.</summary>
    public void CutTo(int length) => Length = Math.Min(Length, length);

    /// <summary>Keeps at most <paramref name="maximum"/> bytes of what was written since <paramref name="start"/>, and no half character.</summary>
    public void Truncate(int start, int maximum)
    {
        if (Length - start <= maximum)
            return;
        var end = start + maximum;
        while (end > start && (_bytes[end] & 0xC0) == 0x80)
            end--;
        Length = end;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(string text) => Length += Encoding.UTF8.GetBytes(text, GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));

    public void Append(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void Append(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(20), out var written);
        Length += written;
    }

    /// <summary>A number with leading zeros.</summary>
    public void AppendPadded(long value, int digits)
    {
        Utf8Formatter.TryFormat(value, GetSpan(20), out var written, new StandardFormat('D', (byte)digits));
        Length += written;
    }

    /// <summary>An address as Envoy prints it: <c>1.2.3.4:80</c>, <c>[::1]:80</c>, or a socket's path.</summary>
    public void Append(EndPoint address, bool withPort = true)
    {
        switch (address)
        {
            case IPEndPoint ip:
                AppendIp(ip, withPort);
                break;
            case DnsEndPoint dns:
                Append(dns.Host);
                if (withPort)
                    AppendPort(dns.Port);
                break;
            default:
                Append(address.ToString() ?? "");
                break;
        }
    }

    private void AppendIp(IPEndPoint ip, bool withPort)
    {
        var brackets = withPort && ip.AddressFamily == AddressFamily.InterNetworkV6;
        if (brackets)
            Append((byte)'[');
        ip.Address.TryFormat(GetSpan(64), out var written);
        Length += written;
        if (brackets)
            Append((byte)']');
        if (withPort)
            AppendPort(ip.Port);
    }

    private void AppendPort(int port)
    {
        Append((byte)':');
        Append(port);
    }

    private void Ensure(int more)
    {
        more = Math.Max(more, 1);
        if (Length + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + more));
    }
}
