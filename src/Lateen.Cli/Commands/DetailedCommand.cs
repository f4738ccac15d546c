using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lateen.Cli.Commands;

/// <summary>A command with one line for the list of commands, and more to read in its own help.</summary>
internal sealed class DetailedCommand(string name, string summary, string details) : Command(name, summary)
{
    /// <summary>The text below the help.</summary>
    internal string Details => details;
}

/// <summary>Help that ends with the details of the command.</summary>
internal sealed class DetailedHelp(HelpAction help, string rootDetails) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        var details = command is RootCommand ? rootDetails : (command as DetailedCommand)?.Details;
        if (details is not null)
            parseResult.InvocationConfiguration.Output.WriteLine(details);
        return result;
    }
}
