using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>Writes one value of a stream; false, with nothing written, when the stream has no such value.</summary>
internal delegate bool ValueWriter(StreamInfo stream, FormatBuffer output);

/// <summary>How a value looks in JSON when it stands alone.</summary>
internal enum ValueKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A number, written without quotes.</summary>
    Number,

    /// <summary>JSON already.</summary>
    Json,
}

/// <summary>A compiled operator such as <c>%RESPONSE_CODE%</c>, its arguments applied.</summary>
internal sealed record Operator(ValueWriter Write, ValueKind Kind = ValueKind.Text)
{
    /// <summary>Stays without value: an operator whose fact this proxy does not gather.</summary>
    public static readonly Operator Absent = new(static (_, _) => false);

    public static Operator Text(Func<StreamInfo, string?> value) => new((stream, output) =>
    {
        if (value(stream) is not { Length: > 0 } text)
            return false;
        output.Append(text);
        return true;
    });

    public static Operator Number(Func<StreamInfo, long?> value) => new(
        (stream, output) =>
        {
            if (value(stream) is not { } number)
                return false;
            output.Append(number);
            return true;
        },
        ValueKind.Number);

    /// <summary>A number of an HTTP exchange; absent for TCP.</summary>
    public static Operator HttpNumber(Func<HttpExchange, long?> value) =>
        Number(stream => stream is HttpExchange exchange ? value(exchange) : null);

    public static Operator List(Func<StreamInfo, IReadOnlyList<string>?> values) => new((stream, output) =>
    {
        if (values(stream) is not { Count: > 0 } list)
            return false;
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0)
                output.Append((byte)',');
            output.Append(list[i]);
        }

        return true;
    });
}
