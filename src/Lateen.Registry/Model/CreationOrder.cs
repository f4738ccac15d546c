using Lateen.Resources;
using Lateen.Resources.Reading;

namespace Lateen.Registry;

/// <summary>
/// The age of an object. Istio: creation time, then name, then namespace. Files seldom give a creation time; then the order of files
/// by path and of objects in a file stands for it.
/// </summary>
/// <param name="Created">Creation time; the default when not known.</param>
/// <param name="File">Path of the file, or empty.</param>
/// <param name="Line">Line in the file, or 0.</param>
/// <param name="Name">Name.</param>
/// <param name="Namespace">Namespace.</param>
public readonly record struct CreationOrder(DateTimeOffset Created, string File, int Line, string Name, string Namespace)
    : IComparable<CreationOrder>
{
    /// <summary>The order of an Istio resource.</summary>
    public static CreationOrder Of(IstioResource resource) => Of(
        resource.Metadata.CreationTimestamp, resource.Origin?.Position, resource.Name, resource.Namespace);

    /// <summary>The order of an object with these parts.</summary>
    public static CreationOrder Of(DateTimeOffset? created, SourcePosition? position, string name, string @namespace) =>
        new(created ?? default, position?.File ?? "", position?.Line ?? 0, name, @namespace);

    /// <summary>Older ones come first.</summary>
    public int CompareTo(CreationOrder other)
    {
        int order = Created.CompareTo(other.Created);
        if (order == 0) order = string.CompareOrdinal(File, other.File);
        if (order == 0) order = Line.CompareTo(other.Line);
        if (order == 0) order = string.CompareOrdinal(Name, other.Name);
        return order == 0 ? string.CompareOrdinal(Namespace, other.Namespace) : order;
    }

    /// <summary>Whether left is older.</summary>
    public static bool operator <(CreationOrder left, CreationOrder right) => left.CompareTo(right) < 0;

    /// <summary>Whether left is younger.</summary>
    public static bool operator >(CreationOrder left, CreationOrder right) => left.CompareTo(right) > 0;

    /// <summary>Whether left is not younger.</summary>
    public static bool operator <=(CreationOrder left, CreationOrder right) => left.CompareTo(right) <= 0;

    /// <summary>Whether left is not older.</summary>
    public static bool operator >=(CreationOrder left, CreationOrder right) => left.CompareTo(right) >= 0;
}
