using System.Globalization;
using System.Net;

namespace Lateen.Local.Ports;

/// <summary>Finds the process that listens on a port, from <c>/proc</c>.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    /// <summary>The name and id of the process, or null when it cannot be told (another user's process).</summary>
    internal static string? Find(IPEndPoint endpoint)
    {
        var inodes = ListeningInodes("/proc/net/tcp", endpoint).Concat(ListeningInodes("/proc/net/tcp6", endpoint))
            .Select(inode => $"socket:[{inode}]").ToHashSet();
        if (inodes.Count == 0)
            return null;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            var name = Path.GetFileName(folder);
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) && Holds(folder, inodes))
                return $"{ProgramName(folder)} (process {name})";
        }

        return null;
    }

    // Columns: number, local address, remote address, state, queues, timer, retransmits, user, timeout, inode.
    private static IEnumerable<string> ListeningInodes(string table, IPEndPoint endpoint)
    {
        if (!File.Exists(table))
            yield break;
        var port = endpoint.Port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 9 && columns[3] == Listening && columns[1].EndsWith($":{port}", StringComparison.Ordinal)
                && Overlaps(columns[1].AsSpan(0, columns[1].Length - 5), endpoint.Address))
                yield return columns[9];
        }
    }

    // Addresses are written as the machine's words in hexadecimal: 0100007F is 127.0.0.1.
    private static bool Overlaps(ReadOnlySpan<char> hexadecimal, IPAddress address)
    {
        if (hexadecimal.TrimStart('0').IsEmpty || address.Equals(IPAddress.Any))
            return true;
        var word = BitConverter.ToUInt32(address.GetAddressBytes());
        return hexadecimal.EndsWith(word.ToString("X8", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static bool Holds(string process, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(file => new FileInfo(file).LinkTarget is { } target && inodes.Contains(target));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string ProgramName(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim();
        }
        catch (IOException)
        {
            return "a process that just ended";
        }
    }
}
