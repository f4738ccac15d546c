using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http;

/// <summary>
/// One exchange as the server side of a codec offers it: a request to read and a response to write. Reading and writing may go on at
/// the same time. Objects are reused by their connection: nobody keeps one after its handler completed.
/// </summary>
public abstract class ServerStream
{
    /// <summary>The connection that carries it.</summary>
    public abstract Transport Transport { get; }

    /// <summary>The request's head.</summary>
    public abstract RequestHead Request { get; }

    /// <summary>True when the request has no body and no trailers.</summary>
    public abstract bool RequestHasNoBody { get; }

    /// <summary>Trailers, after the last chunk was read; null when there are none.</summary>
    public abstract HeaderMap? RequestTrailers { get; }

    /// <summary>Called on the loop when the client resets the stream or its connection ends before the exchange completed.</summary>
    public Action<object?, StreamResetReason>? ResetCallback { get; set; }

    /// <summary>The first argument of <see cref="ResetCallback"/>.</summary>
    public object? ResetState { get; set; }

    /// <summary>The next piece of the request's body. The first call answers <c>expect: 100-continue</c> if the codec is to do so.</summary>
    /// <exception cref="StreamResetException">The client reset the stream, or the body is malformed.</exception>
    public abstract ValueTask<BodyChunk> ReadBodyAsync();

    /// <summary>Sends an informational (1xx) head at once.</summary>
    public abstract ValueTask WriteInformationalAsync(ResponseHead head);

    /// <summary>
    /// Begins the response. The bytes may wait for the first chunk of the body, so that a small response is one write;
    /// with <paramref name="end"/> they are sent.
    /// </summary>
    public abstract ValueTask WriteHeadAsync(ResponseHead head, bool end);

    /// <summary>Sends body bytes; completes when more can be taken (back-pressure).</summary>
    public abstract ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool end);

    /// <summary>Ends the response with trailers.</summary>
    public abstract ValueTask WriteTrailersAsync(HeaderMap trailers);

    /// <summary>Gives up the exchange: closes the connection (HTTP/1.1) or resets the stream (HTTP/2).</summary>
    public abstract void Reset(StreamResetReason reason);

    /// <summary>After this exchange the connection takes no further one (<c>connection: close</c>, or GOAWAY).</summary>
    public abstract void CloseAfter();
}

/// <summary>Takes the exchanges of a server connection; HTTP/1.1 waits for one before it reads the next.</summary>
public interface IServerStreamHandler
{
    /// <summary>Completes when the response was written, or the stream reset. Does not throw.</summary>
    ValueTask HandleAsync(ServerStream stream);

    /// <summary>
    /// A request that the codec refused (malformed, or over a limit): its head may be incomplete, it is not to be routed, and
    /// <paramref name="reply"/> is the answer. The connection closes afterwards. Does not throw.
    /// </summary>
    async ValueTask RejectAsync(ServerStream stream, LocalReply reply)
    {
        var head = new ResponseHead { Status = reply.Status };
        head.Headers.Set(HeaderNames.ContentLength, reply.BodyBytes.Length);
        head.Headers.Set(HeaderNames.ContentType, "text/plain");
        try
        {
            await stream.WriteHeadAsync(head, end: false);
            await stream.WriteBodyAsync(reply.BodyBytes, end: true);
        }
        catch (StreamResetException)
        {
            stream.Reset(StreamResetReason.ConnectionTermination);
        }
    }
}
