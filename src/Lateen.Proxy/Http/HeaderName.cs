using System.Text;

namespace Lateen.Proxy.Http;

/// <summary>A header name, lower-case. Known names are single objects with an id, found by one comparison.</summary>
public sealed class HeaderName
{
    private readonly byte[] _bytes;

    internal HeaderName(string text, int id)
    {
        Text = text;
        Id = id;
        _bytes = Encoding.ASCII.GetBytes(text);
    }

    /// <summary>The name, lower-case.</summary>
    public string Text { get; }

    /// <summary>Index among the known names; −1 for others.</summary>
    public int Id { get; }

    /// <summary>The name's bytes, lower-case.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>True for <c>:method</c>, <c>:path</c> and their kind.</summary>
    public bool IsPseudo => _bytes.Length > 0 && _bytes[0] == (byte)':';

    /// <summary>The known name, or a new object; <c>host</c> stays <c>host</c>. Not for the request path.</summary>
    public static HeaderName Of(string name)
    {
        var lower = name.ToLowerInvariant();
        return HeaderNames.Find(Encoding.ASCII.GetBytes(lower)) ?? new HeaderName(lower, -1);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
