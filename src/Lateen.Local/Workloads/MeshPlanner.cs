using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Lateen.Local.Processes;
using Lateen.Registry;
using Lateen.Resources;

namespace Lateen.Local.Workloads;

/// <summary>Decides what runs for the Deployments of a folder.</summary>
/// <param name="folder">The mesh's folder, absolute.</param>
/// <param name="local">Its <c>local.yaml</c>.</param>
/// <param name="addresses">Gives addresses to replicas.</param>
/// <param name="program">The built program of a C# project named in <c>local.yaml</c>, by its absolute path.</param>
/// <param name="runApplications">False to run only the mesh.</param>
public sealed class MeshPlanner(string folder, LocalFile local, LoopbackAddresses addresses, Func<string, string> program, bool runApplications)
{
    private readonly List<string> _problems = [];

    /// <summary>The plan. Throws <see cref="LocalMeshException"/> with one line for each thing that keeps it from being made.</summary>
    public MeshPlan Plan(IEnumerable<V1Deployment> deployments, IEnumerable<V1Namespace> namespaces)
    {
        var labelled = namespaces.ToDictionary(item => item.Metadata.Name, StringComparer.Ordinal);
        var replicas = deployments
            .OrderBy(Namespace, StringComparer.Ordinal).ThenBy(item => item.Metadata.Name, StringComparer.Ordinal)
            .SelectMany(deployment => Replicas(deployment, labelled.GetValueOrDefault(Namespace(deployment))))
            .ToImmutableArray();
        ImmutableArray<ProcessSpec> external = runApplications ? [.. local.External.Select(entry => Guard(() => External(entry.Key, entry.Value))).OfType<ProcessSpec>()] : [];
        return _problems.Count == 0 ? new MeshPlan(replicas, external) : throw new LocalMeshException(string.Join('\n', _problems));
    }

    private IEnumerable<ReplicaPlan> Replicas(V1Deployment deployment, V1Namespace? @namespace)
    {
        var command = local.Find(Namespace(deployment), deployment.Metadata.Name);
        if (command is null && runApplications)
        {
            _problems.Add($"Deployment {deployment.Metadata.Name} in {folder} has no entry below \"deployments\" in {LocalFile.Name} (or use --no-apps)");
            return [];
        }

        var injected = Injection.Applies(deployment.Spec.Template, @namespace);
        return Enumerable.Range(1, deployment.Spec.Replicas ?? 1)
            .Select(number => Guard(() => Replica(deployment, number, injected, runApplications ? command : null)))
            .OfType<ReplicaPlan>();
    }

    private ReplicaPlan Replica(V1Deployment deployment, int number, bool injected, LocalCommand? command)
    {
        var template = deployment.Spec.Template;
        var name = string.Create(CultureInfo.InvariantCulture, $"{deployment.Metadata.Name}-{number}");
        var pair = addresses.Take($"{Namespace(deployment)}/{name}");
        IEnumerable<KeyValuePair<string, string>> labels = injected
            ? Injection.Labels(template.Metadata?.Labels, deployment.Metadata.Name)
            : template.Metadata?.Labels ?? new Dictionary<string, string>();
        var workload = new Workload
        {
            Name = name,
            Namespace = Namespace(deployment),
            Address = pair.Replica,
            ApplicationAddress = injected ? pair.Application : null,
            Labels = new EquatableMap<string>(labels),
            Annotations = new EquatableMap<string>(template.Metadata?.Annotations ?? new Dictionary<string, string>()),
            ServiceAccount = template.Spec.ServiceAccountName ?? template.Spec.ServiceAccount ?? "default",
            WorkloadName = deployment.Metadata.Name,
            WorkloadKind = "Deployment",
            Ports = [.. Ports(template)],
            Node = Environment.MachineName,
            Ready = false,
        };
        var plan = new ReplicaPlan(workload, injected, null);
        return command is null ? plan : plan with { Application = Application(plan, command, number, template) };
    }

    private ProcessSpec Application(ReplicaPlan replica, LocalCommand command, int number, V1PodTemplateSpec template)
    {
        var workload = replica.Workload;
        string Value(string variable) => variable switch
        {
            "address" => replica.ApplicationAddress,
            "replica" => number.ToString(CultureInfo.InvariantCulture),
            "pod" => workload.Name,
            "namespace" => workload.Namespace,
            "folder" => folder,
            _ => Port(workload, variable["port:".Length..]),
        };

        var environment = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        environment["HOSTNAME"] = workload.Name;
        foreach (var (name, value) in ContainerEnvironment.Read(template, workload, command.Env))
            environment[name] = value;
        if (replica.Injected)
        {
            environment["HTTP_PROXY"] = environment["http_proxy"] = $"http://{workload.Address}:{SidecarPorts.HttpProxy}";
            environment["NO_PROXY"] = environment["no_proxy"] = "localhost,127.0.0.1,::1";
        }

        return Fill(workload.Name, command, Value, environment);
    }

    private ProcessSpec External(string name, LocalCommand command) =>
        Fill(name, command, variable => variable == "folder"
            ? folder
            : throw new FormatException($"${{{variable}}} has no meaning for a process outside the mesh; only ${{folder}} has"),
            ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal));

    private ProcessSpec Fill(string name, LocalCommand command, Func<string, string> value, ImmutableSortedDictionary<string, string?>.Builder environment)
    {
        foreach (var (key, template) in command.Env)
            environment[key] = template.Fill(value);
        var arguments = command.Args.Select(argument => argument.Fill(value));
        return new ProcessSpec
        {
            Name = name,
            Command = command.Command?.Fill(value) ?? "dotnet",
            Arguments = command.Project is { } project ? ["exec", program(Path.GetFullPath(project.Fill(value), folder)), .. arguments] : [.. arguments],
            Environment = environment.ToImmutable(),
            WorkingDirectory = Path.GetFullPath(command.WorkingDirectory?.Fill(value) ?? ".", folder),
        };
    }

    private T? Guard<T>(Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (LocalMeshException problem)
        {
            if (!_problems.Contains(problem.Message))
                _problems.Add(problem.Message);
            return null;
        }
    }

    private static IEnumerable<WorkloadPort> Ports(V1PodTemplateSpec template) =>
        from container in template.Spec.Containers
        from port in container.Ports ?? []
        select new WorkloadPort(port.Name, (uint)port.ContainerPort, port.Protocol ?? "TCP");

    private static string Port(Workload workload, string nameOrNumber)
    {
        var port = workload.Ports.FirstOrDefault(port => port.Name == nameOrNumber || port.Port.ToString(CultureInfo.InvariantCulture) == nameOrNumber)
            ?? throw new FormatException($"no container of Deployment {workload.WorkloadName} has a port {nameOrNumber}");
        return port.Port.ToString(CultureInfo.InvariantCulture);
    }

    private static string Namespace(V1Deployment deployment) => deployment.Metadata.NamespaceProperty is { Length: > 0 } own ? own : "default";
}
