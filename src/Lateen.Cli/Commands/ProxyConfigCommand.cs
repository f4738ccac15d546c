using System.CommandLine;
using System.Text.Json.Nodes;
using Lateen.Cli.Output;
using Lateen.Cli.Proxies;
using Lateen.Cli.Proxies.Views;

namespace Lateen.Cli.Commands;

/// <summary><c>lateen proxy-config</c>.</summary>
internal static class ProxyConfigCommand
{
    private const string Details = """
        PROXY is a name as proxy-status shows it (reviews-v1-1.default), or the part before the dot, or a beginning of it
        that only one proxy has.

          lateen proxy-config routes productpage
          lateen proxy-config endpoints reviews-v1-1.default -o json
        """;

    internal static Command Create()
    {
        var command = new DetailedCommand("proxy-config", "Shows the configuration that a proxy has, asked of the proxy itself.", Details)
        {
            View(new ListenersView(), "listeners", "listener", "Where it listens, what it matches connections by, and where they go."),
            View(new RoutesView(), "routes", "route", "Virtual hosts and routes."),
            View(new ClustersView(), "clusters", "cluster", "The services it can send requests to."),
            View(new EndpointsView(), "endpoints", "endpoint", "Addresses behind the clusters, and their health."),
            View(new SecretsView(), "secrets", "secret", "Certificates and what they are trusted by; never a private key."),
        };
        command.Aliases.Add("pc");
        return command;
    }

    private static Command View(IProxyView view, string name, string alias, string description)
    {
        var proxy = new Argument<string>("PROXY") { Description = "The proxy." };
        var format = new Option<OutputFormat>("--output", "-o") { Description = "How to write it.", DefaultValueFactory = _ => OutputFormat.Table };
        var state = MeshCommandOptions.State();
        var command = new Command(name, description) { proxy, format, state };
        command.Aliases.Add(alias);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = ControlPlaneClient.Find(parsed.GetRequiredValue(state));
            var status = await client.ProxyAsync(parsed.GetRequiredValue(proxy), cancellation).ConfigureAwait(false);
            var dump = await client.AdminAsync(status, view.Path, cancellation).ConfigureAwait(false);
            Write(view, dump, parsed.GetValue(format), parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    /// <summary>Writes what a proxy answered.</summary>
    internal static void Write(IProxyView view, JsonNode dump, OutputFormat format, TextWriter output)
    {
        var resources = view.Resources(dump).Select(Redaction.WithoutKeys).ToList();
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(Formats.Json(resources));
                break;
            case OutputFormat.Yaml:
                output.Write(Formats.Yaml(resources));
                break;
            default:
                new Grid(view.Columns, [.. resources.SelectMany(view.Rows)]).Write(output);
                break;
        }
    }
}
