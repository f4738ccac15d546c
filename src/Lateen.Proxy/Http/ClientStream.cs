using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http;

/// <summary>
/// One exchange as the client side of a codec offers it: a request to write and a response to read, both at the same time if
/// need be. Objects may be reused by their connection after <see cref="Release"/>.
/// </summary>
public abstract class ClientStream
{
    /// <summary>The connection that carries it.</summary>
    public abstract Transport Transport { get; }

    /// <summary>Trailers of the response, after the last chunk was read; null when there are none.</summary>
    public abstract HeaderMap? ResponseTrailers { get; }

    /// <summary>Sends the request's head; without <paramref name="end"/> the bytes may wait for the first chunk of the body.</summary>
    public abstract ValueTask WriteHeadAsync(RequestHead head, bool end);

    /// <summary>Sends body bytes; completes when more can be taken (back-pressure).</summary>
    public abstract ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool end);

    /// <summary>Ends the request with trailers.</summary>
    public abstract ValueTask WriteTrailersAsync(HeaderMap trailers);

    /// <summary>The next head: any number of informational ones (1xx), then the final one. Lent until <see cref="Release"/>.</summary>
    /// <exception cref="StreamResetException">The stream ended first; the reason tells how.</exception>
    public abstract ValueTask<ResponseHead> ReadHeadAsync();

    /// <summary>True, after the final head, when the response has no body and no trailers.</summary>
    public abstract bool ResponseHasNoBody { get; }

    /// <summary>The next piece of the response's body.</summary>
    /// <exception cref="StreamResetException">The stream ended first.</exception>
    public abstract ValueTask<BodyChunk> ReadBodyAsync();

    /// <summary>Gives up the exchange; pending operations fail with this reason. Idempotent.</summary>
    public abstract void Reset(StreamResetReason reason);

    /// <summary>The exchange is over, complete or reset; the connection goes back to its pool if it can carry another.</summary>
    public abstract void Release();
}
