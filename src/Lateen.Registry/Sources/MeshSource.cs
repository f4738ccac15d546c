using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Lateen.Resources.Reading;
using Lateen.Validation;

namespace Lateen.Registry.Sources;

/// <summary>Where objects and workloads come from.</summary>
public interface IMeshSource
{
    /// <summary>Reads: first everything there is, then everything anew after each change, until cancelled.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    IAsyncEnumerable<SourceContent> ReadAsync(CancellationToken cancellation);
}

/// <summary>What a source holds at one moment.</summary>
/// <param name="Documents">Objects, of any kind.</param>
/// <param name="Workloads">Workloads.</param>
/// <param name="Findings">What is wrong in the source.</param>
public sealed record SourceContent(
    ImmutableArray<ResourceDocument> Documents, ImmutableArray<Workload> Workloads, ImmutableArray<Finding> Findings)
{
    /// <summary>Nothing.</summary>
    public static SourceContent Empty { get; } = new([], [], []);
}

/// <summary>A source that never changes, e.g. objects that the product brings along.</summary>
/// <param name="content">What it holds.</param>
public sealed class FixedSource(SourceContent content) : IMeshSource
{
    /// <summary>A source of the objects in a text; throws <see cref="FormatException"/> when it has errors.</summary>
    public static FixedSource FromYaml(string name, string yaml)
    {
        ReadResult read = ResourceReader.Read(name, yaml);
        if (read.Errors.Count > 0) throw new FormatException(string.Join('\n', read.Errors));
        return new(SourceContent.Empty with { Documents = [.. read.Documents] });
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceContent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return content;
        await Task.Delay(Timeout.Infinite, cancellation);
    }
}
