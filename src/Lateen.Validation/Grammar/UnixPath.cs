namespace Lateen.Validation.Grammar;

/// <summary>UNIX sockets as addresses (H-22).</summary>
internal static class UnixPath
{
    private const string Scheme = "unix://";

    public static bool Is(string? address) => address?.StartsWith(Scheme, StringComparison.Ordinal) ?? false;

    /// <summary>What is wrong with the path behind <c>unix://</c>, or null.</summary>
    public static string? Problem(string address)
    {
        string path = address[Scheme.Length..];
        if (path.StartsWith('@')) return null;
        return path.StartsWith('/') && !path.EndsWith('/') ? null : $"\"{address}\" must be an absolute path of a file, or an abstract socket (@name)";
    }
}
