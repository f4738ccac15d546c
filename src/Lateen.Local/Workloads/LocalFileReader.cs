using System.Collections.Immutable;
using Lateen.Resources.Reading;

namespace Lateen.Local.Workloads;

/// <summary>Reads <c>local.yaml</c> strictly: what it does not know is an error, all errors are reported together.</summary>
public static class LocalFileReader
{
    private static readonly string[] TopFields = ["deployments", "external"];
    private static readonly string[] CommandFields = ["project", "command", "args", "env", "workingDirectory"];

    /// <summary>The content of a document. Throws <see cref="LocalMeshException"/> with a line <c>file:line:column: what is wrong</c> for each error.</summary>
    public static LocalFile Read(string file, Node root)
    {
        var reader = new Reader(file);
        var content = reader.ReadFile(root);
        return reader.Errors.Count == 0 ? content : throw new LocalMeshException(string.Join('\n', reader.Errors));
    }

    private sealed class Reader(string file)
    {
        internal List<string> Errors { get; } = [];

        internal LocalFile ReadFile(Node root)
        {
            var content = LocalFile.Empty;
            foreach (var entry in Entries(root, "", TopFields))
            {
                content = entry.Key == "deployments"
                    ? content with { Deployments = ReadCommands(entry) }
                    : content with { External = ReadCommands(entry) };
            }

            return content;
        }

        private ImmutableSortedDictionary<string, LocalCommand> ReadCommands(NodeEntry commands) =>
            Entries(commands.Value, commands.Key, null)
                .ToImmutableSortedDictionary(entry => entry.Key, entry => ReadCommand(entry, NodePath.Member(commands.Key, entry.Key)), StringComparer.Ordinal);

        private LocalCommand ReadCommand(NodeEntry command, string path)
        {
            var result = new LocalCommand { Position = new SourcePosition(file, command.Line, command.Column) };
            foreach (var entry in Entries(command.Value, path, CommandFields))
            {
                var field = NodePath.Member(path, entry.Key);
                result = entry.Key switch
                {
                    "project" => result with { Project = ReadTemplate(entry.Value, field) },
                    "command" => result with { Command = ReadTemplate(entry.Value, field) },
                    "workingDirectory" => result with { WorkingDirectory = ReadTemplate(entry.Value, field) },
                    "args" => result with { Args = ReadArguments(entry.Value, field) },
                    _ => result with { Env = ReadEnvironment(entry.Value, field) },
                };
            }

            if (result.Project is null == result.Command is null)
                Report(command.Line, command.Column, path, "expected either \"project\" or \"command\"");
            return result;
        }

        private ImmutableArray<Template> ReadArguments(Node node, string path)
        {
            if (node is SequenceNode sequence)
                return [.. sequence.Items.Select((item, index) => ReadTemplate(item, NodePath.Item(path, index)))];
            Report(node.Line, node.Column, path, "expected a list of texts");
            return [];
        }

        private ImmutableSortedDictionary<string, Template> ReadEnvironment(Node node, string path) =>
            Entries(node, path, null)
                .ToImmutableSortedDictionary(entry => entry.Key, entry => ReadTemplate(entry.Value, NodePath.Member(path, entry.Key)), StringComparer.Ordinal);

        private Template ReadTemplate(Node node, string path)
        {
            var template = new Template((node as ScalarNode)?.Text ?? "", new SourcePosition(file, node.Line, node.Column));
            if (node is not ScalarNode { Kind: not ScalarKind.Null })
                Report(node.Line, node.Column, path, "expected a text");
            else if (template.Problem() is { } problem)
                Report(node.Line, node.Column, path, problem);
            return template;
        }

        // The entries of a mapping, of which only those with a known key (null: any key).
        private List<NodeEntry> Entries(Node node, string path, string[]? known)
        {
            var entries = new List<NodeEntry>();
            if (node is not MappingNode mapping)
            {
                if (node is not ScalarNode { Kind: ScalarKind.Null })
                    Report(node.Line, node.Column, path, "expected a mapping");
                return entries;
            }

            foreach (var entry in mapping.Entries)
            {
                if (known is not null && !known.Contains(entry.Key))
                    Report(entry.Line, entry.Column, NodePath.Member(path, entry.Key), $"unknown field; expected one of {string.Join(", ", known)}");
                else
                    entries.Add(entry);
            }

            return entries;
        }

        private void Report(int line, int column, string path, string problem) =>
            Errors.Add($"{new SourcePosition(file, line, column)}: {(path.Length == 0 ? "" : $"{path}: ")}{problem}");
    }
}
