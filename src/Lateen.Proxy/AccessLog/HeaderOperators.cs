using System.Globalization;
using System.Text;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>Operators that read headers, trailers, path and gRPC status.</summary>
internal static class HeaderOperators
{
    private static readonly string[] GrpcCamel =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
        "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss",
        "Unauthenticated",
    ];

    private static readonly string[] GrpcSnake =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    public static void AddTo(Dictionary<string, Func<string?, Operator>> all)
    {
        all["REQ"] = argument => Header(argument, static exchange => exchange.Request.Headers);
        all["RESP"] = Response;
        all["TRAILER"] = argument => Header(argument, static exchange => exchange.ResponseTrailers);
        all["REQ_WITHOUT_QUERY"] = WithoutQuery;
        all["PATH"] = Path;
        all["QUERY_PARAM"] = QueryParameter;
        all["REQUEST_HEADERS_BYTES"] = OperatorCatalog.Plain(Operator.HttpNumber(e => e.Request.Headers.ByteSize));
        all["RESPONSE_HEADERS_BYTES"] = OperatorCatalog.Plain(Operator.HttpNumber(e => e.Response?.Headers.ByteSize ?? 0));
        all["RESPONSE_TRAILERS_BYTES"] = OperatorCatalog.Plain(Operator.HttpNumber(e => e.ResponseTrailers?.ByteSize ?? 0));
        all["GRPC_STATUS"] = GrpcStatusName;
        all["GRPC_STATUS_NUMBER"] = OperatorCatalog.Plain(Operator.HttpNumber(e => GrpcStatus(e)));
    }

    /// <summary>
    /// The gRPC status of an exchange: from trailers, else headers, else mapped from the HTTP status; null for what is not gRPC
    /// (Envoy: Grpc::Common::getGrpcStatus).
    /// </summary>
    public static int? GrpcStatus(HttpExchange exchange)
    {
        if (!exchange.Request.IsGrpc)
            return null;
        if (Parse(exchange.ResponseTrailers) is { } fromTrailers)
            return fromTrailers;
        if (exchange.Response is not { } response)
            return null;
        return Parse(response.Headers) ?? response.Status switch
        {
            400 => 13,
            401 => 16,
            403 => 7,
            404 => 12,
            429 or 502 or 503 or 504 => 14,
            _ => 2,
        };
    }

    private static int? Parse(HeaderMap? headers) =>
        headers is not null && headers.TryGet(HeaderNames.GrpcStatus, out var value)
            && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : null;

    private static Operator GrpcStatusName(string? argument)
    {
        var names = argument switch
        {
            null or "" or "CAMEL_STRING" => GrpcCamel,
            "SNAKE_STRING" => GrpcSnake,
            "NUMBER" => null,
            _ => throw new ConfigurationException("", $"GRPC_STATUS only supports CAMEL_STRING, SNAKE_STRING or NUMBER, got {argument}"),
        };
        return names is null
            ? Operator.HttpNumber(e => GrpcStatus(e))
            : Operator.Text(stream => stream is not HttpExchange exchange || GrpcStatus(exchange) is not { } status ? null
                : status < names.Length ? names[status] : status.ToString(CultureInfo.InvariantCulture));
    }

    // X, or X?Y: the first of two headers that is there.
    private static (HeaderName Main, HeaderName? Alternative) Names(string? argument)
    {
        var names = OperatorCatalog.Required(argument).Split('?');
        if (names.Length > 2 || names.Any(n => n.AsSpan().ContainsAny("\r\n\0")))
            throw new ConfigurationException("", $"at most one alternative header may be given with '?', got ({argument})");
        return (HeaderName.Of(names[0]), names.Length == 2 && names[1].Length > 0 ? HeaderName.Of(names[1]) : null);
    }

    private static bool TryFind(HeaderMap? headers, (HeaderName Main, HeaderName? Alternative) names, out ReadOnlySpan<byte> value)
    {
        value = default;
        return headers is not null
            && (headers.TryGet(names.Main, out value) || (names.Alternative is { } other && headers.TryGet(other, out value)));
    }

    private static Operator Header(string? argument, Func<HttpExchange, HeaderMap?> headers)
    {
        var names = Names(argument);
        return new((stream, output) =>
        {
            if (stream is not HttpExchange exchange || !TryFind(headers(exchange), names, out var value))
                return false;
            output.Append(value);
            return true;
        });
    }

    private static Operator Response(string? argument) => argument == ":STATUS" || argument == ":status"
        ? Operator.HttpNumber(exchange => exchange.Response?.Status) with { Kind = ValueKind.Text }
        : Header(argument, static exchange => exchange.Response?.Headers);

    private static Operator WithoutQuery(string? argument)
    {
        var names = Names(argument);
        return new((stream, output) =>
        {
            if (stream is not HttpExchange exchange || !TryFind(exchange.Request.Headers, names, out var value))
                return false;
            output.Append(BeforeQuery(value));
            return true;
        });
    }

    private static ReadOnlySpan<byte> BeforeQuery(ReadOnlySpan<byte> path)
    {
        var query = path.IndexOf((byte)'?');
        return query < 0 ? path : path[..query];
    }

    private static Operator Path(string? argument)
    {
        var parts = (argument ?? "").Split(':');
        var query = parts[0] switch
        {
            "" or "WQ" => true,
            "NQ" => false,
            _ => throw new ConfigurationException("", $"PATH: WQ or NQ expected, got {parts[0]}"),
        };
        (HeaderName, HeaderName?) names = (parts.Length > 1 ? parts[1] : "") switch
        {
            "" or "ORIG_OR_PATH" => (HeaderNames.EnvoyOriginalPath, HeaderNames.Path),
            "ORIG" => (HeaderNames.EnvoyOriginalPath, null),
            "PATH" => (HeaderNames.Path, null),
            var other => throw new ConfigurationException("", $"PATH: ORIG, PATH or ORIG_OR_PATH expected, got {other}"),
        };
        return new((stream, output) =>
        {
            if (stream is not HttpExchange exchange || !TryFind(exchange.Request.Headers, names, out var value))
                return false;
            output.Append(query ? value : BeforeQuery(value));
            return true;
        });
    }

    private static Operator QueryParameter(string? argument)
    {
        var name = Encoding.UTF8.GetBytes(OperatorCatalog.Required(argument));
        return new((stream, output) =>
        {
            if (stream is not HttpExchange exchange || exchange.Request.Path.IndexOf((byte)'?') < 0)
                return false;
            var query = exchange.Request.Path[(exchange.Request.Path.IndexOf((byte)'?') + 1)..];
            foreach (var range in query.Split((byte)'&'))
            {
                var pair = query[range];
                if (pair.StartsWith(name) && pair.Length > name.Length && pair[name.Length] == (byte)'=')
                {
                    output.Append(pair[(name.Length + 1)..]);
                    return true;
                }
            }

            return false;
        });
    }
}
