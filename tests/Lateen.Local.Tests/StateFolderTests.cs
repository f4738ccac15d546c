using System.Net;
using System.Net.Sockets;
using Lateen.Local.Ports;

namespace Lateen.Local.Tests;

public sealed class StateFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lateen-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Is_private_and_leaves_nothing_of_a_run()
    {
        var path = Path.Combine(_folder, "state");
        using (var state = StateFolder.Take(path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            File.WriteAllText(state.XdsSocket, "");
            File.WriteAllText(state.Workloads, "[]");
            File.WriteAllText(state.ControlPlane, "{}");
        }

        Assert.Equal(["lock"], Directory.GetFileSystemEntries(path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_second_mesh_is_refused_and_told_which_process_holds_it()
    {
        using var first = StateFolder.Take(_folder);

        var error = Assert.Throws<LocalMeshException>(() => StateFolder.Take(_folder));

        Assert.Equal($"another mesh runs with the state folder {_folder} (process {Environment.ProcessId}); stop it, or choose another folder with --state", error.Message);
    }

    [Fact]
    public void Can_be_taken_again()
    {
        StateFolder.Take(_folder).Dispose();
        StateFolder.Take(_folder).Dispose();
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_refused()
    {
        var error = Assert.Throws<LocalMeshException>(() => StateFolder.Take(Path.Combine(_folder, new string('x', 120))));

        Assert.Contains("too long for a UNIX socket", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_taken_port_names_the_process()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;

        var error = Assert.Throws<LocalMeshException>(() => PortCheck.Require(new IPEndPoint(IPAddress.Any, port), "the gateway", "choose another with --port"));

        var name = File.ReadAllText("/proc/self/comm").Trim();
        Assert.Equal($"port {port} for the gateway is taken by {name} (process {Environment.ProcessId}); choose another with --port", error.Message);
    }

    [Fact]
    public void A_free_port_is_free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var endpoint = (IPEndPoint)probe.LocalEndpoint;
        Assert.False(PortCheck.IsFree(endpoint));
        probe.Stop();
        Assert.True(PortCheck.IsFree(endpoint));
    }
}
