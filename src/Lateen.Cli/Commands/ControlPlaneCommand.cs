using System.CommandLine;
using Lateen.ControlPlane;
using Lateen.Identity;
using Microsoft.Extensions.Logging;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen control-plane</c>.</summary>
internal static class ControlPlaneCommand
{
    private const string Details = """
        It reads and watches the folder's YAML, and serves proxies over the socket run/xds.sock in the state folder.
        lateen up starts one itself.
        """;

    internal static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "The folder with the YAML." };
        var state = MeshCommandOptions.State();
        var port = MeshCommandOptions.Port();
        var httpsPort = MeshCommandOptions.HttpsPort();
        var controlPort = MeshCommandOptions.ControlPort();
        var trustDomain = new Option<string>("--trust-domain") { Description = "Trust domain of all identities.", HelpName = "DOMAIN", DefaultValueFactory = _ => "cluster.local" };
        var lifetime = new Option<TimeSpan>("--certificate-lifetime")
        {
            Description = "Lifetime of workload certificates, as HOURS:MINUTES:SECONDS or DAYS.HOURS:MINUTES:SECONDS; a minute to 90 days.",
            HelpName = "TIME",
            DefaultValueFactory = _ => CertificateAuthority.DefaultLifetime,
        };
        var logLevel = new Option<LogLevel>("--log-level") { Description = "The least level that is logged.", DefaultValueFactory = _ => LogLevel.Information };
        var command = new DetailedCommand("control-plane", "Runs only the control plane.", Details) { folder, state, port, httpsPort, controlPort, trustDomain, lifetime, logLevel };
        command.SetAction((parsed, _) => RunAsync(new ControlPlaneOptions
        {
            ConfigFolder = parsed.GetRequiredValue(folder).FullName,
            StateFolder = Path.GetFullPath(parsed.GetRequiredValue(state)),
            ControlPort = parsed.GetValue(controlPort),
            GatewayPort = parsed.GetValue(port),
            GatewayHttpsPort = parsed.GetValue(httpsPort),
            TrustDomain = parsed.GetRequiredValue(trustDomain),
            WorkloadCertificateLifetime = parsed.GetValue(lifetime),
            LogLevel = parsed.GetValue(logLevel),
        }));
        return command;
    }

    private static async Task<int> RunAsync(ControlPlaneOptions options)
    {
        using var signals = new TerminationSignals();
        await ControlPlaneHost.RunAsync(options, signals.Token).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
