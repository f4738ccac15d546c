using System.Text;
using Envoy.Type.Matcher.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Matching;

/// <summary>Replaces all non-overlapping matches; <c>\0</c> to <c>\9</c> stand for groups (RE2 rewrite syntax).</summary>
public sealed class RegexSubstitution
{
    private readonly CompiledRegex _pattern;
    private readonly string _replacement;

    private RegexSubstitution(CompiledRegex pattern, string replacement) => (_pattern, _replacement) = (pattern, replacement);

    /// <summary>Compiles pattern and substitution.</summary>
    /// <exception cref="ConfigurationException">One of them is not valid.</exception>
    public static RegexSubstitution Compile(RegexMatchAndSubstitute substitute, string path)
    {
        if (substitute.Pattern is null)
            throw new ConfigurationException($"{path}.pattern", "expected an expression");
        return new RegexSubstitution(
            CompiledRegex.Compile(substitute.Pattern, $"{path}.pattern"),
            ToDotNet(substitute.Substitution, $"{path}.substitution"));
    }

    /// <summary>The input with all matches replaced. Allocates.</summary>
    public string Apply(string input) => _pattern.Replace(input, _replacement);

    private static string ToDotNet(string substitution, string path)
    {
        var output = new StringBuilder();
        for (var i = 0; i < substitution.Length; i++)
        {
            var c = substitution[i];
            if (c != '\\')
            {
                output.Append(c == '$' ? "$$" : c.ToString());
                continue;
            }

            i++;
            if (i < substitution.Length && char.IsAsciiDigit(substitution[i]))
                output.Append("${").Append(substitution[i]).Append('}');
            else if (i < substitution.Length && substitution[i] == '\\')
                output.Append('\\');
            else
                throw new ConfigurationException(path, @"expected a digit or \ after \");
        }

        return output.ToString();
    }
}
