using System.Collections.Immutable;
using Lateen.Local.Output;
using Lateen.Local.Processes;
using Lateen.Local.Workloads;
using Lateen.Registry.Sources;

namespace Lateen.Local.Running;

/// <summary>The replicas and outside processes that run, brought in line with each new plan; tells the control plane of every change.</summary>
internal sealed class ReplicaSet : IAsyncDisposable
{
    // Between the news that a replica is gone and its end, so that nobody still sends it requests.
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(500);

    private readonly MeshProcesses _processes;
    private readonly LogStream _log;
    private readonly SignalledWriter _writer;
    private readonly TimeProvider _time;
    private readonly string _workloadsFile;
    private readonly Dictionary<string, SupervisedProcess> _external = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, LocalReplica> _replicas = ImmutableSortedDictionary.Create<string, LocalReplica>(StringComparer.Ordinal);

    internal ReplicaSet(MeshProcesses processes, LocalReplica gateway, LogStream log, string workloadsFile, TimeProvider time)
    {
        _processes = processes;
        _log = log;
        _workloadsFile = workloadsFile;
        _time = time;
        Gateway = gateway;
        gateway.Changed += OnChanged;
        _writer = new SignalledWriter(WriteAsync);
    }

    /// <summary>Raised when a replica became ready or stopped being so.</summary>
    internal event Action? Changed;

    /// <summary>The gateway.</summary>
    internal LocalReplica Gateway { get; }

    /// <summary>The replicas, in order of their names.</summary>
    internal IEnumerable<LocalReplica> Replicas => _replicas.Values;

    /// <summary>The processes outside the mesh.</summary>
    internal IEnumerable<SupervisedProcess> External => _external.Values;

    /// <summary>Whether everything takes traffic.</summary>
    internal bool Ready => Gateway.Ready && _replicas.Values.All(replica => replica.Ready);

    /// <summary>Writes the file that tells the control plane what runs here.</summary>
    internal Task WriteAsync() => LocalWorkloadFile.WriteAsync(
        _workloadsFile, [.. _replicas.Values.Append(Gateway).Select(replica => Describe(replica))], CancellationToken.None);

    /// <summary>Makes the replicas of a plan known to the control plane and starts those that do not run yet; ends those that are no longer in it.</summary>
    /// <param name="plan">What is to run.</param>
    /// <param name="patience">How long processes get to end.</param>
    /// <param name="beforeSidecars">What sidecars wait for.</param>
    internal async Task ApplyAsync(MeshPlan plan, TimeSpan patience, Task beforeSidecars)
    {
        var wanted = plan.Replicas.ToDictionary(Key, StringComparer.Ordinal);
        var superseded = _replicas.Where(running => wanted.GetValueOrDefault(running.Key) != running.Value.Plan).Select(running => running.Value).ToList();
        await EndAsync(superseded, patience).ConfigureAwait(false);
        var added = wanted.Where(entry => !_replicas.ContainsKey(entry.Key))
            .Select(entry => KeyValuePair.Create(entry.Key, _processes.Replica(entry.Value))).ToList();
        foreach (var (_, replica) in added)
            replica.Changed += OnChanged;
        _replicas = _replicas.AddRange(added);
        await ApplyExternalAsync(plan, patience).ConfigureAwait(false);
        await WriteAsync().ConfigureAwait(false);
        foreach (var (_, replica) in added)
            replica.StartApplication();
        await beforeSidecars.ConfigureAwait(false);
        foreach (var (_, replica) in added)
            replica.StartSidecar();
    }

    /// <summary>Ends everything: first the gateway, so that requests under way can finish, then the rest.</summary>
    internal async Task StopAsync(TimeSpan patience)
    {
        await Gateway.StopAsync(patience).ConfigureAwait(false);
        await Task.WhenAll([.. _replicas.Values.Select(replica => replica.StopAsync(patience)), .. _external.Values.Select(process => process.StopAsync(patience))])
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        foreach (var replica in _replicas.Values.Append(Gateway))
            replica.Dispose();
    }

    private static string Key(ReplicaPlan plan) => $"{plan.Workload.Namespace}/{plan.Workload.Name}";

    private async Task EndAsync(List<LocalReplica> superseded, TimeSpan patience)
    {
        if (superseded.Count == 0)
            return;
        foreach (var replica in superseded)
        {
            _log.WriteLine($"{replica.Plan.Workload.Name}: ends, as the YAML changed");
            await replica.RetireAsync().ConfigureAwait(false);
        }

        await WriteAsync().ConfigureAwait(false);
        await Task.Delay(Notice, _time).ConfigureAwait(false);
        await Task.WhenAll(superseded.Select(replica => replica.StopAsync(patience))).ConfigureAwait(false);
        _replicas = _replicas.RemoveRange(superseded.Select(replica => Key(replica.Plan)));
        foreach (var replica in superseded)
            replica.Dispose();
    }

    private async Task ApplyExternalAsync(MeshPlan plan, TimeSpan patience)
    {
        var wanted = plan.External.ToDictionary(spec => spec.Name, StringComparer.Ordinal);
        foreach (var running in _external.Values.Where(running => wanted.GetValueOrDefault(running.Spec.Name) != running.Spec).ToList())
        {
            await running.StopAsync(patience).ConfigureAwait(false);
            _external.Remove(running.Spec.Name);
        }

        foreach (var spec in plan.External.Where(spec => !_external.ContainsKey(spec.Name)))
        {
            var process = _processes.External(spec);
            process.Start();
            _external[spec.Name] = process;
        }
    }

    private void OnChanged()
    {
        _writer.Signal();
        Changed?.Invoke();
    }

    private static LocalWorkload Describe(LocalReplica replica)
    {
        var workload = replica.Workload;
        return new LocalWorkload
        {
            Name = workload.Name,
            Namespace = workload.Namespace,
            WorkloadName = workload.WorkloadName,
            Kind = workload.WorkloadKind,
            Labels = workload.Labels,
            Annotations = workload.Annotations,
            ServiceAccount = workload.ServiceAccount,
            Address = workload.Address,
            ApplicationAddress = workload.ApplicationAddress,
            Ports = [.. workload.Ports.Select(port => new LocalWorkloadPort { Name = port.Name, Port = port.Port, Protocol = port.Protocol })],
            Node = workload.Node,
            Ready = workload.Ready,
        };
    }
}
