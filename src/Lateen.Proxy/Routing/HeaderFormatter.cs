using System.Text;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.Routing;

/// <summary>A header value with <c>%…%</c> operators, compiled.</summary>
internal interface IHeaderFormatter
{
    /// <summary>The value for this exchange; unknown parts are empty.</summary>
    string Format(HttpExchange exchange);
}

/// <summary>Compiles header values.</summary>
internal static class HeaderFormatters
{
    /// <summary>The value's bytes when it has no operators (<c>%%</c> is <c>%</c>), else its formatter.</summary>
    /// <exception cref="ConfigurationException">An operator that is not known.</exception>
    public static (byte[]? Literal, IHeaderFormatter? Formatter) Compile(string value)
    {
        var literal = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '%' && (++i >= value.Length || value[i] != '%'))
                throw new ConfigurationException("", $"operators are not supported in header values: '{value}'");
            literal.Append(value[i]);
        }

        return (Encoding.UTF8.GetBytes(literal.ToString()), null);
    }
}
