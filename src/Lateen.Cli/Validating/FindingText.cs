using System.Buffers;
using System.Globalization;
using Lateen.Validation;

namespace Lateen.Cli.Validating;

/// <summary>Writes findings for people, and as commands of GitHub Actions.</summary>
internal static class FindingText
{
    private const int MaxWidth = 160;

    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t:,{}[]");

    /// <summary>Each finding with its line of the file and the place underlined.</summary>
    internal static void Write(CheckedFiles files, TextWriter output)
    {
        foreach (var finding in files.Findings)
        {
            output.WriteLine($"{Name(finding.Severity)}: {finding.Message}{(finding.Rule.Length > 0 ? $" [{finding.Rule}]" : "")}");
            if (finding.Position is { } position)
                output.WriteLine($"  --> {position}");
            if (finding.Kind.Length > 0)
                output.WriteLine($"   in {finding.Kind} {finding.Namespace}/{finding.Name}{(finding.Path.Length > 0 ? $", {finding.Path}" : "")}");
            WriteSource(files, finding, output);
            output.WriteLine();
        }

        var errors = files.Findings.Count(finding => finding.Severity == Severity.Error);
        output.WriteLine($"{files.Objects} objects read, {errors} errors, {files.Findings.Count - errors} warnings");
    }

    /// <summary><c>::error file=…,line=…,col=…::message</c>.</summary>
    internal static void WriteGithub(CheckedFiles files, TextWriter output)
    {
        foreach (var finding in files.Findings)
        {
            var place = finding.Position is { } position
                ? string.Create(CultureInfo.InvariantCulture, $" file={Property(position.File)},line={position.Line},col={position.Column}") : "";
            var about = $"{finding.Kind} {finding.Namespace}/{finding.Name}: {finding.Path}: ";
            output.WriteLine($"::{Name(finding.Severity)}{place}::{Data(finding.Kind.Length > 0 ? about + finding.Message : finding.Message)}");
        }
    }

    private static string Name(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "notice",
    };

    private static void WriteSource(CheckedFiles files, Finding finding, TextWriter output)
    {
        if (finding.Position is not { } position || files.Line(position)?.TrimEnd('\r') is not { Length: > 0 } line || position.Column > MaxWidth)
            return;
        var shown = line.Length > MaxWidth ? line[..MaxWidth] : line;
        var number = position.Line.ToString(CultureInfo.InvariantCulture);
        var start = Math.Min(position.Column - 1, shown.Length);
        // Tabs stay tabs, so that the mark stands below what it marks.
        var indent = string.Concat(shown[..start].Select(c => c == '\t' ? '\t' : ' '));
        var length = shown.AsSpan(start).IndexOfAny(Ends) is var end && end > 0 ? end : end < 0 ? Math.Max(1, shown.Length - start) : 1;
        output.WriteLine($"{number} | {shown}");
        output.WriteLine($"{new string(' ', number.Length)} | {indent}{new string('^', length)}");
    }

    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
