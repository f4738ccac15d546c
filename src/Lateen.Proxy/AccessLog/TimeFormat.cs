using System.Globalization;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.AccessLog;

/// <summary>
/// A strftime format with Envoy's additions (<c>%s</c> epoch seconds, <c>%f</c> and <c>%1f</c> to <c>%9f</c> fractions of a second),
/// compiled once. The empty format is RFC 3339 with milliseconds.
/// </summary>
internal sealed class TimeFormat
{
    private delegate void Piece(DateTimeOffset time, FormatBuffer output);

    private readonly List<Piece> _pieces = [];

    /// <summary>Compiles a format.</summary>
    /// <exception cref="ConfigurationException">The format has a line break.</exception>
    public static TimeFormat Compile(string format)
    {
        if (format.AsSpan().ContainsAny('\r', '\n'))
            throw new ConfigurationException("", "Invalid header configuration. Format string contains newline.");
        var compiled = new TimeFormat();
        compiled.Add(format.Length == 0 ? "%Y-%m-%dT%H:%M:%E3SZ" : format);
        return compiled;
    }

    public void Write(DateTimeOffset time, FormatBuffer output)
    {
        foreach (var piece in _pieces)
            piece(time, output);
    }

    private void Add(string format)
    {
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
                AddLiteral(format[i].ToString());
            else
                AddSpecifier(format, ref i);
        }
    }

    private void AddSpecifier(string format, ref int i)
    {
        var c = format[++i];
        if (char.IsAsciiDigit(c) && i + 1 < format.Length && format[i + 1] == 'f')
        {
            AddFraction(c - '0');
            i++;
        }
        else if (c == 'E' && i + 2 < format.Length && (char.IsAsciiDigit(format[i + 1]) || format[i + 1] == '*') && format[i + 2] is 'S' or 'f')
        {
            var digits = format[i + 1] == '*' ? 9 : format[i + 1] - '0';
            if (format[i + 2] == 'S')
                Add(digits > 0 ? "%S." : "%S");
            AddFraction(digits);
            i += 2;
        }
        else if (Composite(c) is { } composite)
        {
            Add(composite);
        }
        else
        {
            _pieces.Add(Simple(c));
        }
    }

    private void AddLiteral(string text) => _pieces.Add((_, output) => output.Append(text));

    private void AddFraction(int digits)
    {
        if (digits == 0)
            return;
        var divisor = (long)Math.Pow(10, 9 - digits);
        _pieces.Add((time, output) => output.AppendPadded(time.Ticks % TimeSpan.TicksPerSecond * 100 / divisor, digits));
    }

    private static string? Composite(char c) => c switch
    {
        'D' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'T' => "%H:%M:%S",
        'R' => "%H:%M",
        'r' => "%I:%M:%S %p",
        'c' => "%a %b %e %H:%M:%S %Y",
        'x' => "%m/%d/%y",
        'X' => "%H:%M:%S",
        'h' => "%b",
        'f' => "%9f",
        _ => null,
    };

    private static Piece Simple(char c) => c switch
    {
        'Y' => (t, o) => o.Append(t.Year),
        'C' => (t, o) => o.AppendPadded(t.Year / 100, 2),
        'y' => (t, o) => o.AppendPadded(t.Year % 100, 2),
        'm' => (t, o) => o.AppendPadded(t.Month, 2),
        'd' => (t, o) => o.AppendPadded(t.Day, 2),
        'e' => (t, o) => o.Append($"{t.Day,2}"),
        'j' => (t, o) => o.AppendPadded(t.DayOfYear, 3),
        'H' => (t, o) => o.AppendPadded(t.Hour, 2),
        'I' => (t, o) => o.AppendPadded((t.Hour + 11) % 12 + 1, 2),
        'M' => (t, o) => o.AppendPadded(t.Minute, 2),
        'S' => (t, o) => o.AppendPadded(t.Second, 2),
        'p' => (t, o) => o.Append(t.Hour < 12 ? "AM" : "PM"),
        's' => (t, o) => o.Append(t.ToUnixTimeSeconds()),
        'a' => (t, o) => o.Append(t.ToString("ddd", CultureInfo.InvariantCulture)),
        'A' => (t, o) => o.Append(t.ToString("dddd", CultureInfo.InvariantCulture)),
        'b' => (t, o) => o.Append(t.ToString("MMM", CultureInfo.InvariantCulture)),
        'B' => (t, o) => o.Append(t.ToString("MMMM", CultureInfo.InvariantCulture)),
        'u' => (t, o) => o.Append(((int)t.DayOfWeek + 6) % 7 + 1),
        'w' => (t, o) => o.Append((int)t.DayOfWeek),
        'z' => (t, o) => o.Append(t.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)),
        'Z' => (t, o) => o.Append(t.Offset == TimeSpan.Zero ? "UTC" : TimeZoneInfo.Local.StandardName),
        'n' => (_, o) => o.Append((byte)'\n'),
        't' => (_, o) => o.Append((byte)'\t'),
        '%' => (_, o) => o.Append((byte)'%'),
        _ => (_, o) => o.Append("%" + c),
    };
}
