using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>Operators for wall clock times and durations.</summary>
internal static class TimeOperators
{
    public static void AddTo(Dictionary<string, Func<string?, Operator>> all)
    {
        all["START_TIME"] = argument => Clock(argument, local: false, s => s.StartTime);
        all["START_TIME_LOCAL"] = argument => Clock(argument, local: true, s => s.StartTime);
        all["EMIT_TIME"] = argument => Clock(argument, local: false, s => s.Loop.Time.GetUtcNow());
        all["EMIT_TIME_LOCAL"] = argument => Clock(argument, local: true, s => s.Loop.Time.GetUtcNow());
        all["DURATION"] = OperatorCatalog.Plain(Milliseconds(s => s.Times.Start, End));
        all["REQUEST_DURATION"] = OperatorCatalog.Plain(Milliseconds(s => s.Times.Start, s => s.Times.RequestEnd));
        all["REQUEST_TX_DURATION"] = OperatorCatalog.Plain(Milliseconds(s => s.Times.Start, s => s.Times.UpstreamLastSent));
        all["RESPONSE_DURATION"] = OperatorCatalog.Plain(Milliseconds(s => s.Times.Start, s => s.Times.UpstreamFirstReceived));
        all["RESPONSE_TX_DURATION"] = OperatorCatalog.Plain(Milliseconds(s => s.Times.UpstreamFirstReceived, s => s.Times.End));
        all["COMMON_DURATION"] = Common;
        foreach (var name in (string[])["ROUNDTRIP_DURATION", "DOWNSTREAM_HANDSHAKE_DURATION", "UPSTREAM_CONNECTION_POOL_READY_DURATION"])
            all[name] = OperatorCatalog.Plain(Operator.Absent);
    }

    private static Operator Clock(string? format, bool local, Func<StreamInfo, DateTimeOffset> time)
    {
        var compiled = TimeFormat.Compile(format ?? "");
        return new((stream, output) =>
        {
            compiled.Write(local ? time(stream).ToLocalTime() : time(stream), output);
            return true;
        });
    }

    // A stream that still runs (a format used for a header) has lasted until now.
    private static long End(StreamInfo stream) => stream.Times.End != 0 ? stream.Times.End : stream.Loop.Time.GetTimestamp();

    private static Operator Milliseconds(Func<StreamInfo, long> from, Func<StreamInfo, long> to) => Elapsed(from, to, TimeSpan.TicksPerMillisecond);

    private static Operator Elapsed(Func<StreamInfo, long> from, Func<StreamInfo, long> to, double ticksPerUnit) => Operator.Number(stream =>
    {
        var (start, end) = (from(stream), to(stream));
        return start == 0 || end == 0 ? null : (long)(stream.Loop.Time.GetElapsedTime(start, end).Ticks / ticksPerUnit);
    });

    private static Operator Common(string? argument)
    {
        var parts = OperatorCatalog.Required(argument).Split(':');
        if (parts.Length != 3)
            throw new ConfigurationException("", $"Invalid common duration configuration: {argument}.");
        var ticksPerUnit = parts[2] switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "us" => TimeSpan.TicksPerMicrosecond,
            "ns" => 0.01,
            _ => throw new ConfigurationException("", $"Invalid common duration precision: {parts[2]}."),
        };
        return Elapsed(Point(parts[0]), Point(parts[1]), ticksPerUnit);
    }

    // Points that this proxy does not record, and names of filters' own points, are never reached.
    private static Func<StreamInfo, long> Point(string name) => name switch
    {
        "DS_RX_BEG" => s => s.Times.Start,
        "DS_RX_END" => s => s.Times.RequestEnd,
        "US_TX_BEG" => s => s.Times.UpstreamFirstSent,
        "US_TX_END" => s => s.Times.UpstreamLastSent,
        "US_RX_BEG" => s => s.Times.UpstreamFirstReceived,
        "US_RX_END" => s => s.Times.UpstreamLastReceived,
        "DS_TX_BEG" => s => s.Times.DownstreamFirstSent,
        "DS_TX_END" => s => s.Times.End,
        _ => _ => 0,
    };
}
