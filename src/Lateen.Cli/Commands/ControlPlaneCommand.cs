using System.CommandLine;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen control-plane</c>.</summary>
internal static class ControlPlaneCommand
{
    internal static Command Create() => new("control-plane", "Runs only the control plane (lateen up starts one itself).");
}
