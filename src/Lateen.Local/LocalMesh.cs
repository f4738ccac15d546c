using System.Globalization;
using System.Net;
using k8s.Models;
using Lateen.Identity;
using Lateen.Local.Output;
using Lateen.Local.Ports;
using Lateen.Local.Processes;
using Lateen.Local.Running;
using Lateen.Local.Workloads;

namespace Lateen.Local;

/// <summary>
/// A mesh on this machine: the control plane, the gateway, and an application with a sidecar for each replica of the folder's
/// Deployments, all as processes of their own.
/// </summary>
public sealed class LocalMesh
{
    private static readonly TimeSpan ControlPlanePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NewsPatience = TimeSpan.FromSeconds(10);

    private readonly MeshOptions _options;
    private readonly Programs _programs;
    private readonly LogScreen _screen;
    private readonly TimeProvider _time;
    private readonly LogStream _log;
    private readonly string _folder;
    private readonly Dictionary<string, string> _built = new(StringComparer.Ordinal);

    /// <summary>A mesh that does not run yet.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="programs">The programs it is made of.</param>
    /// <param name="screen">Where output goes.</param>
    /// <param name="time">The clock.</param>
    public LocalMesh(MeshOptions options, Programs programs, LogScreen screen, TimeProvider time)
    {
        _options = options;
        _programs = programs;
        _screen = screen;
        _time = time;
        _folder = Path.GetFullPath(options.Folder);
        _log = screen.Open("lateen");
    }

    /// <summary>
    /// Runs the mesh until <paramref name="stop"/>, then ends all its processes and removes its files. Throws
    /// <see cref="LocalMeshException"/> when it cannot be started; nothing is left running then either.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (!Directory.Exists(_folder))
            throw new LocalMeshException($"there is no folder {_folder}");
        using var state = StateFolder.Take(_options.State);
        var addresses = new LoopbackAddresses(FreeNet(state.Path));
        RequirePorts();
        await using var changes = new FolderChanges(_folder, _time, stop);
        var folder = MeshFolder.Of(await changes.NextAsync(stop).ConfigureAwait(false));
        var gateway = GatewayWorkload.Create(addresses.Take("gateway").Replica, _options.Port, _options.HttpsPort, folder.GatewayPorts());
        var plan = await PlanAsync(folder, addresses, state, stop).ConfigureAwait(false);

        var started = _time.GetTimestamp();
        using var guardian = new Guardian();
        using var tokens = WorkloadTokens.LoadOrCreate(state.Tokens, _time);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) });
        var processes = new MeshProcesses(_options, state, _programs, tokens, guardian, _screen, http, _time);
        await using var replicas = new ReplicaSet(processes, processes.Gateway(gateway), _log, state.Workloads, _time);
        await using var controlPlane = processes.ControlPlane();
        try
        {
            await replicas.WriteAsync().ConfigureAwait(false);
            controlPlane.Start();
            await replicas.ApplyAsync(plan, _options.Patience, WaitForControlPlaneAsync(state, controlPlane, stop)).ConfigureAwait(false);
            replicas.Gateway.StartSidecar();
            await ReportReadyAsync(replicas, new GatewayView(http, gateway.Address), folder, started, stop).ConfigureAwait(false);
            await FollowAsync(changes, replicas, addresses, state, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _log.WriteLine("stopping");
        }
        finally
        {
            await replicas.StopAsync(_options.Patience).ConfigureAwait(false);
            await controlPlane.StopAsync(_options.Patience).ConfigureAwait(false);
        }
    }

    // The mesh's own net below 127.0.0.0/8: the state folder's usual one, or the next that no other mesh uses.
    private static int FreeNet(string stateFolder)
    {
        var preferred = LoopbackAddresses.PreferredNet(stateFolder) - LoopbackAddresses.FirstNet;
        for (var i = 0; i < LoopbackAddresses.NetCount; i++)
        {
            var net = LoopbackAddresses.FirstNet + ((preferred + i) % LoopbackAddresses.NetCount);
            var admin = IPAddress.Parse(new LoopbackAddresses(net).Take("gateway").Replica);
            if (PortCheck.IsFree(new IPEndPoint(admin, SidecarPorts.Admin)))
                return net;
        }

        throw new LocalMeshException("all loopback networks from 127.64 to 127.127 are in use by other meshes");
    }

    private void RequirePorts()
    {
        PortCheck.Require(new IPEndPoint(IPAddress.Any, _options.Port), "the gateway", "choose another with --port");
        PortCheck.Require(new IPEndPoint(IPAddress.Any, _options.HttpsPort), "the gateway's HTTPS", "choose another with --https-port");
        if (_options.ControlPort != 0)
            PortCheck.Require(new IPEndPoint(IPAddress.Loopback, _options.ControlPort), "the control plane", "choose another with --control-port (0 for any free one)");
    }

    private async Task<MeshPlan> PlanAsync(MeshFolder folder, LoopbackAddresses addresses, StateFolder state, CancellationToken cancellation)
    {
        var local = MeshFolder.ReadLocalFile(_folder);
        if (_options.RunApplications)
        {
            var projects = local.Deployments.Values.Concat(local.External.Values).Select(command => command.Project).OfType<Template>()
                .Select(ProjectPath).Where(path => !_built.ContainsKey(path)).ToList();
            foreach (var (project, program) in await CSharpProjects.BuildAsync(projects, state.Run, _log.WriteLine, cancellation).ConfigureAwait(false))
                _built[project] = program;
        }

        var planner = new MeshPlanner(_folder, local, addresses, path => _built[path], _options.RunApplications);
        var plan = planner.Plan(folder.Deployments, folder.Namespaces);
        foreach (var (name, command) in local.Deployments.Where(entry => !folder.Deployments.Any(deployment => local.Find(deployment.Namespace(), deployment.Name()) == entry.Value)))
            _log.WriteLine($"{command.Position}: there is no Deployment {name}; this entry has no effect");
        RequireNoConflict(plan, folder);
        return plan;
    }

    private string ProjectPath(Template project) =>
        Path.GetFullPath(project.Fill(variable => variable == "folder" ? _folder : throw new FormatException("in \"project\" only ${folder} has a meaning")), _folder);

    // The gateway listens on all addresses, so on those of the replicas too.
    private void RequireNoConflict(MeshPlan plan, MeshFolder folder)
    {
        (int Port, string Remedy)[] taken =
        [
            (_options.Port, "choose another with --port"),
            (_options.HttpsPort, "choose another with --https-port"),
            .. folder.GatewayPorts().Select(port => (port, "change the Gateway or the Deployment")),
        ];
        foreach (var (port, remedy) in taken)
        {
            if (plan.Replicas.FirstOrDefault(replica => replica.Workload.Ports.Any(own => own.Port == port)) is { } replica)
                throw new LocalMeshException(string.Create(CultureInfo.InvariantCulture,
                    $"port {port} is both the gateway's and that of Deployment {replica.Workload.WorkloadName}, which cannot be on one machine; {remedy}"));
        }
    }

    private async Task WaitForControlPlaneAsync(StateFolder state, SupervisedProcess controlPlane, CancellationToken stop)
    {
        var began = _time.GetTimestamp();
        while (!File.Exists(state.ControlPlane))
        {
            if (controlPlane.Restarts > 0 || _time.GetElapsedTime(began) > ControlPlanePatience)
                throw new LocalMeshException("the control plane does not come up; its output above says why");
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, stop).ConfigureAwait(false);
        }
    }

    private async Task ReportReadyAsync(ReplicaSet replicas, GatewayView view, MeshFolder folder, long started, CancellationToken stop)
    {
        if (_options.RunApplications)
        {
            await WaitAsync(() => Task.FromResult(replicas.Ready), ReadyPatience, stop).ConfigureAwait(false);
            await WaitAsync(() => view.SeesAllReadyAsync(stop), replicas.Ready ? NewsPatience : TimeSpan.Zero, stop).ConfigureAwait(false);
        }

        StatusTable.Write(_screen, replicas, folder.Urls(_options.Port).ToList());
        if (_programs.Notice is { } notice)
            _log.WriteLine(notice);
        var seconds = _time.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        _log.WriteLine(replicas.Ready ? $"ready after {seconds} s; Ctrl-C ends it" : "not everything is ready yet; lateen goes on trying. Ctrl-C ends it");
    }

    private async Task WaitAsync(Func<Task<bool>> condition, TimeSpan patience, CancellationToken stop)
    {
        var began = _time.GetTimestamp();
        while (_time.GetElapsedTime(began) < patience && !await condition().ConfigureAwait(false))
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, stop).ConfigureAwait(false);
    }

    // Follows the folder until cancelled. What cannot be followed is said, and what runs stays.
    private async Task FollowAsync(FolderChanges changes, ReplicaSet replicas, LoopbackAddresses addresses, StateFolder state, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var folder = MeshFolder.Of(await changes.NextAsync(stop).ConfigureAwait(false));
                var plan = await PlanAsync(folder, addresses, state, stop).ConfigureAwait(false);
                await replicas.ApplyAsync(plan, _options.Patience, Task.CompletedTask).ConfigureAwait(false);
                addresses.Keep(plan.Replicas.Select(replica => $"{replica.Workload.Namespace}/{replica.Workload.Name}").Append("gateway"));
                if (folder.GatewayPorts().Except(replicas.Gateway.Workload.Ports.Select(port => (int)port.Port)).Any())
                    _log.WriteLine("a Gateway has a new port: restart lateen up for the gateway to listen on it");
            }
            catch (Exception problem) when (problem is LocalMeshException or ProcessStartException)
            {
                _log.WriteLine($"the change is not followed, what runs stays as it is: {problem.Message}");
            }
        }
    }
}
