namespace Lateen.Translation.Naming;

/// <summary>Host names and wildcards as Istio compares them. A name is a wildcard when its first character is <c>*</c>.</summary>
internal static class HostName
{
    public static bool IsWildcard(string host) => host.StartsWith('*');

    /// <summary>Some host is named by both.</summary>
    public static bool Matches(string a, string b) => (IsWildcard(a), IsWildcard(b)) switch
    {
        (false, false) => a == b,
        (true, false) => b.EndsWith(a[1..], StringComparison.Ordinal),
        (false, true) => a.EndsWith(b[1..], StringComparison.Ordinal),
        _ => a.Length >= b.Length ? a.EndsWith(b[1..], StringComparison.Ordinal) : b.EndsWith(a[1..], StringComparison.Ordinal),
    };

    /// <summary>Every host named by <paramref name="a"/> is named by <paramref name="b"/>.</summary>
    public static bool IsSubsetOf(string a, string b) => (IsWildcard(a), IsWildcard(b)) switch
    {
        (_, false) => a == b,
        (false, true) => a.EndsWith(b[1..], StringComparison.Ordinal),
        _ => a.Length >= b.Length && a.EndsWith(b[1..], StringComparison.Ordinal),
    };

    /// <summary>Exact names before wildcards, longer ones before shorter ones, then by alphabet.</summary>
    public static int CompareSpecificity(string a, string b)
    {
        if (IsWildcard(a) != IsWildcard(b)) return IsWildcard(a) ? 1 : -1;
        return a.Length != b.Length ? b.Length.CompareTo(a.Length) : string.CompareOrdinal(a, b);
    }

    /// <summary>An IPv6 address in the brackets it needs beside a port.</summary>
    public static string Bracketed(string host) =>
        host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;

    public static string WithPort(string host, int port) => $"{Bracketed(host)}:{port}";
}
