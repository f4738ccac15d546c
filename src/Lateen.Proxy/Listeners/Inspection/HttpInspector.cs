using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Listeners.Inspection;

/// <summary>Finds out whether a plaintext connection speaks HTTP, and which (<c>envoy.filters.listener.http_inspector</c>).</summary>
internal sealed class HttpInspector : ListenerFilter
{
    /// <summary>Name of its configuration message.</summary>
    public static readonly string TypeName = Envoy.Extensions.Filters.Listener.HttpInspector.V3.HttpInspector.Descriptor.FullName;

    private static readonly string[] Http10 = ["http/1.0"];
    private static readonly string[] Http11 = ["http/1.1"];
    private static readonly string[] Http2 = ["h2c"];

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public override InspectStatus Inspect(ConnectionFacts facts, SocketTransport transport, ReadOnlySpan<byte> received)
    {
        if (facts.TransportProtocol is not ("" or "raw_buffer"))
        {
            return InspectStatus.Done;
        }

        if (received.IsEmpty || (received.Length < Preface.Length && Preface.StartsWith(received)))
        {
            return InspectStatus.NeedMore;
        }

        if (received.StartsWith(Preface))
        {
            facts.ApplicationProtocols = Http2;
            return InspectStatus.Done;
        }

        var end = received.IndexOf((byte)'\n');
        if (end < 0)
        {
            return CouldBeRequestLine(received) && received.Length < BufferPool.BufferLength ? InspectStatus.NeedMore : InspectStatus.Done;
        }

        var line = received[..end].TrimEnd((byte)'\r');
        if (CouldBeRequestLine(line))
        {
            facts.ApplicationProtocols = line.EndsWith(" HTTP/1.1"u8) ? Http11 : line.EndsWith(" HTTP/1.0"u8) ? Http10 : null;
        }

        return InspectStatus.Done;
    }

    // A method of letters (and the dash of M-SEARCH), then a space.
    private static bool CouldBeRequestLine(ReadOnlySpan<byte> text)
    {
        const int longestMethod = 32;
        var space = text.IndexOf((byte)' ');
        var method = space < 0 ? text : text[..space];
        foreach (var letter in method)
        {
            if (!char.IsAsciiLetter((char)letter) && letter != (byte)'-')
            {
                return false;
            }
        }

        return method.Length is > 0 and <= longestMethod;
    }
}
