using Lateen.Translation;
using Lateen.Validation;

namespace Lateen.ControlPlane.Api;

/// <summary>Something wrong in the configuration, as <c>/debug/config_errors</c> tells.</summary>
/// <param name="Severity"><c>error</c>, <c>warning</c> or <c>info</c>.</param>
/// <param name="File">The file; empty when it is about none.</param>
/// <param name="Line">Line from 1; 0 without a file.</param>
/// <param name="Column">Column from 1; 0 without a file.</param>
/// <param name="Object"><c>Kind namespace/name</c>; empty when it is about none.</param>
/// <param name="Path">The field; empty when it is about none.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record ConfigProblem(string Severity, string File, int Line, int Column, string Object, string Path, string Message)
{
    internal static ConfigProblem Of(Finding finding) => new(
        finding.Severity.ToString().ToLowerInvariant(), finding.Position?.File ?? "", finding.Position?.Line ?? 0, finding.Position?.Column ?? 0,
        finding.Kind.Length > 0 ? $"{finding.Kind} {finding.Namespace}/{finding.Name}" : "", finding.Path, finding.Message);

    internal static ConfigProblem Of(TranslationNote note) =>
        new("warning", "", 0, 0, $"{note.Kind} {note.Namespace}/{note.Name}", note.Field, note.Reason);
}
