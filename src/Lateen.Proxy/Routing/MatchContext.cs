using Lateen.Proxy.Http;

namespace Lateen.Proxy.Routing;

/// <summary>What the matchers of one virtual host look at, taken apart once per request.</summary>
internal readonly ref struct MatchContext
{
    public MatchContext(RequestHead head, in RouteInput input, bool ignorePathParameters)
    {
        (Head, Input) = (head, input);
        var path = head.Path;
        var fragment = path.IndexOf((byte)'#');
        if (fragment >= 0)
            path = path[..fragment];
        var query = path.IndexOf((byte)'?');
        Query = query >= 0 ? path[(query + 1)..] : default;
        Path = query >= 0 ? path[..query] : path;
        if (ignorePathParameters && Path.IndexOf((byte)';') is >= 0 and var parameters)
            Path = Path[..parameters];
    }

    public readonly RequestHead Head;

    public readonly RouteInput Input;

    /// <summary>The path without query and fragment.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>The query without <c>?</c>.</summary>
    public ReadOnlySpan<byte> Query { get; }

    /// <summary>The first value of a query parameter, not percent-decoded; false when it is not there.</summary>
    public bool TryGetQuery(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var range in Query.Split((byte)'&'))
        {
            var pair = Query[range];
            var equals = pair.IndexOf((byte)'=');
            if ((equals < 0 ? pair : pair[..equals]).SequenceEqual(name))
            {
                value = equals < 0 ? default : pair[(equals + 1)..];
                return true;
            }
        }

        value = default;
        return false;
    }
}
