using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Lateen.Identity;
using Lateen.Local.Bootstraps;
using Lateen.Local.Output;
using Lateen.Local.Processes;
using Lateen.Local.Workloads;
using Lateen.Registry;

namespace Lateen.Local.Running;

/// <summary>Makes the processes of a mesh: the control plane, replicas with their sidecars, the gateway. Starts none of them.</summary>
internal sealed class MeshProcesses(
    MeshOptions options, StateFolder state, Programs programs, WorkloadTokens tokens, Guardian guardian, LogScreen screen, HttpClient http, TimeProvider time)
{
    // Tokens live in bootstraps of this run only; nobody renews them there.
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(365);

    /// <summary>The control plane.</summary>
    internal SupervisedProcess ControlPlane() => Supervise(new ProcessSpec
    {
        Name = "control-plane",
        Command = programs.Lateen.Command,
        Arguments =
        [
            .. programs.Lateen.Arguments, "control-plane", Path.GetFullPath(options.Folder), "--state", state.Path,
            "--port", Text(options.Port), "--https-port", Text(options.HttpsPort), "--control-port", Text(options.ControlPort),
            "--log-level", options.Verbose ? "Information" : "Warning",
        ],
        WorkingDirectory = state.Path,
    });

    /// <summary>A replica of a Deployment.</summary>
    internal LocalReplica Replica(ReplicaPlan plan)
    {
        var application = plan.Application is { } spec ? Supervise(spec) : null;
        var sidecar = plan.Injected ? Proxy($"{plan.Workload.Name} proxy", ProxyKind.Sidecar, plan.Workload) : null;
        var address = IPAddress.Parse(plan.ApplicationAddress);
        var ports = plan.Workload.Ports.Where(port => port.Protocol == "TCP").Select(port => new IPEndPoint(address, (int)port.Port));
        return new LocalReplica(plan, application, sidecar, new ReadinessProbe(http, time)
        {
            Ports = [.. ports],
            Sidecar = sidecar is null ? null : ReadyUri(plan.Workload.Address),
        });
    }

    /// <summary>The gateway.</summary>
    internal LocalReplica Gateway(Workload workload) =>
        new(new ReplicaPlan(workload, Injected: true, Application: null), null, Proxy("gateway", ProxyKind.Router, workload),
            new ReadinessProbe(http, time) { Sidecar = ReadyUri(workload.Address) });

    /// <summary>A process outside the mesh.</summary>
    internal SupervisedProcess External(ProcessSpec spec) => Supervise(spec);

    private SupervisedProcess Supervise(ProcessSpec spec) => new(spec, guardian, screen, time);

    private SupervisedProcess Proxy(string name, ProxyKind kind, Workload workload)
    {
        var file = Path.Combine(state.Run, $"{workload.Namespace}.{workload.Name}.json");
        var bootstrap = new Bootstrap
        {
            Identity = new ProxyIdentity(kind, workload),
            Address = workload.Address,
            XdsSocket = state.XdsSocket,
            Token = tokens.Issue(workload.Namespace, workload.ServiceAccount, TokenLifetime),
        };
        using (var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        using (var writer = new StreamWriter(stream))
            writer.Write(bootstrap.ToJson());
        return Supervise(new ProcessSpec
        {
            Name = name,
            Command = programs.Proxy.Command,
            Arguments = [.. programs.Proxy.Arguments, "-c", file, "--drain-time-s", Text((int)options.DrainTime.TotalSeconds), "--log-level", options.Verbose ? "info" : "warning"],
            Environment = ImmutableSortedDictionary<string, string?>.Empty
                .Add("HTTP_PROXY", null).Add("http_proxy", null).Add("HTTPS_PROXY", null).Add("https_proxy", null)
                .Add("DOTNET_gcServer", "0").Add("DOTNET_TieredPGO", "0"),
            WorkingDirectory = state.Run,
        });
    }

    private static Uri ReadyUri(string address) => new($"http://{address}:{SidecarPorts.Admin}/ready");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
