using System.CommandLine;
using Lateen.Cli.Validating;
using Lateen.Validation;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen validate</c>.</summary>
internal static class ValidateCommand
{
    private const string Details = """
        Each object is looked at by itself, by the rules of Istio's schemas and of its validation webhook; no cluster is
        asked. Objects of other kinds are passed over, those of Kubernetes that a mesh reads are read strictly.

        Exits with 1 when there is an error; warnings alone do not count.
        """;

    internal static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f")
        {
            Description = "File, folder with everything below it, or - for standard input. May be given several times.",
            HelpName = "PATH",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var format = new Option<FindingFormat>("--output", "-o") { Description = "text, json, sarif or github.", HelpName = "FORMAT" };
        var command = new DetailedCommand("validate", "Checks YAML and JSON files without a cluster.", Details) { files, format };
        command.SetAction(async (parsed, cancellation) =>
        {
            var found = await CheckedFiles.ReadAsync(parsed.GetRequiredValue(files), Console.In, cancellation).ConfigureAwait(false);
            Write(found, parsed.GetValue(format), parsed.InvocationConfiguration.Output);
            return found.Findings.Any(finding => finding.Severity == Severity.Error) ? ExitCodes.Problem : ExitCodes.Success;
        });
        return command;
    }

    private static void Write(CheckedFiles files, FindingFormat format, TextWriter output)
    {
        switch (format)
        {
            case FindingFormat.Json:
                output.WriteLine(FindingJson.List(files.Findings));
                break;
            case FindingFormat.Sarif:
                output.WriteLine(FindingJson.Sarif(files.Findings, VersionCommand.Version));
                break;
            case FindingFormat.Github:
                FindingText.WriteGithub(files, output);
                break;
            default:
                FindingText.Write(files, output);
                break;
        }
    }
}
