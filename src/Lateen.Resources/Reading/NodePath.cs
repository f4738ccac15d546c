using System.Globalization;

namespace Lateen.Resources.Reading;

/// <summary>Paths to fields: <c>spec.http[0].match[1].headers["x.y"].exact</c>.</summary>
public static class NodePath
{
    /// <summary>The path of a member below <paramref name="path"/>; keys that are no plain names are quoted in brackets.</summary>
    public static string Member(string path, string key)
    {
        bool plain = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/');
        if (!plain) return $"{path}[\"{key}\"]";
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    /// <summary>The path of an item below <paramref name="path"/>.</summary>
    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>The position of a field, of its key if it is a mapping's member; as deep as the path can be followed.</summary>
    internal static (int Line, int Column) Locate(Node root, string path)
    {
        Node node = root;
        (int, int) position = (root.Line, root.Column);
        foreach (string segment in Split(path))
        {
            switch (node)
            {
                case MappingNode mapping when mapping.Find(segment) is { } entry:
                    position = (entry.Line, entry.Column);
                    node = entry.Value;
                    break;
                case SequenceNode sequence when int.TryParse(segment, CultureInfo.InvariantCulture, out int index)
                    && index >= 0 && index < sequence.Items.Count:
                    node = sequence.Items[index];
                    position = (node.Line, node.Column);
                    break;
                default:
                    return position;
            }
        }
        return position;
    }

    private static IEnumerable<string> Split(string path)
    {
        int i = 0;
        while (i < path.Length)
        {
            if (path[i] == '.') i++;
            bool quoted = path.AsSpan(i).StartsWith("[\"");
            bool bracket = i < path.Length && path[i] == '[';
            int start = quoted ? i + 2 : bracket ? i + 1 : i;
            int end = quoted ? path.IndexOf("\"]", start, StringComparison.Ordinal)
                : bracket ? path.IndexOf(']', start)
                : path.AsSpan(start).IndexOfAny('.', '[') is var next && next < 0 ? path.Length : start + next;
            if (end < 0) yield break;
            yield return path[start..end];
            i = end + (quoted ? 2 : bracket ? 1 : 0);
        }
    }
}
