using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lateen.Resources.Reading;

/// <summary>What an unquoted scalar is, by the rules of the YAML reader that Kubernetes' tools use (YAML 1.1: <c>yes</c> and <c>on</c> are booleans).</summary>
internal static partial class ScalarResolution
{
    public static (ScalarKind Kind, string Text) Resolve(Scalar scalar)
    {
        if (!scalar.Tag.IsEmpty) return ResolveTagged(scalar);
        return scalar.Style == ScalarStyle.Plain ? ResolvePlain(scalar.Value) : (ScalarKind.String, scalar.Value);
    }

    private static (ScalarKind, string) ResolveTagged(Scalar scalar) => scalar.Tag.Value switch
    {
        "tag:yaml.org,2002:str" or "!" or "tag:yaml.org,2002:binary" or "tag:yaml.org,2002:timestamp" => (ScalarKind.String, scalar.Value),
        "tag:yaml.org,2002:null" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" => ResolvePlain(scalar.Value),
        var tag => throw new YamlException(scalar.Start, scalar.End, $"unknown tag {tag}"),
    };

    public static (ScalarKind Kind, string Text) ResolvePlain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (ScalarKind.Null, "");
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return (ScalarKind.Boolean, "true");
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N":
                return (ScalarKind.Boolean, "false");
        }
        if (text[0] is not (>= '0' and <= '9' or '-' or '+' or '.')) return (ScalarKind.String, text);
        if (TryInteger(text.Replace("_", "", StringComparison.Ordinal), out BigInteger integer))
            return (ScalarKind.Integer, integer.ToString(CultureInfo.InvariantCulture));
        return IsFloat(text) ? (ScalarKind.Float, text) : (ScalarKind.String, text);
    }

    private static bool TryInteger(string text, out BigInteger value)
    {
        value = default;
        Match match = Integer().Match(text);
        if (!match.Success) return false;
        (string digits, int radix) = match.Groups switch
        {
            var groups when groups["hex"].Success => (groups["hex"].Value, 16),
            var groups when groups["octal"].Success => (groups["octal"].Value, 8),
            var groups when groups["binary"].Success => (groups["binary"].Value, 2),
            var groups => (groups["decimal"].Value, 10),
        };
        if (digits.Length > 64) return false;
        foreach (char digit in digits) value = (value * radix) + Convert.ToInt32(digit.ToString(), 16);
        if (match.Groups["sign"].Value == "-") value = -value;
        return true;
    }

    private static bool IsFloat(string text) => Float().IsMatch(text);

    [GeneratedRegex("^(?<sign>[-+]?)(0x(?<hex>[0-9a-fA-F]+)|0b(?<binary>[01]+)|0o?(?<octal>[0-7]+)|(?<decimal>0|[1-9][0-9]*))$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$")]
    private static partial Regex Float();
}
