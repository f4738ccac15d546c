using System.Text;

namespace Lateen.Proxy.Http;

/// <summary>
/// The headers of one message in their order, pseudo-headers (<c>:method</c>, <c>:path</c>, …) among them. Names are lower-case.
/// Bytes are kept in one buffer that is reused with the map, so that a request on a kept-alive connection allocates nothing.
/// Spans given out are valid until the next change of the map.
/// </summary>
public sealed class HeaderMap
{
    private byte[] _bytes = new byte[1024];
    private int _used;
    private Entry[] _entries = new Entry[32];
    private int _count;

    private struct Entry
    {
        public int Name;
        public int NameLength;
        public int Value;
        public int ValueLength;
        public int KnownId;
    }

    /// <summary>Number of header lines, pseudo-headers included.</summary>
    public int Count => _count;

    /// <summary>Bytes of all names and values: what limits on header size count.</summary>
    public int ByteSize
    {
        get
        {
            var size = 0;
            for (var i = 0; i < _count; i++)
            {
                size += NameAt(i).Length + _entries[i].ValueLength;
            }

            return size;
        }
    }

    /// <summary>The name of line <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> NameAt(int index)
    {
        ref readonly var e = ref _entries[index];
        return e.KnownId >= 0 ? HeaderNames.ById(e.KnownId).Bytes : _bytes.AsSpan(e.Name, e.NameLength);
    }

    /// <summary>The id of the known name of line <paramref name="index"/>, or −1.</summary>
    public int KnownIdAt(int index) => _entries[index].KnownId;

    /// <summary>The value of line <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> ValueAt(int index) => _bytes.AsSpan(_entries[index].Value, _entries[index].ValueLength);

    /// <summary>The first line with this name at or after <paramref name="start"/>, or −1.</summary>
    public int IndexOf(HeaderName name, int start = 0)
    {
        for (var i = start; i < _count; i++)
        {
            ref readonly var e = ref _entries[i];
            if (name.Id >= 0 ? e.KnownId == name.Id : e.KnownId < 0 && NameAt(i).SequenceEqual(name.Bytes))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>True when there is at least one line of this name.</summary>
    public bool Contains(HeaderName name) => IndexOf(name) >= 0;

    /// <summary>The first value of this name.</summary>
    public bool TryGet(HeaderName name, out ReadOnlySpan<byte> value)
    {
        var i = IndexOf(name);
        value = i >= 0 ? ValueAt(i) : default;
        return i >= 0;
    }

    /// <summary>The first value of this name; empty when there is none.</summary>
    public ReadOnlySpan<byte> Get(HeaderName name) => TryGet(name, out var value) ? value : default;

    /// <summary>The first value of this name as text (Latin-1); null when there is none. Allocates.</summary>
    public string? GetString(HeaderName name) => TryGet(name, out var value) ? Encoding.Latin1.GetString(value) : null;

    /// <summary>All values of this name joined with <c>,</c>, as matchers see them; null when there is none. Allocates.</summary>
    public string? GetJoined(HeaderName name)
    {
        var i = IndexOf(name);
        if (i < 0)
        {
            return null;
        }

        var text = Encoding.Latin1.GetString(ValueAt(i));
        while ((i = IndexOf(name, i + 1)) >= 0)
        {
            text = text + "," + Encoding.Latin1.GetString(ValueAt(i));
        }

        return text;
    }

    /// <summary>Adds a line; other lines of the name stay.</summary>
    public void Add(HeaderName name, ReadOnlySpan<byte> value)
    {
        ref var e = ref NewEntry();
        e.KnownId = name.Id;
        if (name.Id < 0)
        {
            e.Name = Store(name.Bytes);
            e.NameLength = name.Bytes.Length;
        }

        e.Value = Store(value);
        e.ValueLength = value.Length;
    }

    /// <summary>Adds a line with a name as received; upper-case letters are lowered. The name must be a valid token.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var offset = Reserve(name.Length);
        var lower = _bytes.AsSpan(offset, name.Length);
        Ascii.ToLower(name, lower, out _);
        ref var e = ref NewEntry();
        e.KnownId = HeaderNames.Find(lower)?.Id ?? -1;
        e.Name = offset;
        e.NameLength = name.Length;
        if (e.KnownId < 0)
        {
            _used += name.Length;
        }

        e.Value = Store(value);
        e.ValueLength = value.Length;
    }

    /// <summary>Adds a line with a text value (Latin-1).</summary>
    public void Add(HeaderName name, string value)
    {
        ref var e = ref NewEntry();
        e.KnownId = name.Id;
        if (name.Id < 0)
        {
            e.Name = Store(name.Bytes);
            e.NameLength = name.Bytes.Length;
        }

        e.Value = Reserve(value.Length);
        e.ValueLength = Encoding.Latin1.GetBytes(value, _bytes.AsSpan(e.Value));
        _used += e.ValueLength;
    }

    /// <summary>Leaves exactly one line of this name, in the place of the first one.</summary>
    public void Set(HeaderName name, ReadOnlySpan<byte> value)
    {
        var i = IndexOf(name);
        if (i < 0)
        {
            Add(name, value);
            return;
        }

        SetValueAt(i, value);
        RemoveFrom(name, i + 1);
    }

    /// <summary>Leaves exactly one line of this name with a text value (Latin-1).</summary>
    public void Set(HeaderName name, string value)
    {
        Span<byte> bytes = value.Length <= 512 ? stackalloc byte[value.Length] : new byte[value.Length];
        Encoding.Latin1.GetBytes(value, bytes);
        Set(name, bytes);
    }

    /// <summary>Leaves exactly one line of this name with a decimal number.</summary>
    public void Set(HeaderName name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(value, digits, out var length);
        Set(name, digits[..length]);
    }

    /// <summary>Appends to the first line of this name with a comma, or adds it.</summary>
    public void AppendToValue(HeaderName name, ReadOnlySpan<byte> value)
    {
        var i = IndexOf(name);
        if (i < 0)
        {
            Add(name, value);
            return;
        }

        var length = _entries[i].ValueLength;
        var offset = Reserve(length + 1 + value.Length);
        _bytes.AsSpan(_entries[i].Value, length).CopyTo(_bytes.AsSpan(offset));
        _bytes[offset + length] = (byte)',';
        value.CopyTo(_bytes.AsSpan(offset + length + 1));
        _used += length + 1 + value.Length;
        _entries[i].Value = offset;
        _entries[i].ValueLength = length + 1 + value.Length;
    }

    /// <summary>Gives line <paramref name="index"/> another value.</summary>
    public void SetValueAt(int index, ReadOnlySpan<byte> value)
    {
        var offset = Store(value);
        _entries[index].Value = offset;
        _entries[index].ValueLength = value.Length;
    }

    /// <summary>Removes all lines of this name; true when there was one.</summary>
    public bool Remove(HeaderName name) => RemoveFrom(name, 0);

    /// <summary>Removes line <paramref name="index"/>; later lines move up.</summary>
    public void RemoveAt(int index)
    {
        _entries.AsSpan(index + 1, _count - index - 1).CopyTo(_entries.AsSpan(index));
        _count--;
    }

    /// <summary>Empties the map; its buffers stay.</summary>
    public void Clear()
    {
        _count = 0;
        _used = 0;
    }

    /// <summary>Makes this map equal to <paramref name="other"/>.</summary>
    public void CopyFrom(HeaderMap other)
    {
        Clear();
        Reserve(other._used);
        other._bytes.AsSpan(0, other._used).CopyTo(_bytes);
        _used = other._used;
        if (_entries.Length < other._count)
        {
            _entries = new Entry[other._entries.Length];
        }

        other._entries.AsSpan(0, other._count).CopyTo(_entries);
        _count = other._count;
    }

    private bool RemoveFrom(HeaderName name, int start)
    {
        var removed = false;
        for (var i = IndexOf(name, start); i >= 0; i = IndexOf(name, i))
        {
            RemoveAt(i);
            removed = true;
        }

        return removed;
    }

    private ref Entry NewEntry()
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        ref var e = ref _entries[_count++];
        e = default;
        return ref e;
    }

    // The value may lie in our own buffer, so it is found again when the buffer moved.
    private int Store(ReadOnlySpan<byte> value)
    {
        var inside = _bytes.AsSpan().Overlaps(value, out var at);
        var offset = Reserve(value.Length);
        (inside ? _bytes.AsSpan(at, value.Length) : value).CopyTo(_bytes.AsSpan(offset));
        _used += value.Length;
        return offset;
    }

    private int Reserve(int length)
    {
        if (_used + length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + length));
        }

        return _used;
    }
}
