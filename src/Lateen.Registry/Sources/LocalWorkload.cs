using Lateen.Resources;
using Lateen.Resources.Reading;

namespace Lateen.Registry.Sources;

/// <summary>A replica that runs on this machine, as the file <c>local-workloads.json</c> describes it.</summary>
public sealed record LocalWorkload
{
    /// <summary>Name of the replica, unique in its namespace.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Deployment (or other object) it is a replica of.</summary>
    public required string WorkloadName { get; init; }

    /// <summary>Kind of that object.</summary>
    public string Kind { get; init => field = value ?? "Deployment"; } = "Deployment";

    /// <summary>Labels of the pod template, with those an injector adds.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Annotations of the pod template.</summary>
    public EquatableMap<string> Annotations { get; init; }

    /// <summary>Service account.</summary>
    public string ServiceAccount { get; init => field = value ?? "default"; } = "default";

    /// <summary>Address others reach it at.</summary>
    public required string Address { get; init; }

    /// <summary>Address the application listens on; null means 127.0.0.1.</summary>
    public string? ApplicationAddress { get; init; }

    /// <summary>Ports of its containers.</summary>
    public EquatableArray<LocalWorkloadPort> Ports { get; init; }

    /// <summary>Node, or null.</summary>
    public string? Node { get; init; }

    /// <summary><c>region/zone/subzone</c>, or null.</summary>
    public string? Locality { get; init; }

    /// <summary>Whether it is ready for traffic; null means yes.</summary>
    public bool? Ready { get; init; }

    /// <summary>The replica as a workload of the mesh.</summary>
    public Workload ToWorkload() => new()
    {
        Name = Name,
        Namespace = Namespace,
        Address = Address,
        ApplicationAddress = ApplicationAddress,
        Labels = Labels,
        Annotations = Annotations,
        ServiceAccount = ServiceAccount,
        WorkloadName = WorkloadName,
        WorkloadKind = Kind,
        Ports = Ports.Select(port => new WorkloadPort(port.Name, port.Port, port.Protocol)).ToEquatableArray(),
        Locality = Locality ?? "",
        Node = Node ?? "",
        Ready = Ready ?? true,
    };
}

/// <summary>A port of a container.</summary>
public sealed record LocalWorkloadPort
{
    /// <summary>Name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Number.</summary>
    public required uint Port { get; init; }

    /// <summary>TCP, UDP or SCTP.</summary>
    public string Protocol { get; init => field = value ?? "TCP"; } = "TCP";
}

/// <summary>The file <c>local-workloads.json</c>: an array of <see cref="LocalWorkload"/>.</summary>
public static class LocalWorkloadFile
{
    /// <summary>Its usual name in the state folder.</summary>
    public const string Name = "local-workloads.json";

    /// <summary>Writes the file whole, replacing the old one in one step.</summary>
    public static async Task WriteAsync(string path, IReadOnlyList<LocalWorkload> workloads, CancellationToken cancellation)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(temporary, ResourceWriter.ToJson(workloads.ToEquatableArray()), cancellation);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads the text of the file.</summary>
    /// <param name="file">Path, for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="errors">Gets the errors.</param>
    public static EquatableArray<LocalWorkload> Read(string file, string text, ICollection<ReadError> errors)
    {
        if (NodeReader.Read(file, text, errors) is not [var root, ..]) return [];
        return ResourceReader.ReadValue<EquatableArray<LocalWorkload>>(
            root, (line, column, path, message) => errors.Add(new(new(file, line, column), message, Path: path)));
    }
}
