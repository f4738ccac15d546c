using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Lateen.Local.Processes;

/// <summary>
/// Sees to it that no process outlives this one, even when this one is killed with SIGKILL: a small shell that is told the process
/// groups alive over a pipe, and kills them when the pipe ends, which the kernel brings about however this process dies.
/// </summary>
internal sealed class Guardian : IDisposable
{
    // Each line is the whole list of groups; what counts at the end is the last one.
    private const string Script = """
        trap '' INT TERM HUP
        while read -r line; do groups=$line; done
        for group in $groups; do kill -KILL -- "-$group" 2>/dev/null || kill -KILL "$group" 2>/dev/null; done
        exit 0
        """;

    private readonly Lock _gate = new();
    private readonly SortedSet<int> _groups = [];
    private readonly Process _shell;

    internal Guardian()
    {
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            _shell = Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new LocalMeshException($"setsid (of util-linux) is needed and cannot be started: {missing.Message}", missing);
        }
    }

    /// <summary>Takes a process group into its care.</summary>
    internal void Add(int group)
    {
        lock (_gate)
        {
            _groups.Add(group);
            Tell();
        }
    }

    /// <summary>Forgets a process group that is gone, before its number can be given to another.</summary>
    internal void Remove(int group)
    {
        lock (_gate)
        {
            _groups.Remove(group);
            Tell();
        }
    }

    /// <summary>Ends the guardian; groups still in its care are killed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _shell.StandardInput.Close();
            _shell.WaitForExit();
            _shell.Dispose();
        }
    }

    private void Tell()
    {
        try
        {
            _shell.StandardInput.WriteLine(string.Join(' ', _groups.Select(group => group.ToString(CultureInfo.InvariantCulture))));
            _shell.StandardInput.Flush();
        }
        catch (IOException)
        {
            // Somebody killed the guardian. The ordinary shutdown does not need it.
        }
    }
}
