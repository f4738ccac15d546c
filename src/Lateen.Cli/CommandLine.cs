using System.CommandLine;
using Lateen.Cli.Commands;
using Lateen.ControlPlane;
using Lateen.Local;

namespace Lateen.Cli;

/// <summary>The commands of <c>lateen</c>.</summary>
internal static class CommandLine
{
    private const string Description = """
        A service mesh that takes Istio's YAML unchanged.

        lateen up FOLDER runs the mesh of a folder on this machine: a control plane, a gateway, and the replicas of
        each Deployment with a sidecar each. proxy-status and proxy-config look into a running mesh.

        Exit codes: 0 all is well, 1 a problem was found (its text is on standard error), 2 the command line is wrong.
        """;

    /// <summary>Runs a command line; the exit code.</summary>
    internal static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        var parsed = Create().Parse(arguments);
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
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (Exception problem) when (problem is LocalMeshException or ControlPlaneException or ProblemException)
        {
            await error.WriteLineAsync($"lateen: {problem.Message}").ConfigureAwait(false);
            return ExitCodes.Problem;
        }
    }

    private static RootCommand Create() => new(Description)
    {
        UpCommand.Create(),
        ControlPlaneCommand.Create(),
        ProxyStatusCommand.Create(),
        ProxyConfigCommand.Create(),
        VersionCommand.Create(),
    };
}
