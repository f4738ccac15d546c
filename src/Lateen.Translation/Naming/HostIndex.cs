namespace Lateen.Translation.Naming;

/// <summary>Values by host or wildcard, found by the most specific name that covers a host.</summary>
internal sealed class HostIndex<T>
    where T : class
{
    private readonly Dictionary<string, T> exact = new(StringComparer.Ordinal);
    private readonly List<(string Host, T Value)> wildcards = [];

    /// <summary>Of several values under one name the first one stays.</summary>
    public HostIndex(IEnumerable<(string Host, T Value)> entries)
    {
        foreach (var (host, value) in entries)
        {
            if (!HostName.IsWildcard(host)) exact.TryAdd(host, value);
            else if (!wildcards.Exists(other => other.Host == host)) wildcards.Add((host, value));
        }
        wildcards.Sort((a, b) => HostName.CompareSpecificity(a.Host, b.Host));
    }

    /// <summary>The value of the most specific name, or null. A wildcard is covered only by wildcards and by itself.</summary>
    public T? Find(string host)
    {
        if (exact.TryGetValue(host, out var value)) return value;
        foreach (var (wildcard, candidate) in wildcards)
            if (HostName.IsSubsetOf(host, wildcard)) return candidate;
        return null;
    }
}
