using System.Net.Sockets;

namespace Lateen.ControlPlane;

/// <summary>Prepares the state folder and its socket.</summary>
internal static class StateFiles
{
    // sockaddr_un holds 108 bytes, the last of them zero.
    private const int LongestSocketPath = 107;

    /// <summary>Makes the folders, and removes the socket that a control plane which was killed left behind.</summary>
    /// <exception cref="ControlPlaneException">The folder cannot be used, or another control plane serves from it.</exception>
    public static void Prepare(ControlPlaneOptions options)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(options.Socket) > LongestSocketPath)
            throw new ControlPlaneException($"the path {options.Socket} is too long for a UNIX socket; choose a shorter folder with --state");
        try
        {
            CreatePrivate(options.StateFolder);
            CreatePrivate(options.RunFolder);
            if (!File.Exists(options.Socket))
                return;
            if (IsServed(options.Socket))
                throw new ControlPlaneException(
                    $"another control plane runs with the state folder {options.StateFolder}; stop it, or choose another folder with --state");
            File.Delete(options.Socket);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ControlPlaneException($"the state folder {options.StateFolder} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Lets only the owner connect.</summary>
    public static void Protect(string socket)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool IsServed(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
