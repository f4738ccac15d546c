using System.Text.RegularExpressions;
using Lateen.Resources.Reading;

namespace Lateen.Local.Workloads;

/// <summary>
/// A text of <c>local.yaml</c> with its variables: <c>${address}</c>, <c>${port:NAME_OR_NUMBER}</c>, <c>${replica}</c>, <c>${pod}</c>,
/// <c>${namespace}</c>, <c>${folder}</c>; <c>$${</c> stands for <c>${</c>.
/// </summary>
/// <param name="Text">As written.</param>
/// <param name="Position">Where.</param>
public sealed partial record Template(string Text, SourcePosition Position)
{
    private static readonly string[] Names = ["address", "replica", "pod", "namespace", "folder"];

    /// <summary>The text with its variables replaced; <paramref name="value"/> throws <see cref="FormatException"/> for one it does not have.</summary>
    public string Fill(Func<string, string> value)
    {
        try
        {
            return Variable().Replace(Text, match => match.Value.StartsWith("$$", StringComparison.Ordinal) ? match.Value[1..] : value(match.Groups[1].Value));
        }
        catch (FormatException wrong)
        {
            throw new LocalMeshException($"{Position}: {wrong.Message}", wrong);
        }
    }

    /// <summary>What is wrong with the text, or null.</summary>
    internal string? Problem()
    {
        foreach (Match match in Variable().Matches(Text))
        {
            var name = match.Groups[1].Value;
            if (match.Value.StartsWith("$$", StringComparison.Ordinal) || Names.Contains(name))
                continue;
            if (name.StartsWith("port:", StringComparison.Ordinal) && name.Length > "port:".Length)
                continue;
            return $"unknown variable ${{{name}}}; there are {string.Join(", ", Names.Select(known => $"${{{known}}}"))} and ${{port:NAME_OR_NUMBER}}";
        }

        return Variable().Replace(Text, "").Contains("${", StringComparison.Ordinal) ? "\"${\" is not closed by \"}\"" : null;
    }

    [GeneratedRegex(@"\$?\$\{([^}]*)\}")]
    private static partial Regex Variable();
}
