using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Envoy.Type.Matcher.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Matching;

/// <summary>
/// A regular expression of configuration (RE2 syntax), run in time linear to the input. What .NET's linear engine cannot do
/// (back references, look-around) RE2 cannot do either.
/// </summary>
public sealed class CompiledRegex
{
    private const int StackChars = 512;
    private readonly Regex _full;
    private readonly Regex _search;

    private CompiledRegex(string pattern, Regex full, Regex search) => (Pattern, _full, _search) = (pattern, full, search);

    /// <summary>The expression as configured.</summary>
    public string Pattern { get; }

    /// <summary>Compiles an expression.</summary>
    /// <exception cref="ConfigurationException">It is not a valid expression.</exception>
    public static CompiledRegex Compile(RegexMatcher matcher, string path)
    {
        if (matcher.Regex.Length == 0)
            throw new ConfigurationException($"{path}.regex", "expected an expression");
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        try
        {
            var translated = Re2Syntax.ToDotNet(matcher.Regex);
            return new CompiledRegex(matcher.Regex, new Regex($@"\A(?:{translated})\z", Options), new Regex(translated, Options));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException($"{path}.regex", $"not a valid expression: {e.Message}", e);
        }
    }

    /// <summary>True when the whole value matches.</summary>
    public bool IsFullMatch(ReadOnlySpan<byte> value)
    {
        if (value.Length <= StackChars)
        {
            Span<char> chars = stackalloc char[StackChars];
            return _full.IsMatch(chars[..Encoding.UTF8.GetChars(value, chars)]);
        }

        var rented = ArrayPool<char>.Shared.Rent(value.Length);
        var matches = _full.IsMatch(rented.AsSpan(0, Encoding.UTF8.GetChars(value, rented)));
        ArrayPool<char>.Shared.Return(rented);
        return matches;
    }

    /// <summary>True when the whole value matches.</summary>
    public bool IsFullMatch(string value) => _full.IsMatch(value);

    internal string Replace(string input, string replacement) => _search.Replace(input, replacement);
}
