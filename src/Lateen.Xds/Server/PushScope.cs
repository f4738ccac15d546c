using System.Collections.Immutable;

namespace Lateen.Xds.Server;

/// <summary>What a push renews: everything, or some types, or some resources of a type. Scopes of pushes that wait are united.</summary>
public sealed class PushScope
{
    private static readonly ImmutableDictionary<string, ImmutableHashSet<string>?> NoTypes =
        ImmutableDictionary<string, ImmutableHashSet<string>?>.Empty;

    private readonly bool _everything;

    /// <summary>By type URL the names of resources, null for all of the type.</summary>
    private readonly ImmutableDictionary<string, ImmutableHashSet<string>?> _types;

    private PushScope(bool everything, ImmutableDictionary<string, ImmutableHashSet<string>?> types)
    {
        _everything = everything;
        _types = types;
    }

    /// <summary>No push.</summary>
    public static PushScope Nothing { get; } = new(false, NoTypes);

    /// <summary>All resources of all types.</summary>
    public static PushScope Everything { get; } = new(true, NoTypes);

    /// <summary>Whether nothing is renewed.</summary>
    public bool IsNothing => !_everything && _types.IsEmpty;

    /// <summary>All resources of some types.</summary>
    public static PushScope Types(params IEnumerable<string> typeUrls) =>
        new(false, NoTypes.SetItems(typeUrls.Select(t => KeyValuePair.Create(t, (ImmutableHashSet<string>?)null))));

    /// <summary>Some resources of a type; none of them is <see cref="Nothing"/>.</summary>
    public static PushScope Resources(string typeUrl, IEnumerable<string> names)
    {
        var set = names.ToImmutableHashSet(StringComparer.Ordinal);
        return set.IsEmpty ? Nothing : new(false, NoTypes.Add(typeUrl, set));
    }

    /// <summary>What either scope renews.</summary>
    public PushScope Union(PushScope other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_everything || other.IsNothing)
            return this;
        if (other._everything || IsNothing)
            return other;
        var types = _types;
        foreach (var (type, names) in other._types)
        {
            var known = types.TryGetValue(type, out var mine);
            types = types.SetItem(type, !known ? names : mine is null || names is null ? null : mine.Union(names));
        }

        return new(false, types);
    }

    /// <summary>Whether the resource is renewed.</summary>
    public bool Includes(string typeUrl, string name) => Includes(typeUrl, out var names) && (names is null || names.Contains(name));

    /// <summary>Whether any resource of the type is renewed; <paramref name="names"/> are the ones, null for all.</summary>
    internal bool Includes(string typeUrl, out ImmutableHashSet<string>? names)
    {
        names = null;
        return _everything || _types.TryGetValue(typeUrl, out names);
    }
}
