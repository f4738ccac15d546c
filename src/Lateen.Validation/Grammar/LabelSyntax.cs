using System.Text.RegularExpressions;
using Lateen.Resources;

namespace Lateen.Validation.Grammar;

/// <summary>Labels of workloads (H-15).</summary>
internal static partial class LabelSyntax
{
    /// <summary>What is wrong with the first bad entry of a map, or null.</summary>
    public static string? Problem(EquatableMap<string> labels)
    {
        foreach ((string key, string value) in labels)
        {
            if (!IsKey(key)) return $"\"{key}\" is no label key: [prefix/]name of letters, digits, '-', '_' and '.'";
            if (value.Length > 0 && !Name().IsMatch(value)) return $"\"{value}\" is no label value: letters, digits, '-', '_' and '.'";
        }
        return null;
    }

    private static bool IsKey(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        string name = key[(slash + 1)..];
        if (name.Length > 63 || !Name().IsMatch(name)) return false;
        return slash < 0 || (slash is > 0 and <= 253 && key[..slash].Split('.').All(label => DnsLabel.IsValid(label)));
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex Name();
}
