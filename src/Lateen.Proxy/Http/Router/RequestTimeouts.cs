using System.Buffers.Text;
using Lateen.Proxy.Routing;

namespace Lateen.Proxy.Http.Router;

/// <summary>The time limits of one request: the route's, as the request's headers change them (Envoy: router filter, timeouts).</summary>
internal struct RequestTimeouts
{
    /// <summary>From complete request to complete response over all attempts; zero for none.</summary>
    public TimeSpan Total;

    /// <summary>One attempt; zero for none.</summary>
    public TimeSpan PerTry;

    /// <summary>A pause within one attempt; zero for none.</summary>
    public TimeSpan PerTryIdle;

    /// <summary>True when <c>x-envoy-upstream-rq-timeout-alt-response</c> asks for 204 instead of 504.</summary>
    public bool AlternateResponse;

    /// <summary>The longest life of the stream in place of the connection manager's; null leaves that one.</summary>
    public TimeSpan? MaxStreamDuration;

    /// <summary>Works the limits out; the headers that said so are removed.</summary>
    public static RequestTimeouts Take(HeaderMap headers, ForwardAction forward, bool isGrpc, bool respectExpected)
    {
        var timeouts = new RequestTimeouts
        {
            Total = FromRoute(headers, forward.Timeouts, isGrpc, out var life),
            PerTry = forward.Retry?.PerTryTimeout ?? TimeSpan.Zero,
            PerTryIdle = forward.Retry?.PerTryIdleTimeout ?? TimeSpan.Zero,
            MaxStreamDuration = life,
            AlternateResponse = headers.Remove(HeaderNames.EnvoyUpstreamRequestTimeoutAlt),
        };
        if (respectExpected && TakeMilliseconds(headers, HeaderNames.EnvoyExpectedRequestTimeout, remove: false) is { } expected)
        {
            timeouts.Total = expected;
            headers.Remove(HeaderNames.EnvoyUpstreamRequestTimeout);
        }
        else if (TakeMilliseconds(headers, HeaderNames.EnvoyUpstreamRequestTimeout, remove: true) is { } total)
        {
            timeouts.Total = total;
        }

        timeouts.PerTry = TakeMilliseconds(headers, HeaderNames.EnvoyUpstreamRequestPerTryTimeout, remove: true) ?? timeouts.PerTry;
        if (timeouts.Total > TimeSpan.Zero && timeouts.PerTry >= timeouts.Total)
        {
            timeouts.PerTry = TimeSpan.Zero;
        }

        return timeouts;
    }

    /// <summary>Tells the upstream how long its answer is waited for; nothing when nobody waits for a limited time.</summary>
    public readonly void TellUpstream(HeaderMap headers, TimeSpan elapsed)
    {
        var expected = PerTry > TimeSpan.Zero ? PerTry : Total;
        if (expected <= TimeSpan.Zero)
        {
            headers.Remove(HeaderNames.EnvoyExpectedRequestTimeout);
            return;
        }

        if (Total > TimeSpan.Zero && elapsed > TimeSpan.Zero)
        {
            var left = Total - elapsed;
            expected = left < expected ? left : expected;
        }

        headers.Set(HeaderNames.EnvoyExpectedRequestTimeout, Math.Max(1, (long)expected.TotalMilliseconds));
    }

    private static TimeSpan FromRoute(HeaderMap headers, RouteTimeouts route, bool isGrpc, out TimeSpan? life)
    {
        life = null;
        if (route.MaxStreamDuration is { } duration)
        {
            life = duration.HasLimit ? duration.Limit ?? TimeSpan.Zero : null;
            if (duration.GrpcHeaderMax is { } cap && GrpcTimeout(headers) is { } asked)
            {
                life = Offset(Cap(asked, cap), duration.GrpcHeaderOffset);
            }

            return TimeSpan.Zero;
        }

        if (isGrpc && route.MaxGrpc is { } max)
        {
            return GrpcTimeout(headers) is { } asked ? Offset(Cap(asked, max), route.GrpcOffset) : max;
        }

        return route.Total ?? TimeSpan.Zero;
    }

    private static TimeSpan Cap(TimeSpan value, TimeSpan cap) => cap > TimeSpan.Zero && (value > cap || value <= TimeSpan.Zero) ? cap : value;

    private static TimeSpan Offset(TimeSpan value, TimeSpan? offset) => offset is { } o && value > o ? value - o : value;

    // grpc-timeout: at most 8 digits and a unit.
    private static TimeSpan? GrpcTimeout(HeaderMap headers)
    {
        var text = headers.Get(HeaderNames.GrpcTimeout);
        if (text.Length is < 2 or > 9 || !Utf8Parser.TryParse(text, out long amount, out var used) || used != text.Length - 1 || amount < 0)
        {
            return null;
        }

        return text[^1] switch
        {
            (byte)'H' => TimeSpan.FromHours(amount),
            (byte)'M' => TimeSpan.FromMinutes(amount),
            (byte)'S' => TimeSpan.FromSeconds(amount),
            (byte)'m' => TimeSpan.FromMilliseconds(amount),
            (byte)'u' => TimeSpan.FromMicroseconds(amount),
            (byte)'n' => TimeSpan.FromTicks(amount / 100),
            _ => null,
        };
    }

    private static TimeSpan? TakeMilliseconds(HeaderMap headers, HeaderName name, bool remove)
    {
        if (!headers.TryGet(name, out var text))
        {
            return null;
        }

        TimeSpan? value = Utf8Parser.TryParse(text, out uint milliseconds, out var used) && used == text.Length
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
        if (remove)
        {
            headers.Remove(name);
        }

        return value;
    }
}
