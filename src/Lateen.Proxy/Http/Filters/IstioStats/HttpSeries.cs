using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Http.Filters.IstioStats;

/// <summary>What the labels of a finished HTTP request depend on.</summary>
internal readonly record struct HttpKey(TrafficKey Traffic, int Status, int? GrpcStatus, ResponseFlags Flags);

/// <summary>The metrics of all requests with the same labels.</summary>
internal sealed class HttpSeries
{
    private readonly Counter? _requests;
    private readonly Histogram? _duration;
    private readonly Histogram? _requestBytes;
    private readonly Histogram? _responseBytes;
    private readonly Counter? _requestMessages;
    private readonly Counter? _responseMessages;

    public HttpSeries(in HttpKey key, TrafficLabels labels, MetricRules rules, StatsStore stats)
    {
        var grpc = key.GrpcStatus is not null;
        var tags = labels.Common(key.Traffic);
        tags.Add(new Tag("request_protocol", grpc ? "grpc" : "http"));
        tags.Add(new Tag("response_code", Text(key.Status)));
        tags.Add(new Tag("grpc_response_status", grpc && key.GrpcStatus >= 0 ? Text(key.GrpcStatus!.Value) : ""));
        tags.Add(new Tag("response_flags", ResponseFlagText.Short(key.Flags)));
        tags.Add(new Tag("connection_security_policy", labels.SecurityPolicy(key.Traffic)));
        _requests = rules.Counter(stats, "requests_total", tags);
        _duration = rules.Histogram(stats, "request_duration_milliseconds", tags);
        _requestBytes = rules.Histogram(stats, "request_bytes", tags);
        _responseBytes = rules.Histogram(stats, "response_bytes", tags);
        if (grpc)
        {
            _requestMessages = rules.Counter(stats, "request_messages_total", tags);
            _responseMessages = rules.Counter(stats, "response_messages_total", tags);
        }
    }

    public void Record(HttpExchange exchange)
    {
        _requests?.Increment();
        _duration?.Record(Math.Floor(exchange.Loop.Time.GetElapsedTime(exchange.Times.Start, exchange.Times.End).TotalMilliseconds));
        _requestBytes?.Record(exchange.RequestHeadBytes + exchange.BytesReceived);
        _responseBytes?.Record(exchange.ResponseHeadBytes + exchange.BytesSent);
        if (exchange.GrpcMessages is { } messages)
        {
            _requestMessages?.Add(messages.Request.Messages);
            _responseMessages?.Add(messages.Response.Messages);
        }
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
