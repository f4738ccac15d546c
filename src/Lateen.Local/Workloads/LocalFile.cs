using System.Collections.Immutable;
using Lateen.Resources.Reading;

namespace Lateen.Local.Workloads;

/// <summary>The content of <c>local.yaml</c>: what runs on this machine in place of containers.</summary>
public sealed record LocalFile
{
    /// <summary>Its name in the mesh's folder.</summary>
    public const string Name = "local.yaml";

    /// <summary>A file that says nothing.</summary>
    public static LocalFile Empty { get; } = new();

    /// <summary>By name of the Deployment, or <c>namespace/name</c>.</summary>
    public ImmutableSortedDictionary<string, LocalCommand> Deployments { get; init; } = ImmutableSortedDictionary<string, LocalCommand>.Empty;

    /// <summary>Processes outside the mesh, by a name for their output.</summary>
    public ImmutableSortedDictionary<string, LocalCommand> External { get; init; } = ImmutableSortedDictionary<string, LocalCommand>.Empty;

    /// <summary>The entry of a Deployment, or null.</summary>
    public LocalCommand? Find(string @namespace, string deployment) =>
        Deployments.GetValueOrDefault($"{@namespace}/{deployment}") ?? Deployments.GetValueOrDefault(deployment);
}

/// <summary>How to run one application. Either <see cref="Project"/> or <see cref="Command"/> is set.</summary>
public sealed record LocalCommand
{
    /// <summary>Where it is written.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>A C# project, or the folder of one: built when it has changed, then run with <c>dotnet exec</c>.</summary>
    public Template? Project { get; init; }

    /// <summary>A program: a path from the working directory, or a name to look up in <c>PATH</c>.</summary>
    public Template? Command { get; init; }

    /// <summary>Arguments.</summary>
    public ImmutableArray<Template> Args { get; init; } = [];

    /// <summary>Environment variables, on top of the container's.</summary>
    public ImmutableSortedDictionary<string, Template> Env { get; init; } = ImmutableSortedDictionary<string, Template>.Empty;

    /// <summary>The folder to run in, from the mesh's folder; the mesh's folder when null.</summary>
    public Template? WorkingDirectory { get; init; }
}
