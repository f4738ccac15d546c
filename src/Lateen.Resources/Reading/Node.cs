namespace Lateen.Resources.Reading;

/// <summary>A node of a YAML or JSON document, with its place.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public abstract record Node(int Line, int Column);

/// <summary>A mapping (JSON object), in the order written.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Entries">The entries.</param>
public sealed record MappingNode(int Line, int Column, IReadOnlyList<NodeEntry> Entries) : Node(Line, Column)
{
    /// <summary>The value of a key, or null.</summary>
    public Node? this[string key] => Find(key)?.Value;

    /// <summary>The entry of a key, or null.</summary>
    public NodeEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key);
}

/// <summary>One entry of a mapping.</summary>
/// <param name="Key">The key's text.</param>
/// <param name="Line">The key's line.</param>
/// <param name="Column">The key's column.</param>
/// <param name="Value">The value.</param>
public sealed record NodeEntry(string Key, int Line, int Column, Node Value);

/// <summary>A sequence (JSON array).</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Items">The items.</param>
public sealed record SequenceNode(int Line, int Column, IReadOnlyList<Node> Items) : Node(Line, Column);

/// <summary>What a scalar is by YAML's core schema.</summary>
public enum ScalarKind
{
    /// <summary>Text.</summary>
    String,

    /// <summary>Empty, <c>~</c> or <c>null</c>.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with fraction or exponent.</summary>
    Float,
}

/// <summary>A single value.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text: numbers in JSON's form, everything else as it is.</param>
public sealed record ScalarNode(int Line, int Column, ScalarKind Kind, string Text) : Node(Line, Column)
{
    /// <summary>Its text as it was written, e.g. <c>yes</c> for the boolean <c>true</c>.</summary>
    public string Written { get; init; } = Text;
}
