namespace Lateen.Resources.Reading;

/// <summary>A place in a file.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct SourcePosition(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>Where an object was read: its first position, and the position of each of its fields.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="root">The object's node.</param>
public sealed class ResourceOrigin(string file, Node root)
{
    /// <summary>Where the object begins.</summary>
    public SourcePosition Position => new(file, root.Line, root.Column);

    /// <summary>The object as it was written.</summary>
    public Node Root => root;

    /// <summary>
    /// The position of the field at <paramref name="path"/> (e.g. <c>spec.http[0].route[1].weight</c>), or of the deepest part of the
    /// path that exists.
    /// </summary>
    public SourcePosition Locate(string path)
    {
        (int line, int column) = NodePath.Locate(root, path);
        return new(file, line, column);
    }
}
