using System.CommandLine;
using Lateen.Local;

namespace Lateen.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class MeshCommandOptions
{
    internal static Option<int> Port() =>
        PortOption("--port", "Port of this machine for the gateway's HTTP port 80.", MeshOptions.DefaultPort, lowest: 1);

    internal static Option<int> HttpsPort() =>
        PortOption("--https-port", "Port of this machine for the gateway's HTTPS port 443.", MeshOptions.DefaultHttpsPort, lowest: 1);

    internal static Option<int> ControlPort() =>
        PortOption("--control-port", "Port of 127.0.0.1 for the control plane's API and metrics; 0 for any free one.", 15014, lowest: 0);

    internal static Option<string> State() => new("--state")
    {
        Description = "Folder for keys, sockets and what else the mesh keeps. One mesh at a time can use it.",
        HelpName = "DIR",
        DefaultValueFactory = _ => StateFolder.Default,
    };

    private static Option<int> PortOption(string name, string description, int value, int lowest)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "PORT", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var port) && (port < lowest || port > 65535))
                result.AddError($"{name} must be from {lowest} to 65535, not {port}.");
        });
        return option;
    }
}
