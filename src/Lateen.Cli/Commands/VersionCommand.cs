using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version of this build.</summary>
    internal static string Version =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    internal static Command Create()
    {
        var command = new Command("version", "Shows the version of lateen.");
        command.SetAction(parsed =>
            parsed.InvocationConfiguration.Output.WriteLine($"lateen {Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})"));
        return command;
    }
}
