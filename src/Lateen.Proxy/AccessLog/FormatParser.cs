using System.Text;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.AccessLog;

/// <summary>One piece of a format: literal text, or an operator with its limit.</summary>
internal readonly record struct FormatPart(byte[]? Literal, Operator? Operator, int? MaxLength);

/// <summary>Splits <c>%NAME(arguments):LENGTH%</c> from literal text (Envoy: SubstitutionFormatParser).</summary>
internal static class FormatParser
{
    public static List<FormatPart> Parse(string format)
    {
        var parts = new List<FormatPart>();
        var literal = new StringBuilder();
        for (var i = 0; i < format.Length;)
        {
            if (format[i] != '%')
            {
                literal.Append(format[i++]);
            }
            else if (i + 1 < format.Length && format[i + 1] == '%')
            {
                literal.Append('%');
                i += 2;
            }
            else
            {
                AddLiteral(parts, literal);
                parts.Add(ParseOperator(format, ref i));
            }
        }

        AddLiteral(parts, literal);
        return parts;
    }

    private static void AddLiteral(List<FormatPart> parts, StringBuilder literal)
    {
        if (literal.Length == 0)
            return;
        parts.Add(new(Encoding.UTF8.GetBytes(literal.ToString()), null, null));
        literal.Clear();
    }

    private static FormatPart ParseOperator(string format, ref int at)
    {
        var start = at;
        var i = at + 1;
        while (i < format.Length && (char.IsAsciiLetterUpper(format[i]) || char.IsAsciiDigit(format[i]) || format[i] == '_'))
            i++;
        var name = format[(start + 1)..i];
        string? argument = null;
        if (name.Length > 0 && i < format.Length && format[i] == '(')
        {
            var close = i;
            do
            {
                close = format.IndexOf(')', close + 1);
            }
            while (close >= 0 && !IsEnd(format, close + 1));
            if (close >= 0)
            {
                argument = format[(i + 1)..close];
                i = close + 1;
            }
        }

        if (name.Length == 0 || !IsEnd(format, i))
            throw new ConfigurationException("", $"Incorrect configuration: {format}. Couldn't find valid command at position {start}");

        var end = format.IndexOf('%', i);
        int? maximum = end > i ? int.Parse(format.AsSpan(i + 1, end - i - 1), System.Globalization.CultureInfo.InvariantCulture) : null;
        at = end + 1;
        return new(null, OperatorCatalog.Create(name, argument), maximum);
    }

    // After name and arguments come an optional ":LENGTH" and the closing "%".
    private static bool IsEnd(string format, int i)
    {
        if (i < format.Length && format[i] == ':')
        {
            var digits = i + 1;
            while (digits < format.Length && char.IsAsciiDigit(format[digits]) && digits - i <= 9)
                digits++;
            if (digits == i + 1)
                return false;
            i = digits;
        }

        return i < format.Length && format[i] == '%';
    }
}
