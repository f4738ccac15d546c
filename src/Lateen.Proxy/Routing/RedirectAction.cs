using System.Text;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Routing;

/// <summary>Sends the client elsewhere.</summary>
public sealed record RedirectAction
{
    /// <summary>301 unless given.</summary>
    public int Status { get; init; } = 301;

    internal string? Scheme { get; init; }

    internal string? Host { get; init; }

    internal uint Port { get; init; }

    internal string? Path { get; init; }

    internal string? PrefixRewrite { get; init; }

    internal RegexSubstitution? RegexRewrite { get; init; }

    internal bool StripQuery { get; init; }

    /// <summary>The value of <c>location</c> for a request (Envoy: newUri). Allocates.</summary>
    public string BuildRedirectLocation(RequestHead head, RouteEntry route)
    {
        var oldScheme = Encoding.Latin1.GetString(head.Scheme);
        var scheme = Scheme ?? (oldScheme.Length > 0 ? oldScheme : "http");
        var path = NewPath(Encoding.Latin1.GetString(head.Path), route);
        return $"{scheme}://{NewHost(Encoding.Latin1.GetString(head.Authority), head, scheme)}{(path.StartsWith('/') ? "" : "/")}{path}";
    }

    private string NewHost(string authority, RequestHead head, string scheme)
    {
        var host = Encoding.Latin1.GetString(DomainIndex.WithoutPort(Encoding.Latin1.GetBytes(authority)));
        if (Port != 0)
            return $"{Host ?? host}:{Port}";
        if (Host is not null)
            return Host;
        var oldScheme = Encoding.Latin1.GetString(head.Headers.Get(HeaderNames.ForwardedProto));
        var defaultPort = oldScheme == "https" ? ":443" : ":80";
        return scheme != oldScheme && authority.EndsWith(defaultPort, StringComparison.Ordinal) ? host : authority;
    }

    private string NewPath(string original, RouteEntry route)
    {
        var end = original.IndexOf('?');
        var path = end < 0 ? original : original[..end];
        var query = end < 0 ? "" : original[end..];
        if (Path is not null)
            return Path.Contains('?') || StripQuery ? Path : Path + query;
        if (PrefixRewrite is not null)
            path = PrefixRewrite + path[route.Match.Path.MatchedLength(path.Length)..];
        else if (RegexRewrite is not null)
            path = RegexRewrite.Apply(path);
        return StripQuery ? path : path + query;
    }
}

/// <summary>An answer given by the proxy.</summary>
/// <param name="Status">Status, 200 to 599.</param>
/// <param name="Body">Body; empty for none. Text when not empty.</param>
public sealed record DirectResponse(int Status, ReadOnlyMemory<byte> Body);
