using System.Text;
using Google.Protobuf;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Matching;
using Lateen.Proxy.Stats;
using Proto = Envoy.Extensions.Filters.Http.Cors.V3.CorsPolicy;

namespace Lateen.Proxy.Http.Filters.Cors;

/// <summary>What origins may do, as a route or virtual host says; immutable.</summary>
internal sealed class CorsPolicy
{
    public CorsPolicy(Proto proto)
    {
        Origins = [.. proto.AllowOriginStringMatch.Select((m, i) => StringMatcher.Compile(m, $"allow_origin_string_match[{i}]"))];
        Methods = proto.AllowMethods;
        Headers = proto.AllowHeaders;
        Expose = proto.ExposeHeaders;
        MaxAge = proto.MaxAge;
        Credentials = proto.AllowCredentials ?? false;
        ForwardUnmatchedPreflights = proto.ForwardNotMatchingPreflights ?? true;
        Enabled = Fraction.Compile(proto.FilterEnabled, "filter_enabled");
        HasEnabled = proto.FilterEnabled is not null;
    }

    public StringMatcher[] Origins { get; }

    public string Methods { get; }

    public string Headers { get; }

    public string Expose { get; }

    public string MaxAge { get; }

    public bool Credentials { get; }

    public bool ForwardUnmatchedPreflights { get; }

    private Fraction Enabled { get; }

    private bool HasEnabled { get; }

    public bool IsEnabled(HttpExchange exchange) => !HasEnabled || Enabled.Contains(exchange.RandomValue);

    public bool Allows(ReadOnlySpan<byte> origin)
    {
        foreach (var matcher in Origins)
        {
            if (matcher.Matches(origin))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Cross-origin requests: answers preflights and marks responses (Envoy: CORS filter).</summary>
internal sealed class CorsFilter(FilterContext context) : IHttpFilter
{
    private const string AllowedKey = "cors.allowed";
    private readonly string _name = context.FilterName;
    private readonly string _prefix = $"http.{context.StatPrefix.Replace(':', '_')}.cors.";
    private readonly StatsStore _store = context.Services.Stats;

    private Counter Valid => field ??= _store.Counter(_prefix + "origin_valid");

    private Counter Invalid => field ??= _store.Counter(_prefix + "origin_invalid");

    /// <inheritdoc/>
    public ValueTask<FilterStatus> OnRequestAsync(HttpExchange exchange) => new(Judge(exchange));

    /// <inheritdoc/>
    public void OnResponse(HttpExchange exchange, ResponseHead head)
    {
        if (exchange.GetFilterState(AllowedKey) is not CorsPolicy policy || exchange.Reply is { Details: "cors_response" })
        {
            return;
        }

        head.Headers.Set(HeaderNames.AccessControlAllowOrigin, exchange.Request.Headers.Get(HeaderNames.Origin));
        if (policy.Credentials)
        {
            head.Headers.Set(HeaderNames.AccessControlAllowCredentials, "true"u8);
        }

        if (policy.Expose.Length > 0)
        {
            head.Headers.Set(HeaderNames.AccessControlExposeHeaders, policy.Expose);
        }
    }

    /// <inheritdoc/>
    public void OnComplete(HttpExchange exchange)
    {
    }

    private FilterStatus Judge(HttpExchange exchange)
    {
        var headers = exchange.Request.Headers;
        if (!headers.TryGet(HeaderNames.Origin, out var origin)
            || origin.IsEmpty
            || exchange.Route?.FilterConfig(_name, exchange.WeightedCluster) is not CorsPolicy policy
            || !policy.IsEnabled(exchange))
        {
            return FilterStatus.Continue;
        }

        var allowed = policy.Allows(origin);
        (allowed ? Valid : Invalid).Increment();
        if (allowed)
        {
            exchange.SetFilterState(AllowedKey, policy);
        }

        var preflight = exchange.Request.Method.SequenceEqual("OPTIONS"u8)
            && headers.TryGet(HeaderNames.AccessControlRequestMethod, out var method)
            && !method.IsEmpty;
        if (!preflight || !allowed && policy.ForwardUnmatchedPreflights)
        {
            return FilterStatus.Continue;
        }

        exchange.Reply = new LocalReply(200, "", "cors_response")
        {
            ModifyHeaders = allowed ? response => Permit(policy, headers, response) : null,
        };
        return FilterStatus.Replied;
    }

    private static void Permit(CorsPolicy policy, HeaderMap request, HeaderMap response)
    {
        response.Set(HeaderNames.AccessControlAllowOrigin, request.Get(HeaderNames.Origin));
        if (policy.Credentials)
        {
            response.Set(HeaderNames.AccessControlAllowCredentials, "true"u8);
        }

        Set(HeaderNames.AccessControlAllowMethods, policy.Methods, HeaderNames.AccessControlRequestMethod);
        Set(HeaderNames.AccessControlAllowHeaders, policy.Headers, HeaderNames.AccessControlRequestHeaders);
        if (policy.MaxAge.Length > 0)
        {
            response.Set(HeaderNames.AccessControlMaxAge, policy.MaxAge);
        }

        void Set(HeaderName name, string value, HeaderName asked)
        {
            // "*" allows whatever was asked for.
            var text = value == "*" ? Encoding.Latin1.GetString(request.Get(asked)) : value;
            if (text.Length > 0)
            {
                response.Set(name, text);
            }
        }
    }
}

/// <summary>Builds the CORS filter.</summary>
public sealed class CorsFilterFactory : IHttpFilterFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<string> TypeNames { get; } =
        ["envoy.extensions.filters.http.cors.v3.Cors", "envoy.extensions.filters.http.cors.v3.CorsPolicy"];

    /// <inheritdoc/>
    public IHttpFilter Create(ByteString configuration, FilterContext context) => new CorsFilter(context);

    /// <inheritdoc/>
    public object ParsePerRoute(ByteString configuration) => new CorsPolicy(Proto.Parser.ParseFrom(configuration));
}
