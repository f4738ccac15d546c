using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lateen.Resources.Reading;

/// <summary>
/// Reads YAML, and JSON as the part of YAML that it is, into node trees. Depth, size and what aliases expand to are bounded.
/// </summary>
public static class NodeReader
{
    /// <summary>Longest text that is read, in characters.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const int MaxDepth = 128;
    private const int MaxNodes = 1_000_000;
    private const int MaxAliasedNodes = 100_000;

    /// <summary>Reads every document of a text. What comes after an error of syntax is not read.</summary>
    /// <param name="file">Path of the file, for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="errors">Gets the errors.</param>
    public static IReadOnlyList<Node> Read(string file, string text, ICollection<ReadError> errors)
    {
        if (text.Length > MaxLength)
        {
            errors.Add(new(new(file, 1, 1), $"longer than {MaxLength} characters"));
            return [];
        }
        var documents = new List<Node>();
        var parser = new Parser(new StringReader(text));
        try
        {
            new Session(file, parser, errors).ReadAll(documents);
        }
        catch (YamlException exception)
        {
            (int line, int column) = Place(exception, text);
            errors.Add(new(new(file, line, column), Reason(exception)));
        }
        // The scanner lets these two escape on some malformed texts; it stands behind the last event then.
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            Mark last = parser.Current?.End ?? Mark.Empty;
            errors.Add(new(new(file, (int)last.Line, (int)last.Column), "not valid YAML from here"));
        }
        return documents;
    }

    // The parser blames a tab on where the enclosing mapping begins; the line with the tab is what the user looks for.
    private static (int Line, int Column) Place(YamlException exception, string text)
    {
        if (exception.Message.Contains("tab as indentation", StringComparison.Ordinal))
        {
            int number = 0;
            foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
            {
                int indent = line.IndexOfAnyExcept(' ');
                if (++number >= exception.Start.Line && indent >= 0 && line[indent] == '\t') return (number, indent + 1);
            }
        }
        return ((int)exception.Start.Line, (int)exception.Start.Column);
    }

    private static string Reason(YamlException exception)
    {
        string message = exception.InnerException is YamlException inner ? inner.Message : exception.Message;
        return message.Length == 0 ? "not valid YAML" : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
    }

    private sealed class Session(string file, Parser parser, ICollection<ReadError> errors)
    {
        private readonly Dictionary<AnchorName, (Node Node, int Size)> _anchors = [];
        private int _nodes;
        private int _aliased;
        private int _depth;

        public void ReadAll(List<Node> documents)
        {
            parser.Consume<StreamStart>();
            while (!parser.Accept<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                _anchors.Clear();
                Node root = ReadNode();
                parser.Consume<DocumentEnd>();
                if (root is not ScalarNode { Kind: ScalarKind.Null }) documents.Add(root);
            }
        }

        private Node ReadNode()
        {
            if (TryTake(out AnchorAlias? alias)) return Expand(alias);
            if (++_nodes > MaxNodes) throw Stop(parser.Current!, $"more than {MaxNodes} values");

            int before = _nodes + _aliased;
            (Node node, AnchorName anchor) = parser.Current switch
            {
                Scalar => ReadScalar(),
                SequenceStart start => Nested(start, ReadSequence),
                MappingStart start => Nested(start, ReadMapping),
                var other => throw Stop(other!, "value expected"),
            };
            if (!anchor.IsEmpty) _anchors[anchor] = (node, 1 + _nodes + _aliased - before);
            return node;
        }

        private (Node, AnchorName) ReadScalar()
        {
            Scalar scalar = parser.Consume<Scalar>();
            (ScalarKind kind, string text) = ScalarResolution.Resolve(scalar);
            return (new ScalarNode(Line(scalar), Column(scalar), kind, text) { Written = scalar.Value }, scalar.Anchor);
        }

        private (Node, AnchorName) Nested(NodeEvent start, Func<Node> read)
        {
            if (++_depth > MaxDepth) throw Stop(start, $"nested deeper than {MaxDepth}");
            Node node = read();
            _depth--;
            return (node, start.Anchor);
        }

        private SequenceNode ReadSequence()
        {
            SequenceStart start = parser.Consume<SequenceStart>();
            var items = new List<Node>();
            while (!TryTake<SequenceEnd>(out _)) items.Add(ReadNode());
            return new SequenceNode(Line(start), Column(start), items);
        }

        private MappingNode ReadMapping()
        {
            MappingStart start = parser.Consume<MappingStart>();
            var entries = new List<NodeEntry>();
            var merged = new List<NodeEntry>();
            var first = new Dictionary<string, NodeEntry>(StringComparer.Ordinal);
            while (!TryTake<MappingEnd>(out _))
            {
                if (!TryTake(out Scalar? key)) throw Stop(parser.Current!, "a key must be a plain text");
                Node value = ReadNode();
                if (key is { Value: "<<", IsKey: true, Style: ScalarStyle.Plain })
                {
                    merged.AddRange(MergedEntries(key, value));
                    continue;
                }
                var entry = new NodeEntry(key.Value, Line(key), Column(key), value);
                if (first.TryAdd(key.Value, entry)) entries.Add(entry);
                else errors.Add(new(new(file, entry.Line, entry.Column), $"duplicate key \"{key.Value}\", first in line {first[key.Value].Line}"));
            }
            // YAML's merge key: entries of the mapping itself win, then those merged first.
            entries.AddRange(merged.Where(entry => first.TryAdd(entry.Key, entry)));
            return new MappingNode(Line(start), Column(start), entries);
        }

        private static IEnumerable<NodeEntry> MergedEntries(Scalar key, Node value) => value switch
        {
            MappingNode mapping => mapping.Entries,
            SequenceNode sequence when sequence.Items.All(item => item is MappingNode) =>
                sequence.Items.Cast<MappingNode>().SelectMany(item => item.Entries),
            _ => throw Stop(key, "a merge key (<<) needs a mapping or a list of mappings"),
        };

        private Node Expand(AnchorAlias alias)
        {
            if (!_anchors.TryGetValue(alias.Value, out (Node Node, int Size) target)) throw Stop(alias, $"unknown alias *{alias.Value}");
            // Shared, not copied; but whoever walks the tree meets it again, so it counts again.
            _aliased += target.Size;
            if (_aliased > MaxAliasedNodes) throw Stop(alias, $"aliases stand for more than {MaxAliasedNodes} values");
            return target.Node;
        }

        private bool TryTake<T>([NotNullWhen(true)] out T? taken)
            where T : ParsingEvent
        {
            taken = parser.Current as T;
            if (taken is not null) parser.MoveNext();
            return taken is not null;
        }

        private static YamlException Stop(ParsingEvent at, string message) => new(at.Start, at.End, message);

        private static int Line(ParsingEvent at) => (int)at.Start.Line;

        private static int Column(ParsingEvent at) => (int)at.Start.Column;
    }
}
