using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Lateen.Resources;

/// <summary>
/// An immutable map with string keys that compares by its entries, whatever their order, and enumerates in ordinal order of the keys
/// (so what is generated from it is deterministic). The default value is the empty map.
/// </summary>
/// <typeparam name="T">Type of the values.</typeparam>
[SuppressMessage("Naming", "CA1710", Justification = "A map is what Istio calls it.")]
public readonly struct EquatableMap<T> : IReadOnlyDictionary<string, T>, IEquatable<EquatableMap<T>>
{
    private readonly SortedList<string, T>? _entries;

    /// <summary>A map of the given entries; of equal keys the last wins.</summary>
    public EquatableMap(IEnumerable<KeyValuePair<string, T>> entries)
    {
        var sorted = new SortedList<string, T>(StringComparer.Ordinal);
        foreach ((string key, T value) in entries) sorted[key] = value;
        _entries = sorted.Count == 0 ? null : sorted;
    }

    /// <inheritdoc/>
    public int Count => _entries?.Count ?? 0;

    /// <summary>Whether there is no entry.</summary>
    public bool IsEmpty => Count == 0;

    /// <inheritdoc/>
    public T this[string key] => TryGetValue(key, out T? value) ? value : throw new KeyNotFoundException($"no entry \"{key}\"");

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _entries?.Keys ?? (IEnumerable<string>)[];

    /// <inheritdoc/>
    public IEnumerable<T> Values => _entries?.Values ?? (IEnumerable<T>)[];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _entries?.ContainsKey(key) ?? false;

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return _entries is not null && _entries.TryGetValue(key, out value);
    }

    /// <summary>The value of <paramref name="key"/>, or <paramref name="fallback"/> when there is none.</summary>
    [return: NotNullIfNotNull(nameof(fallback))]
    public T? GetValueOrDefault(string key, T? fallback = default) => TryGetValue(key, out T? value) ? value : fallback;

    /// <summary>The entry at a place in the order of the keys.</summary>
    /// <param name="index">From 0.</param>
    public KeyValuePair<string, T> EntryAt(int index) => _entries is null
        ? throw new ArgumentOutOfRangeException(nameof(index))
        : new(_entries.GetKeyAtIndex(index), _entries.GetValueAtIndex(index));

    /// <summary>This map with one entry set.</summary>
    public EquatableMap<T> With(string key, T value) => new([.. this, new(key, value)]);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() =>
        (_entries ?? Enumerable.Empty<KeyValuePair<string, T>>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(EquatableMap<T> other)
    {
        if (ReferenceEquals(_entries, other._entries)) return true;
        if (Count != other.Count) return false;
        for (int i = 0; i < Count; i++)
        {
            if (_entries!.GetKeyAtIndex(i) != other._entries!.GetKeyAtIndex(i)) return false;
            if (!EqualityComparer<T>.Default.Equals(_entries.GetValueAtIndex(i), other._entries.GetValueAtIndex(i))) return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EquatableMap<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach ((string key, T value) in this)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value);
        }
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{{{string.Join(", ", this.Select(entry => $"{entry.Key}: {entry.Value}"))}}}";

    /// <summary>Whether both have equal entries.</summary>
    public static bool operator ==(EquatableMap<T> left, EquatableMap<T> right) => left.Equals(right);

    /// <summary>Whether the entries differ.</summary>
    public static bool operator !=(EquatableMap<T> left, EquatableMap<T> right) => !left.Equals(right);

    /// <summary>A map of the dictionary's entries.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternative.")]
    public static implicit operator EquatableMap<T>(Dictionary<string, T> entries) => new(entries);
}

/// <summary>Label selection on maps.</summary>
public static class LabelMatching
{
    /// <summary>Whether every label of <paramref name="selector"/> is in <paramref name="labels"/> with an equal value; true for an empty selector.</summary>
    public static bool Selects(this EquatableMap<string> selector, EquatableMap<string> labels)
    {
        for (int i = 0; i < selector.Count; i++)
        {
            (string key, string value) = selector.EntryAt(i);
            if (!labels.TryGetValue(key, out string? actual) || actual != value) return false;
        }
        return true;
    }
}
