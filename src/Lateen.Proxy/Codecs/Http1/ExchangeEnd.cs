using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Codecs.Http1;

/// <summary>How the current exchange of a connection came to an early end, for the errors of its pending operations.</summary>
internal sealed class ExchangeEnd
{
    /// <summary>The reason given by our own reset; null while there was none.</summary>
    public StreamResetReason? ResetReason { get; set; }

    /// <summary>The error of an operation that the connection's end cut short.</summary>
    public StreamResetException Ended(TransportException? cause) =>
        new(ResetReason ?? StreamResetReason.ConnectionTermination, cause?.Message ?? "", cause);

    /// <summary>The error of an operation on a message that breaks the protocol.</summary>
    public StreamResetException Broken(string details) => new(ResetReason ?? StreamResetReason.ProtocolError, details);
}
