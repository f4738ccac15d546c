using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Lateen.Cli.Commands;
using Lateen.ControlPlane;
using Lateen.Local;
using Lateen.Local.Processes;

namespace Lateen.Cli;

/// <summary>The commands of <c>lateen</c>.</summary>
internal static class CommandLine
{
    private const string Summary = "A service mesh that takes Istio's YAML unchanged.";

    private const string Details = """
        lateen up FOLDER runs the mesh of a folder on this machine: a control plane, a gateway, and the replicas of each
        Deployment with a sidecar each. proxy-status and proxy-config look into a running mesh. validate checks files
        without any.

        Exit codes:
          0  all is well
          1  a problem was found; what it is stands on standard error or in the answer
          2  the command line is wrong
        """;

    /// <summary>Runs a command line; the exit code.</summary>
    internal static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        var parsed = Create().Parse(arguments);
        var wrong = parsed.Action as ParseErrorAction;
        wrong?.ShowHelp = false;
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration).ConfigureAwait(false);
            if (wrong is null)
                return code;
            await error.WriteLineAsync("lateen --help, and --help after each command, tell more.").ConfigureAwait(false);
            return ExitCodes.Usage;
        }
        catch (Exception problem) when (problem is LocalMeshException or ProcessStartException or ControlPlaneException or InvalidDataException or ProblemException)
        {
            await error.WriteLineAsync($"lateen: {problem.Message}").ConfigureAwait(false);
            return ExitCodes.Problem;
        }
    }

    private static RootCommand Create()
    {
        var root = new RootCommand(Summary)
        {
            UpCommand.Create(),
            ControlPlaneCommand.Create(),
            ProxyStatusCommand.Create(),
            ProxyConfigCommand.Create(),
            ValidateCommand.Create(),
            VersionCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new DetailedHelp((HelpAction)help.Action!, Details);
        return root;
    }
}
