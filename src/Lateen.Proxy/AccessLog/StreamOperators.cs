using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>Operators for the facts of a stream: codes, flags, sizes, names.</summary>
internal static class StreamOperators
{
    private static readonly string HostName = Environment.MachineName;

    /// <summary>Operators of Envoy whose facts this proxy does not gather: accepted, always without value.</summary>
    private static readonly string[] NotGathered =
    [
        "BYTES_RETRANSMITTED", "PACKETS_RETRANSMITTED", "VIRTUAL_CLUSTER_NAME", "TRACE_ID", "CUSTOM_FLAGS",
        "UPSTREAM_WIRE_BYTES_SENT", "UPSTREAM_WIRE_BYTES_RECEIVED", "UPSTREAM_HEADER_BYTES_SENT", "UPSTREAM_HEADER_BYTES_RECEIVED",
        "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
        "DOWNSTREAM_WIRE_BYTES_SENT", "DOWNSTREAM_WIRE_BYTES_RECEIVED", "DOWNSTREAM_HEADER_BYTES_SENT", "DOWNSTREAM_HEADER_BYTES_RECEIVED",
        "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
    ];

    public static void AddTo(Dictionary<string, Func<string?, Operator>> all)
    {
        all["PROTOCOL"] = OperatorCatalog.Plain(Operator.Text(s => s is HttpExchange e ? Protocol(e.Request.Protocol) : null));
        all["UPSTREAM_PROTOCOL"] = OperatorCatalog.Plain(Operator.Text(UpstreamProtocol));
        all["RESPONSE_CODE"] = OperatorCatalog.Plain(Operator.Number(s => s is HttpExchange e ? e.Response?.Status ?? 0 : 0));
        all["RESPONSE_CODE_DETAILS"] = argument => Details(argument == "ALLOW_WHITESPACES");
        all["RESPONSE_FLAGS"] = OperatorCatalog.Plain(Operator.Text(s => ResponseFlagText.Short(s.Flags)));
        all["RESPONSE_FLAGS_LONG"] = OperatorCatalog.Plain(Operator.Text(s => ResponseFlagText.Long(s.Flags)));
        all["CONNECTION_TERMINATION_DETAILS"] = OperatorCatalog.Plain(Operator.Text(s => s.Downstream.TerminationDetails));
        all["UPSTREAM_TRANSPORT_FAILURE_REASON"] = OperatorCatalog.Plain(Operator.Text(s => Underscored(s.UpstreamTransportFailure)));
        all["DOWNSTREAM_TRANSPORT_FAILURE_REASON"] = OperatorCatalog.Plain(Operator.Absent);
        all["BYTES_RECEIVED"] = OperatorCatalog.Plain(Operator.Number(s => s.BytesReceived));
        all["BYTES_SENT"] = OperatorCatalog.Plain(Operator.Number(s => s.BytesSent));
        all["UPSTREAM_REQUEST_ATTEMPT_COUNT"] = OperatorCatalog.Plain(Operator.Number(s => s.UpstreamAttempts));
        all["ROUTE_NAME"] = OperatorCatalog.Plain(Operator.Text(s => s.RouteName));
        all["FILTER_CHAIN_NAME"] = OperatorCatalog.Plain(Operator.Text(s => s.Downstream.FilterChainName));
        all["UPSTREAM_CLUSTER"] = OperatorCatalog.Plain(Operator.Text(ObservedCluster));
        all["UPSTREAM_CLUSTER_RAW"] = OperatorCatalog.Plain(Operator.Text(s => s.Cluster?.Name));
        all["CONNECTION_ID"] = OperatorCatalog.Plain(Operator.Number(s => s.Downstream.Id));
        all["UPSTREAM_CONNECTION_ID"] = OperatorCatalog.Plain(Operator.Number(s => s.Upstream?.Id));
        all["STREAM_ID"] = OperatorCatalog.Plain(Operator.Text(s => (s as HttpExchange)?.Request.Headers.GetString(HeaderNames.RequestId)));
        all["UNIQUE_ID"] = OperatorCatalog.Plain(Operator.Text(_ => Guid.NewGuid().ToString()));
        all["HOSTNAME"] = OperatorCatalog.Plain(Operator.Text(_ => HostName));
        all["ENVIRONMENT"] = argument =>
        {
            var value = Environment.GetEnvironmentVariable(OperatorCatalog.Required(argument));
            return Operator.Text(_ => value);
        };
        all["LOCAL_REPLY_BODY"] = OperatorCatalog.Plain(Operator.Text(s => (s as HttpExchange)?.Reply?.Body));
        all["ACCESS_LOG_TYPE"] = OperatorCatalog.Plain(Operator.Text(s => s is HttpExchange ? "DownstreamEnd" : "TcpConnectionEnd"));
        foreach (var name in NotGathered)
            all[name] = OperatorCatalog.Plain(Operator.Absent);
    }

    private static string? ObservedCluster(StreamInfo stream) =>
        stream.Cluster?.Model.Configuration.AltStatName is { Length: > 0 } alternative ? alternative : stream.Cluster?.Name;

    private static string Protocol(HttpProtocol protocol) => protocol switch
    {
        HttpProtocol.Http10 => "HTTP/1.0",
        HttpProtocol.Http11 => "HTTP/1.1",
        _ => "HTTP/2",
    };

    private static string? UpstreamProtocol(StreamInfo stream) =>
        stream is HttpExchange { Upstream: { } upstream } exchange
            ? upstream.Tls?.ApplicationProtocol == "h2" ? "HTTP/2" : Protocol(exchange.Response?.Protocol ?? HttpProtocol.Http11)
            : null;

    private static Operator Details(bool allowWhitespace) =>
        Operator.Text(s => allowWhitespace ? s.ResponseCodeDetails : Underscored(s.ResponseCodeDetails));

    // White space would make the columns of a text log ambiguous.
    private static string? Underscored(string? text) =>
        text is not null && text.AsSpan().ContainsAny(" \t\r\n") ? string.Join('_', text.Split([' ', '\t', '\r', '\n'])) : text;
}
