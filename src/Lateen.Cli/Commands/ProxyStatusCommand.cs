using System.CommandLine;
using Lateen.Cli.Output;
using Lateen.Cli.Proxies;
using Lateen.ControlPlane.Api;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen proxy-status</c>.</summary>
internal static class ProxyStatusCommand
{
    private const string Details = """
        For each type of configuration:
          SYNCED    the proxy holds the newest
          STALE     sent, and not yet confirmed
          NACKED    refused; the reason follows below the table
          NOT SENT  there is nothing to send

        Exits with 1 when one is STALE or NACKED.
        """;

    private static readonly string[] Types = ["CDS", "LDS", "EDS", "RDS", "SDS"];

    internal static Command Create()
    {
        var state = MeshCommandOptions.State();
        var command = new DetailedCommand("proxy-status", "Shows how far each proxy is in taking over the configuration.", Details) { state };
        command.Aliases.Add("ps");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = ControlPlaneClient.Find(parsed.GetRequiredValue(state));
            return Write(await client.ProxiesAsync(cancellation).ConfigureAwait(false), parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    /// <summary>Writes the table; the exit code.</summary>
    internal static int Write(IReadOnlyList<ProxyStatus> proxies, TextWriter output)
    {
        new Grid(
            ["NAME", "TYPE", .. Types, "IDENTITY"],
            [.. proxies.Select(proxy => (IReadOnlyList<string>)[proxy.Proxy, proxy.ProxyType, .. Types.Select(type => Status(proxy, type)), proxy.Identity])])
            .Write(output);
        foreach (var proxy in proxies)
        {
            foreach (var (name, type) in proxy.Types.Where(entry => entry.Value.Status == "NACKED"))
                output.WriteLine($"{proxy.Proxy} refused {name}: {type.Error}");
        }

        var wrong = proxies.SelectMany(proxy => proxy.Types.Values).Any(type => type.Status is "STALE" or "NACKED");
        return wrong ? ExitCodes.Problem : ExitCodes.Success;
    }

    private static string Status(ProxyStatus proxy, string type) =>
        proxy.Types.TryGetValue(type, out var status) ? status.Status.Replace('_', ' ') : "-";
}
