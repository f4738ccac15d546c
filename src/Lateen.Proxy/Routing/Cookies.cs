using System.Text;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Routing;

/// <summary>Reads cookies of a request.</summary>
internal static class Cookies
{
    /// <summary>The value of the first cookie of this name, without surrounding quotes; null when there is none.</summary>
    public static string? Find(HeaderMap headers, string name)
    {
        for (var i = headers.IndexOf(HeaderNames.Cookie); i >= 0; i = headers.IndexOf(HeaderNames.Cookie, i + 1))
        {
            foreach (var part in Encoding.Latin1.GetString(headers.ValueAt(i)).Split(';', StringSplitOptions.TrimEntries))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                if (equals == name.Length && part.StartsWith(name, StringComparison.Ordinal))
                    return part[(equals + 1)..].Trim('"');
            }
        }

        return null;
    }
}
