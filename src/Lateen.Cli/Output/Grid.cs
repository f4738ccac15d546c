using System.Globalization;
using Spectre.Console;

namespace Lateen.Cli.Output;

/// <summary>A table of texts: coloured on a terminal, else plain columns that other programs can read.</summary>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">As many texts each as there are headings.</param>
internal sealed record Grid(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const int Gap = 3;

    /// <summary>Writes the table.</summary>
    internal void Write(TextWriter output)
    {
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected)
            WriteColored();
        else
            WritePlain(output);
    }

    private void WriteColored()
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in Columns)
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column)}[/]"));
        foreach (var row in Rows)
            table.AddRow([.. row.Select(text => new Markup(Paint(text)))]);
        AnsiConsole.Write(table);
    }

    private void WritePlain(TextWriter output)
    {
        var widths = Columns.Select((column, i) => Rows.Select(row => row[i].Length).Append(column.Length).Max()).ToArray();
        foreach (var row in Rows.Prepend(Columns))
            output.WriteLine(string.Concat(row.Select((text, i) => text.PadRight(widths[i] + Gap))).TrimEnd());
    }

    private static string Paint(string text)
    {
        var escaped = Markup.Escape(text);
        return text.Split(' ')[0].ToUpper(CultureInfo.InvariantCulture) switch
        {
            "SYNCED" or "HEALTHY" or "ACTIVE" or "OK" => $"[green]{escaped}[/]",
            "STALE" or "WARMING" => $"[yellow]{escaped}[/]",
            "NACKED" or "UNHEALTHY" or "FAILED" => $"[red]{escaped}[/]",
            _ => escaped,
        };
    }
}
