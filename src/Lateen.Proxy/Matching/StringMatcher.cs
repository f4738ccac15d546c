using System.Text;
using Lateen.Proxy.Configuration;
using Proto = Envoy.Type.Matcher.V3.StringMatcher;

namespace Lateen.Proxy.Matching;

/// <summary>A compiled string matcher over bytes; allocates nothing. Case is ignored for ASCII letters only.</summary>
public sealed class StringMatcher
{
    private readonly Proto.MatchPatternOneofCase _kind;
    private readonly byte[] _operand;
    private readonly CompiledRegex? _regex;
    private readonly bool _ignoreCase;

    private StringMatcher(Proto.MatchPatternOneofCase kind, string operand, CompiledRegex? regex, bool ignoreCase)
    {
        (_kind, _regex, _ignoreCase) = (kind, regex, ignoreCase);
        _operand = Encoding.UTF8.GetBytes(operand);
    }

    /// <summary>A matcher for one exact value.</summary>
    public static StringMatcher Exact(string value, bool ignoreCase = false) =>
        new(Proto.MatchPatternOneofCase.Exact, value, null, ignoreCase);

    /// <summary>A matcher for values with this prefix.</summary>
    public static StringMatcher Prefix(string value) => new(Proto.MatchPatternOneofCase.Prefix, value, null, false);

    /// <summary>A matcher for values with this suffix.</summary>
    public static StringMatcher Suffix(string value) => new(Proto.MatchPatternOneofCase.Suffix, value, null, false);

    /// <summary>A matcher for values that contain this one.</summary>
    public static StringMatcher Contains(string value) => new(Proto.MatchPatternOneofCase.Contains, value, null, false);

    /// <summary>A matcher for values that match an expression as a whole.</summary>
    public static StringMatcher Regex(CompiledRegex regex) => new(Proto.MatchPatternOneofCase.SafeRegex, "", regex, false);

    /// <summary>Compiles a matcher; <paramref name="path"/> names its field in errors.</summary>
    /// <exception cref="ConfigurationException">The matcher is empty, invalid, or of a kind that is not supported.</exception>
    public static StringMatcher Compile(Proto matcher, string path) => matcher.MatchPatternCase switch
    {
        Proto.MatchPatternOneofCase.Exact => new(matcher.MatchPatternCase, matcher.Exact, null, matcher.IgnoreCase),
        Proto.MatchPatternOneofCase.Prefix => new(matcher.MatchPatternCase, NotEmpty(matcher.Prefix, $"{path}.prefix"), null, matcher.IgnoreCase),
        Proto.MatchPatternOneofCase.Suffix => new(matcher.MatchPatternCase, NotEmpty(matcher.Suffix, $"{path}.suffix"), null, matcher.IgnoreCase),
        Proto.MatchPatternOneofCase.Contains =>
            new(matcher.MatchPatternCase, NotEmpty(matcher.Contains, $"{path}.contains"), null, matcher.IgnoreCase),
        Proto.MatchPatternOneofCase.SafeRegex =>
            new(matcher.MatchPatternCase, "", CompiledRegex.Compile(matcher.SafeRegex, $"{path}.safe_regex"), false),
        Proto.MatchPatternOneofCase.Custom => throw new ConfigurationException($"{path}.custom", "custom string matchers are not supported"),
        _ => throw new ConfigurationException(path, "expected one of exact, prefix, suffix, safe_regex, contains"),
    };

    /// <summary>True when the value matches.</summary>
    public bool Matches(ReadOnlySpan<byte> value) => _kind switch
    {
        Proto.MatchPatternOneofCase.Exact => value.Length == _operand.Length && Same(value),
        Proto.MatchPatternOneofCase.Prefix => value.Length >= _operand.Length && Same(value[.._operand.Length]),
        Proto.MatchPatternOneofCase.Suffix => value.Length >= _operand.Length && Same(value[^_operand.Length..]),
        Proto.MatchPatternOneofCase.Contains => _ignoreCase ? ContainsIgnoringCase(value) : value.IndexOf(_operand) >= 0,
        _ => _regex!.IsFullMatch(value),
    };

    /// <summary>True when the value matches.</summary>
    public bool Matches(string value)
    {
        Span<byte> bytes = value.Length <= 170 ? stackalloc byte[512] : new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        return Matches(bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        _regex is null ? $"{_kind.ToString().ToLowerInvariant()} \"{Encoding.UTF8.GetString(_operand)}\"" : $"regex \"{_regex.Pattern}\"";

    private static string NotEmpty(string value, string path) =>
        value.Length > 0 ? value : throw new ConfigurationException(path, "expected a value");

    private bool Same(ReadOnlySpan<byte> part) => _ignoreCase ? Ascii.EqualsIgnoreCase(part, _operand) : part.SequenceEqual(_operand);

    private bool ContainsIgnoringCase(ReadOnlySpan<byte> value)
    {
        for (var at = 0; at + _operand.Length <= value.Length; at++)
        {
            if (Ascii.EqualsIgnoreCase(value.Slice(at, _operand.Length), _operand))
                return true;
        }

        return false;
    }
}
