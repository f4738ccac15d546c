namespace Lateen.Proxy.Http;

/// <summary>Why a stream ended before its message was complete (Envoy: stream reset reasons).</summary>
public enum StreamResetReason
{
    /// <summary>The connection could not be made.</summary>
    ConnectFailure,

    /// <summary>The connection was not made in time.</summary>
    ConnectTimeout,

    /// <summary>The connection ended below the stream.</summary>
    ConnectionTermination,

    /// <summary>We gave up the stream.</summary>
    LocalReset,

    /// <summary>We gave it up before the peer can have begun it: safe to retry.</summary>
    LocalRefusedStream,

    /// <summary>The peer gave up the stream.</summary>
    RemoteReset,

    /// <summary>The peer refused the stream before it began: safe to retry.</summary>
    RemoteRefusedStream,

    /// <summary>A circuit breaker or limit was full.</summary>
    Overflow,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError,

    /// <summary>A timeout of ours ran out.</summary>
    Timeout,
}

/// <summary>A pending operation of a stream failed because the stream was reset.</summary>
public sealed class StreamResetException(StreamResetReason reason, string details = "", Exception? inner = null)
    : IOException(details.Length > 0 ? details : reason.ToString(), inner)
{
    /// <summary>Why.</summary>
    public StreamResetReason Reason { get; } = reason;

    /// <summary>More, e.g. the transport failure text of an access log.</summary>
    public string Details { get; } = details;
}
