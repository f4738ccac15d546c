namespace Bookinfo;

/// <summary>
/// The headers an application hands on from the request it serves to the requests it makes. The sidecars see each call alone;
/// only the application knows which belong together, so this is the one thing a mesh asks of it.
/// </summary>
public static class ForwardedHeaders
{
    private static readonly string[] Names =
    [
        "end-user", "x-request-id", "traceparent", "tracestate", "baggage",
        "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",
    ];

    /// <summary>A GET request for <paramref name="url"/> that carries on the headers of <paramref name="incoming"/>.</summary>
    public static HttpRequestMessage Get(string url, HttpRequest incoming)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var name in Names)
        {
            if (incoming.Headers.TryGetValue(name, out var values))
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return request;
    }
}
