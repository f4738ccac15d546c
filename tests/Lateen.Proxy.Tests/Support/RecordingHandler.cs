using System.Text;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Tests.Support;

/// <summary>Serves every request with what <see cref="Respond"/> does (by default: a short 200), and writes down what it saw.</summary>
public sealed class RecordingHandler : IServerStreamHandler
{
    /// <summary>One line per event.</summary>
    public List<string> Seen { get; } = [];

    public Func<ServerStream, Task> Respond { get; set; } = RespondOkAsync;

    public static async Task RespondOkAsync(ServerStream stream)
    {
        var head = new ResponseHead { Status = 200 };
        head.Headers.Set(HeaderNames.ContentLength, 2);
        await stream.WriteHeadAsync(head, end: false);
        await stream.WriteBodyAsync("ok"u8.ToArray(), end: true);
    }

    public static string Describe(HeaderMap headers) => string.Join(
        "; ",
        Enumerable.Range(0, headers.Count)
            .Select(i => $"{Encoding.Latin1.GetString(headers.NameAt(i))}={Encoding.Latin1.GetString(headers.ValueAt(i))}"));

    public static async Task<string> ReadAllAsync(ServerStream stream)
    {
        var text = new StringBuilder();
        BodyChunk chunk;
        do
        {
            chunk = await stream.ReadBodyAsync();
            text.Append(Encoding.Latin1.GetString(chunk.Data.Span));
        }
        while (!chunk.End);
        return text.ToString();
    }

    public async ValueTask HandleAsync(ServerStream stream)
    {
        Seen.Add(Describe(stream.Request.Headers));
        stream.ResetCallback = (_, reason) => Seen.Add($"reset {reason}");
        try
        {
            if (!stream.RequestHasNoBody)
            {
                var body = await ReadAllAsync(stream);
                Seen.Add($"body {body}" + (stream.RequestTrailers is { } trailers ? $" trailers {Describe(trailers)}" : ""));
            }

            await Respond(stream);
        }
        catch (StreamResetException e)
        {
            Seen.Add($"failed {e.Reason} {e.Details}".TrimEnd());
            stream.Reset(e.Reason);
        }
    }

    public async ValueTask RejectAsync(ServerStream stream, LocalReply reply)
    {
        Seen.Add($"rejected {reply.Status} {reply.Details}");
        var head = new ResponseHead { Status = reply.Status };
        await stream.WriteHeadAsync(head, end: true);
    }
}
