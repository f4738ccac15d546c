using System.Globalization;
using Envoy.Config.Accesslog.V3;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;
using Envoy.Type.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.AccessLog;

/// <summary>Decides whether a stream is logged.</summary>
internal delegate bool LogFilter(StreamInfo stream);

/// <summary>Compiles access log filters (Envoy: <c>envoy.config.accesslog.v3.AccessLogFilter</c>).</summary>
/// <param name="unsupported">Told the name of a filter that is not evaluated; such a filter lets everything through.</param>
internal sealed class LogFilters(Action<string> unsupported)
{
    public LogFilter Compile(AccessLogFilter filter) => filter.FilterSpecifierCase switch
    {
        AccessLogFilter.FilterSpecifierOneofCase.StatusCodeFilter => Compare(filter.StatusCodeFilter.Comparison, Status),
        AccessLogFilter.FilterSpecifierOneofCase.DurationFilter => Compare(filter.DurationFilter.Comparison, Milliseconds),
        // No health check filter exists yet, so no request is a health check.
        AccessLogFilter.FilterSpecifierOneofCase.NotHealthCheckFilter => static _ => true,
        // Nothing is traced without a tracer.
        AccessLogFilter.FilterSpecifierOneofCase.TraceableFilter => static _ => false,
        AccessLogFilter.FilterSpecifierOneofCase.RuntimeFilter => Sample(filter.RuntimeFilter),
        AccessLogFilter.FilterSpecifierOneofCase.AndFilter => And(filter.AndFilter.Filters),
        AccessLogFilter.FilterSpecifierOneofCase.OrFilter => Or(filter.OrFilter.Filters),
        AccessLogFilter.FilterSpecifierOneofCase.ResponseFlagFilter => Flags(filter.ResponseFlagFilter),
        AccessLogFilter.FilterSpecifierOneofCase.GrpcStatusFilter => GrpcStatus(filter.GrpcStatusFilter),
        AccessLogFilter.FilterSpecifierOneofCase.HeaderFilter => Header(filter.HeaderFilter),
        AccessLogFilter.FilterSpecifierOneofCase.LogTypeFilter => LogType(filter.LogTypeFilter),
        AccessLogFilter.FilterSpecifierOneofCase.None => throw new ConfigurationException("filter", "filter_specifier is required"),
        var other => Unsupported(other.ToString()),
    };

    private LogFilter Unsupported(string name)
    {
        unsupported(name);
        return static _ => true;
    }

    private LogFilter And(IEnumerable<AccessLogFilter> filters)
    {
        var all = filters.Select(Compile).ToArray();
        return stream => Array.TrueForAll(all, filter => filter(stream));
    }

    private LogFilter Or(IEnumerable<AccessLogFilter> filters)
    {
        var any = filters.Select(Compile).ToArray();
        return stream => Array.Exists(any, filter => filter(stream));
    }

    private static LogFilter Compare(ComparisonFilter comparison, Func<StreamInfo, long> value)
    {
        var bound = comparison.Value.DefaultValue;
        return comparison.Op switch
        {
            ComparisonFilter.Types.Op.Eq => stream => value(stream) == bound,
            ComparisonFilter.Types.Op.Ge => stream => value(stream) >= bound,
            ComparisonFilter.Types.Op.Le => stream => value(stream) <= bound,
            var other => throw new ConfigurationException("comparison.op", $"unknown value {(int)other}"),
        };
    }

    private static long Status(StreamInfo stream) => stream is HttpExchange exchange ? exchange.Response?.Status ?? 0 : 0;

    private static long Milliseconds(StreamInfo stream) =>
        stream.Times.End == 0 ? 0 : (long)stream.Loop.Time.GetElapsedTime(stream.Times.Start, stream.Times.End).TotalMilliseconds;

    private static LogFilter Flags(ResponseFlagFilter filter)
    {
        var wanted = ResponseFlags.None;
        foreach (var name in filter.Flags)
        {
            var flag = ResponseFlagText.Parse(name);
            wanted |= flag != ResponseFlags.None ? flag : throw new ConfigurationException("response_flag_filter.flags", $"unknown response flag {name}");
        }

        return wanted == ResponseFlags.None
            ? static stream => stream.Flags != ResponseFlags.None
            : stream => (stream.Flags & wanted) != 0;
    }

    private static LogFilter GrpcStatus(GrpcStatusFilter filter)
    {
        var statuses = filter.Statuses.Select(s => (int)s).ToHashSet();
        // A call that is not gRPC counts by its HTTP status (Envoy: 2xx is OK, everything else UNKNOWN).
        return stream => (stream is HttpExchange exchange
            && statuses.Contains(HeaderOperators.GrpcStatus(exchange) ?? (Status(stream) is >= 200 and < 300 ? 0 : 2))) != filter.Exclude;
    }

    private static LogFilter Header(HeaderFilter filter)
    {
        var matcher = HeaderMatcher.Compile(filter.Header, "header_filter.header");
        return stream => stream is HttpExchange exchange && matcher.Matches(exchange.Request.Headers);
    }

    private static LogFilter LogType(LogTypeFilter filter) => stream =>
        filter.Types_.Contains(stream is HttpExchange ? AccessLogType.DownstreamEnd : AccessLogType.TcpConnectionEnd) != filter.Exclude;

    private static LogFilter Sample(RuntimeFilter filter)
    {
        var (numerator, denominator) = filter.PercentSampled is { } percent
            ? (percent.Numerator, percent.Denominator switch
            {
                FractionalPercent.Types.DenominatorType.TenThousand => 10_000u,
                FractionalPercent.Types.DenominatorType.Million => 1_000_000u,
                _ => 100u,
            })
            : (0u, 100u);
        // The same request is logged by every proxy on its way, or by none: the request id decides.
        return stream => (filter.UseIndependentRandomness || RequestIdNumber(stream) is not { } id
            ? (uint)stream.Loop.Random.Next((int)denominator)
            : id % denominator) < numerator;
    }

    private static uint? RequestIdNumber(StreamInfo stream) =>
        stream is HttpExchange exchange && exchange.Request.Headers.TryGet(HeaderNames.RequestId, out var id) && id.Length >= 8
            && uint.TryParse(id[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
