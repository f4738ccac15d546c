using System.Runtime.InteropServices;

namespace Lateen.Local.Processes;

/// <summary>Signals to process groups; .NET itself signals single processes only.</summary>
internal static partial class PosixSignals
{
    internal const int Kill = 9;
    internal const int Terminate = 15;

    /// <summary>
    /// Sends a signal to every process of a group, or to its leader alone while it has not made the group yet. A group that is gone
    /// is no error.
    /// </summary>
    internal static void SendToGroup(int groupId, int signal)
    {
        if (KillCore(-groupId, signal) != 0)
            _ = KillCore(groupId, signal);
    }

    /// <summary>Whether a process, or a process of a group (negative id), is there.</summary>
    internal static bool Exists(int id) => KillCore(id, 0) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillCore(int id, int signal);
}
