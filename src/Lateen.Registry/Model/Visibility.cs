using Lateen.Resources;

namespace Lateen.Registry;

/// <summary>Who may see an object (Istio: exportTo), its own namespace already put in for <c>.</c>.</summary>
/// <param name="IsPublic">Whether everybody may.</param>
/// <param name="Namespaces">Else the namespaces that may; none when empty.</param>
public readonly record struct Visibility(bool IsPublic, EquatableArray<string> Namespaces)
{
    /// <summary>Seen by everybody.</summary>
    public static Visibility Public { get; } = new(true, []);

    /// <summary>Seen by nobody.</summary>
    public static Visibility None { get; } = new(false, []);

    /// <summary>Reads exportTo of an object in a namespace; <paramref name="meshDefault"/> stands in when it is empty.</summary>
    public static Visibility Of(EquatableArray<string> exportTo, string ownNamespace, EquatableArray<string> meshDefault)
    {
        EquatableArray<string> entries = exportTo.IsEmpty ? meshDefault : exportTo;
        if (entries.IsEmpty || entries.Contains("*")) return Public;
        if (entries.Contains("~")) return None;
        return new(false, entries.Select(entry => entry == "." ? ownNamespace : entry).Distinct().ToEquatableArray());
    }

    /// <summary>Whether a proxy of a namespace may see it.</summary>
    public bool Includes(string clientNamespace) => IsPublic || Namespaces.Contains(clientNamespace);

    /// <summary>Whether only one namespace may see it, its own.</summary>
    public bool IsPrivateTo(string ownNamespace) => !IsPublic && Namespaces.Count == 1 && Namespaces[0] == ownNamespace;
}
