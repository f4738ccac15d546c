using System.Buffers;
using System.Buffers.Text;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Proto = Envoy.Config.Route.V3.HeaderMatcher;

namespace Lateen.Proxy.Matching;

#pragma warning disable CS0612 // fields that Envoy deprecated are still in use

/// <summary>
/// A compiled header matcher (Envoy: HeaderMatcher). The value is all lines of the name joined with <c>,</c>. A missing header fails
/// every form but <c>present_match</c>, inverted or not, unless missing counts as empty.
/// </summary>
public sealed class HeaderMatcher
{
    private enum Kind
    {
        Present,
        Absent,
        Any,
        Text,
        Range,
    }

    private readonly Kind _kind;
    private readonly StringMatcher? _text;
    private readonly long _start;
    private readonly long _end;
    private readonly bool _invert;
    private readonly bool _missingIsEmpty;

    private HeaderMatcher(Proto matcher, Kind kind, StringMatcher? text)
    {
        Name = HeaderName.Of(matcher.Name.Equals("host", StringComparison.OrdinalIgnoreCase) ? ":authority" : matcher.Name);
        (_kind, _text, _invert, _missingIsEmpty) = (kind, text, matcher.InvertMatch, matcher.TreatMissingHeaderAsEmpty);
        if (kind == Kind.Range)
            (_start, _end) = (matcher.RangeMatch.Start, matcher.RangeMatch.End);
    }

    /// <summary>The header it looks at; <c>host</c> is <c>:authority</c>.</summary>
    public HeaderName Name { get; }

    /// <summary>Compiles a matcher; <paramref name="path"/> names its field in errors.</summary>
    /// <exception cref="ConfigurationException">It has no name or its value matcher is not valid.</exception>
    public static HeaderMatcher Compile(Proto m, string path)
    {
        if (m.Name.Length == 0)
            throw new ConfigurationException($"{path}.name", "expected a header name");
        return m.HeaderMatchSpecifierCase switch
        {
            Proto.HeaderMatchSpecifierOneofCase.None => new(m, Kind.Present, null),
            Proto.HeaderMatchSpecifierOneofCase.PresentMatch => new(m, m.PresentMatch ? Kind.Present : Kind.Absent, null),
            Proto.HeaderMatchSpecifierOneofCase.RangeMatch => new(m, Kind.Range, null),
            Proto.HeaderMatchSpecifierOneofCase.ExactMatch when m.ExactMatch.Length == 0 => new(m, Kind.Any, null),
            Proto.HeaderMatchSpecifierOneofCase.ExactMatch => new(m, Kind.Text, StringMatcher.Exact(m.ExactMatch)),
            Proto.HeaderMatchSpecifierOneofCase.PrefixMatch => new(m, Kind.Text, StringMatcher.Prefix(m.PrefixMatch)),
            Proto.HeaderMatchSpecifierOneofCase.SuffixMatch => new(m, Kind.Text, StringMatcher.Suffix(m.SuffixMatch)),
            Proto.HeaderMatchSpecifierOneofCase.ContainsMatch => new(m, Kind.Text, StringMatcher.Contains(m.ContainsMatch)),
            Proto.HeaderMatchSpecifierOneofCase.SafeRegexMatch =>
                new(m, Kind.Text, StringMatcher.Regex(CompiledRegex.Compile(m.SafeRegexMatch, $"{path}.safe_regex_match"))),
            Proto.HeaderMatchSpecifierOneofCase.StringMatch =>
                new(m, Kind.Text, StringMatcher.Compile(m.StringMatch, $"{path}.string_match")),
            _ => throw new ConfigurationException(path, "unknown kind of header match"),
        };
    }

    /// <summary>Compiles a list of matchers.</summary>
    /// <exception cref="ConfigurationException">One of them is not valid.</exception>
    public static HeaderMatcher[] CompileAll(IReadOnlyList<Proto> matchers, string path) =>
        [.. matchers.Select((m, i) => Compile(m, $"{path}[{i}]"))];

    /// <summary>True when all matchers match.</summary>
    public static bool MatchAll(HeaderMatcher[] matchers, HeaderMap headers)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.Matches(headers))
                return false;
        }

        return true;
    }

    /// <summary>True when the headers match. Allocates nothing.</summary>
    public bool Matches(HeaderMap headers)
    {
        var first = headers.IndexOf(Name);
        if (_kind is Kind.Present or Kind.Absent)
            return first >= 0 == (_kind == Kind.Present) != _invert;
        if (first < 0)
            return _missingIsEmpty && MatchesValue([]) != _invert;
        var second = headers.IndexOf(Name, first + 1);
        return (second < 0 ? MatchesValue(headers.ValueAt(first)) : MatchesJoined(headers, first)) != _invert;
    }

    /// <summary>True when the response's headers match; <c>:status</c> is its status.</summary>
    public bool Matches(ResponseHead response)
    {
        if (Name != HeaderNames.Status)
            return Matches(response.Headers);
        Span<byte> digits = stackalloc byte[12];
        Utf8Formatter.TryFormat(response.Status, digits, out var length);
        return _kind switch
        {
            Kind.Present => !_invert,
            Kind.Absent => _invert,
            _ => MatchesValue(digits[..length]) != _invert,
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"header {Name}{(_invert ? " not" : "")} " + _kind switch
        {
            Kind.Present => "present",
            Kind.Absent => "absent",
            Kind.Any => "any",
            Kind.Range => $"in [{_start}, {_end})",
            _ => _text!.ToString(),
        };

    private bool MatchesValue(ReadOnlySpan<byte> value) => _kind switch
    {
        Kind.Any => true,
        Kind.Text => _text!.Matches(value),
        _ => Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length && number >= _start && number < _end,
    };

    private bool MatchesJoined(HeaderMap headers, int first)
    {
        var size = 0;
        for (var i = first; i >= 0; i = headers.IndexOf(Name, i + 1))
            size += headers.ValueAt(i).Length + 1;
        var joined = ArrayPool<byte>.Shared.Rent(size);
        var at = 0;
        for (var i = first; i >= 0; i = headers.IndexOf(Name, i + 1))
        {
            var value = headers.ValueAt(i);
            value.CopyTo(joined.AsSpan(at));
            at += value.Length;
            joined[at++] = (byte)',';
        }

        var matches = MatchesValue(joined.AsSpan(0, at - 1));
        ArrayPool<byte>.Shared.Return(joined);
        return matches;
    }
}
