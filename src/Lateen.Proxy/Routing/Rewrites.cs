using System.Text;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Routing;

/// <summary>How a route changes host and path of what it forwards.</summary>
public sealed record Rewrites
{
    /// <summary>No change.</summary>
    public static readonly Rewrites None = new();

    private static readonly HeaderName OriginalHost = HeaderName.Of("x-envoy-original-host");

    /// <summary>Replaces the matched part of the path; null for none.</summary>
    public string? Prefix { get; init; }

    /// <summary>Replaces all matches in the path; null for none.</summary>
    public RegexSubstitution? Path { get; init; }

    /// <summary>The new host; null for none.</summary>
    public string? HostLiteral { get; init; }

    /// <summary>The header whose first value is the new host; null for none.</summary>
    public HeaderName? HostHeader { get; init; }

    /// <summary>Makes the new host from the path; null for none.</summary>
    public RegexSubstitution? HostFromPath { get; init; }

    /// <summary>True when the chosen endpoint's host name is the new host.</summary>
    public bool HostFromEndpoint { get; init; }

    /// <summary>True when the old host is kept in <c>x-forwarded-host</c>.</summary>
    public bool AppendForwardedHost { get; init; }

    /// <summary>The path a rewrite makes of this one, query kept; the same object when nothing changes.</summary>
    public string RewritePath(string original, RouteEntry route)
    {
        if (Prefix is null && Path is null)
            return original;
        var end = original.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? original : original[..end];
        var rest = end < 0 ? "" : original[end..];
        return Prefix is not null
            ? string.Concat(Prefix, path.AsSpan(route.Match.Path.MatchedLength(path.Length)), rest)
            : Path!.Apply(path) + rest;
    }

    internal void Apply(HttpExchange exchange, RouteEntry route, bool keepOriginals)
    {
        var headers = exchange.Request.Headers;
        if (exchange.WeightedCluster?.HostRewrite is { } weightedHost)
            SetHost(headers, weightedHost, keepOriginals);
        if (NewHost(headers) is { } host)
            SetHost(headers, host, keepOriginals);
        RewritePath(headers, route, keepOriginals);
    }

    internal void ApplyHost(HttpExchange exchange, Host host)
    {
        if (HostFromEndpoint && host.Hostname.Length > 0)
            SetHost(exchange.Request.Headers, host.Hostname, keepOriginals: true);
    }

    private string? NewHost(HeaderMap headers)
    {
        if (HostLiteral is not null)
            return HostLiteral;
        if (HostHeader is not null)
            return headers.GetString(HostHeader) is { Length: > 0 } given ? given : null;
        if (HostFromPath is null)
            return null;
        var path = headers.GetString(HeaderNames.Path) ?? "";
        var end = path.AsSpan().IndexOfAny('?', '#');
        return HostFromPath.Apply(end < 0 ? path : path[..end]);
    }

    private void SetHost(HeaderMap headers, string host, bool keepOriginals)
    {
        var old = headers.GetString(HeaderNames.Authority) ?? "";
        if (old == host)
            return;
        if (AppendForwardedHost && old.Length > 0)
            headers.AppendToValue(HeaderNames.ForwardedHost, Encoding.Latin1.GetBytes(old));
        if (keepOriginals && !headers.Contains(OriginalHost))
            headers.Add(OriginalHost, old);
        headers.Set(HeaderNames.Authority, host);
    }

    private void RewritePath(HeaderMap headers, RouteEntry route, bool keepOriginals)
    {
        if ((Prefix is null && Path is null) || headers.GetString(HeaderNames.Path) is not { Length: > 0 } original)
            return;
        var path = RewritePath(original, route);
        if (keepOriginals)
            headers.Set(HeaderNames.EnvoyOriginalPath, original);
        headers.Set(HeaderNames.Path, path);
    }
}
