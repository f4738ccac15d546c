using System.Globalization;
using System.Text;
using Lateen.Local.Processes;
using Lateen.Local.Running;
using Spectre.Console;

namespace Lateen.Local.Output;

/// <summary>What runs, as a table, with the addresses to try.</summary>
internal static class StatusTable
{
    private const int Width = 120;

    /// <summary>Writes it.</summary>
    internal static void Write(LogScreen screen, ReplicaSet replicas, IReadOnlyList<string> urls)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = screen.Colored ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = screen.Colored ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width;
        console.WriteLine();
        console.Write(Replicas(replicas, screen.Colored));
        foreach (var url in urls)
            console.MarkupLineInterpolated($"  [bold]{url}[/]");
        console.WriteLine();
        screen.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static Table Replicas(ReplicaSet replicas, bool colored)
    {
        var table = new Table { Border = colored ? TableBorder.Rounded : TableBorder.None };
        table.AddColumns("Replica", "Namespace", "Application", "Sidecar", "Address", "State");
        foreach (var replica in replicas.Replicas.Prepend(replicas.Gateway))
        {
            var workload = replica.Workload;
            table.AddRow(
                Markup.Escape(workload.Name),
                Markup.Escape(workload.Namespace),
                Process(replica.Application),
                Process(replica.Sidecar),
                workload.Address,
                replica.Ready ? "[green]ready[/]" : "[yellow]not ready[/]");
        }

        foreach (var process in replicas.External)
            table.AddRow(Markup.Escape(process.Spec.Name), "outside the mesh", Process(process), "-", "", "");
        return table;
    }

    private static string Process(SupervisedProcess? process) =>
        process is null ? "-" : process.ProcessId is { } id ? id.ToString(CultureInfo.InvariantCulture) : "[yellow]down[/]";
}
