using System.Globalization;
using System.Text;
using Lateen.Identity;

namespace Lateen.Local;

/// <summary>
/// The folder with everything a mesh on this machine keeps: its keys for good, <c>run/</c> and the two JSON files only while it runs.
/// One mesh at a time holds it.
/// </summary>
public sealed class StateFolder : IDisposable
{
    // sockaddr_un holds 108 bytes, the last of them zero.
    private const int LongestSocketPath = 107;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _lock;

    private StateFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>The folder when none is named: below <c>XDG_STATE_HOME</c>, else below <c>~/.local/state</c>.</summary>
    public static string Default
    {
        get
        {
            var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } named && System.IO.Path.IsPathRooted(named)
                ? named
                : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            return System.IO.Path.Combine(home, "lateen");
        }
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>What exists only while the mesh runs: sockets and bootstraps.</summary>
    public string Run => RunOf(Path);

    /// <summary>The socket of the control plane.</summary>
    public string XdsSocket => System.IO.Path.Combine(Run, "xds.sock");

    /// <summary>The key of the workloads' tokens, shared with the control plane.</summary>
    public string Tokens => System.IO.Path.Combine(Path, WorkloadTokens.FolderName);

    /// <summary>The replicas on this machine, for the control plane to read.</summary>
    public string Workloads => System.IO.Path.Combine(Path, "local-workloads.json");

    /// <summary>Where the control plane's API can be reached, written by it.</summary>
    public string ControlPlane => System.IO.Path.Combine(Path, "control-plane.json");

    /// <summary>
    /// Takes a folder, which is made when it is not there. Throws <see cref="LocalMeshException"/> when another mesh holds it or it
    /// cannot be used.
    /// </summary>
    public static StateFolder Take(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var socket = System.IO.Path.Combine(RunOf(path), "xds.sock");
        if (Encoding.UTF8.GetByteCount(socket) > LongestSocketPath)
            throw new LocalMeshException($"the path {path} is too long for a UNIX socket in it; choose a shorter one with --state");
        try
        {
            Directory.CreateDirectory(path, Private);
            var state = new StateFolder(path, Lock(path));
            state.Clean();
            Directory.CreateDirectory(state.Run, Private);
            File.WriteAllText(HolderOf(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return state;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new LocalMeshException($"the state folder {path} cannot be used: {refused.Message}", refused);
        }
    }

    /// <summary>Removes what only exists while the mesh runs, and lets go of the folder.</summary>
    public void Dispose()
    {
        Clean();
        _lock.Dispose();
    }

    private static string RunOf(string path) => System.IO.Path.Combine(path, "run");

    // A file of its own, as the locked one cannot be read.
    private static string HolderOf(string path) => System.IO.Path.Combine(RunOf(path), "pid");

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        try
        {
            return new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException)
        {
            var holder = File.Exists(HolderOf(path)) ? $" (process {File.ReadAllText(HolderOf(path))})" : "";
            throw new LocalMeshException($"another mesh runs with the state folder {path}{holder}; stop it, or choose another folder with --state");
        }
    }

    private void Clean()
    {
        if (Directory.Exists(Run))
            Directory.Delete(Run, recursive: true);
        File.Delete(Workloads);
        File.Delete(ControlPlane);
    }
}
