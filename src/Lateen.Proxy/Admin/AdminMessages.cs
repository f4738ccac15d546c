using System.Text;

namespace Lateen.Proxy.Admin;

/// <summary>A request to the admin server.</summary>
/// <param name="Method">E.g. <c>GET</c>.</param>
/// <param name="Path">The path without query.</param>
/// <param name="Query">Query parameters, decoded; one without <c>=</c> has the empty value.</param>
internal sealed record AdminRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>Reads a request target.</summary>
    public static AdminRequest Parse(string method, string target)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        if (mark >= 0)
        {
            foreach (var pair in target[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                query[Decode(equals < 0 ? pair : pair[..equals])] = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            }
        }

        return new(method, mark < 0 ? target : target[..mark], query);
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>An answer of the admin server.</summary>
internal sealed record AdminResponse(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    public const string Json = "application/json";
    private const string PlainText = "text/plain; charset=UTF-8";

    public static AdminResponse Text(string text, int status = 200) => new(status, PlainText, Encoding.UTF8.GetBytes(text));

    public static AdminResponse JsonText(string json) => new(200, Json, Encoding.UTF8.GetBytes(json));

    public static AdminResponse Ok { get; } = Text("OK\n");

    public string Reason => Status switch
    {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
