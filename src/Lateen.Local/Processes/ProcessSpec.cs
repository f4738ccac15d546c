using System.Collections.Immutable;

namespace Lateen.Local.Processes;

/// <summary>What to run.</summary>
public sealed record ProcessSpec
{
    /// <summary>Unique name, shown before each line of output: <c>reviews-v1-1</c>, <c>reviews-v1-1 proxy</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The program: a path, or a name that is looked up in <c>PATH</c>.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Variables on top of this process's own; a null value removes one.</summary>
    public ImmutableSortedDictionary<string, string?> Environment { get; init; } = ImmutableSortedDictionary<string, string?>.Empty;

    /// <summary>The folder it runs in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <inheritdoc/>
    public bool Equals(ProcessSpec? other) =>
        other is not null && Name == other.Name && Command == other.Command && WorkingDirectory == other.WorkingDirectory
        && Arguments.SequenceEqual(other.Arguments) && Environment.SequenceEqual(other.Environment);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Command, WorkingDirectory, Arguments.Length, Environment.Count);
}
