using System.CommandLine;
using Lateen.Local;
using Lateen.Local.Output;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen up</c>.</summary>
internal static class UpCommand
{
    private const string Details = """
        The folder holds ordinary Kubernetes and Istio YAML, and a local.yaml that says which program stands for each
        Deployment (docs/local.md). Edits to the YAML take effect while it runs. Ctrl-C ends everything; nothing is left behind.

          lateen up samples/bookinfo
          lateen up samples/bookinfo --port 9090 --state /tmp/other-mesh
        """;

    internal static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "The folder with the YAML." };
        var port = MeshCommandOptions.Port();
        var httpsPort = MeshCommandOptions.HttpsPort();
        var controlPort = MeshCommandOptions.ControlPort();
        var state = MeshCommandOptions.State();
        var noApps = new Option<bool>("--no-apps") { Description = "Run only the mesh; the applications are started by somebody else, at the addresses that are shown." };
        var verbose = new Option<bool>("--verbose") { Description = "Let the control plane and the proxies tell what they do, not only what goes wrong." };
        var command = new DetailedCommand("up", "Runs the mesh of a folder on this machine.", Details) { folder, port, httpsPort, controlPort, state, noApps, verbose };
        command.SetAction((parsed, _) => RunAsync(new MeshOptions
        {
            Folder = parsed.GetRequiredValue(folder).FullName,
            State = parsed.GetRequiredValue(state),
            Port = parsed.GetValue(port),
            HttpsPort = parsed.GetValue(httpsPort),
            ControlPort = parsed.GetValue(controlPort),
            RunApplications = !parsed.GetValue(noApps),
            Verbose = parsed.GetValue(verbose),
        }));
        return command;
    }

    private static async Task<int> RunAsync(MeshOptions options)
    {
        using var signals = new TerminationSignals();
        var colored = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        using var output = Console.OpenStandardOutput();
        var mesh = new LocalMesh(options, Programs.Find(), new LogScreen(output, colored), TimeProvider.System);
        await mesh.RunAsync(signals.Token).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
