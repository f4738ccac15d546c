using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Route.V3.RouteAction.Types.HashPolicy;

namespace Lateen.Proxy.Routing;

/// <summary>Where a request's hash for consistent hashing comes from (Envoy: hash_policy).</summary>
public sealed class HashPolicy
{
    private readonly Source[] _sources;

    private HashPolicy(Source[] sources) => _sources = sources;

    private delegate ulong? Hasher(HttpExchange exchange, ref string? setCookie);

    /// <summary>Compiles the list; null when it is empty.</summary>
    /// <exception cref="ConfigurationException">A source that cannot be honoured.</exception>
    public static HashPolicy? Compile(IReadOnlyList<Proto> policies, string path) =>
        policies.Count == 0 ? null : new HashPolicy([.. policies.Select((p, i) => new Source(Compile(p, $"{path}[{i}]"), p.Terminal))]);

    /// <summary>
    /// The hash of a request; null when no source yields one. <paramref name="setCookie"/> is the <c>set-cookie</c> value to give the
    /// client when a cookie was made for it, else null.
    /// </summary>
    public ulong? Compute(HttpExchange exchange, out string? setCookie)
    {
        ulong? hash = null;
        setCookie = null;
        foreach (var source in _sources)
        {
            if (source.Hash(exchange, ref setCookie) is { } part)
                hash = hash is { } before ? BitOperations.RotateLeft(before, 1) ^ part : part;
            if (source.Terminal && hash is not null)
                break;
        }

        return hash;
    }

    private static Hasher Compile(Proto policy, string path)
    {
        switch (policy.PolicySpecifierCase)
        {
            case Proto.PolicySpecifierOneofCase.Header:
                var name = HeaderName.Of(policy.Header.HeaderName is "host" ? ":authority" : policy.Header.HeaderName);
                var rewrite = policy.Header.RegexRewrite is { } r ? RegexSubstitution.Compile(r, $"{path}.header.regex_rewrite") : null;
                return (HttpExchange exchange, ref string? _) => HashHeader(exchange.Request.Headers, name, rewrite);
            case Proto.PolicySpecifierOneofCase.Cookie:
                var cookie = policy.Cookie;
                var ttl = Durations.Optional(cookie.Ttl, $"{path}.cookie.ttl");
                return (HttpExchange exchange, ref string? setCookie) => HashCookie(exchange, cookie, ttl, ref setCookie);
            case Proto.PolicySpecifierOneofCase.ConnectionProperties:
                var sourceIp = policy.ConnectionProperties.SourceIp;
                return (HttpExchange exchange, ref string? _) =>
                    sourceIp && exchange.TrustedClientAddress is IPEndPoint ip ? HashText(ip.Address.ToString()) : null;
            case Proto.PolicySpecifierOneofCase.QueryParameter:
                var parameter = Encoding.UTF8.GetBytes(policy.QueryParameter.Name);
                return (HttpExchange exchange, ref string? _) =>
                    new MatchContext(exchange.Request, default, false).TryGetQuery(parameter, out var value) ? XxHash64.Hash(value) : null;
            case Proto.PolicySpecifierOneofCase.FilterState:
                var key = policy.FilterState.Key;
                return (HttpExchange exchange, ref string? _) => exchange.GetFilterState(key) is { } state ? HashText(state.ToString()!) : null;
            default:
                throw new ConfigurationException(path, "unknown kind of hash policy");
        }
    }

    private static ulong HashText(string text) => XxHash64.Hash(Encoding.UTF8.GetBytes(text));

    private static ulong? HashHeader(HeaderMap headers, HeaderName name, RegexSubstitution? rewrite)
    {
        var first = headers.IndexOf(name);
        if (first < 0)
            return null;
        if (rewrite is null && headers.IndexOf(name, first + 1) < 0)
            return XxHash64.Hash(headers.ValueAt(first));
        var values = new List<string>();
        for (var i = first; i >= 0; i = headers.IndexOf(name, i + 1))
        {
            var value = Encoding.Latin1.GetString(headers.ValueAt(i));
            values.Add(rewrite?.Apply(value) ?? value);
        }

        values.Sort(StringComparer.Ordinal);
        return XxHash64.Hash(Encoding.Latin1.GetBytes(string.Concat(values)));
    }

    private static ulong? HashCookie(HttpExchange exchange, Proto.Types.Cookie cookie, TimeSpan? ttl, ref string? setCookie)
    {
        if (Cookies.Find(exchange.Request.Headers, cookie.Name) is { Length: > 0 } value)
            return HashText(value);
        if (ttl is not { } age)
            return null;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, HashText($"{exchange.Downstream.RemoteAddress}{exchange.Downstream.LocalAddress}"));
        var made = Convert.ToHexStringLower(bytes);
        var text = new StringBuilder($"{cookie.Name}=\"{made}\"");
        if (age > TimeSpan.Zero)
            text.Append("; Max-Age=").Append((long)age.TotalSeconds);
        if (cookie.Path.Length > 0)
            text.Append("; Path=").Append(cookie.Path);
        foreach (var attribute in cookie.Attributes)
            text.Append("; ").Append(attribute.Name).Append(attribute.Value.Length > 0 ? "=" + attribute.Value : "");
        setCookie = text.Append("; HttpOnly").ToString();
        return HashText(made);
    }

    private sealed record Source(Hasher Hash, bool Terminal);
}
