using System.Runtime.CompilerServices;
using Lateen.Resources;
using Lateen.Resources.Reading;
using Lateen.Validation;

namespace Lateen.Registry.Sources;

/// <summary>
/// Reads the replicas that run on this machine from <c>local-workloads.json</c> and watches the file. It need not exist yet; with errors
/// in it the last good replicas stay.
/// </summary>
/// <param name="path">Path of the file; its folder must exist.</param>
/// <param name="time">The clock; null means the system's.</param>
public sealed class LocalWorkloadSource(string path, TimeProvider? time = null) : IMeshSource
{
    private readonly string _path = Path.GetFullPath(path);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceContent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var watch = new FolderWatch(
            Path.GetDirectoryName(_path)!, recursive: false, time ?? TimeProvider.System, changed => Path.GetFullPath(changed) == _path);
        string? last = null;
        SourceContent content = SourceContent.Empty;
        while (true)
        {
            (string text, ReadError? failure) = await ReadTextAsync(cancellation);
            if (failure is not null)
            {
                yield return content with { Findings = [Finding.Of(failure)] };
            }
            else if (text != last)
            {
                yield return content = Parse(text, content);
            }
            last = failure is null ? text : null;
            await watch.WaitForChangeAsync(cancellation);
        }
    }

    private SourceContent Parse(string text, SourceContent previous)
    {
        var errors = new List<ReadError>();
        EquatableArray<LocalWorkload> workloads = LocalWorkloadFile.Read(_path, text, errors);
        return errors.Count == 0
            ? SourceContent.Empty with { Workloads = [.. workloads.Select(workload => workload.ToWorkload())] }
            : previous with { Findings = [.. errors.Select(Finding.Of)] };
    }

    private async Task<(string Text, ReadError? Failure)> ReadTextAsync(CancellationToken cancellation)
    {
        try
        {
            return (await File.ReadAllTextAsync(_path, cancellation), null);
        }
        catch (FileNotFoundException)
        {
            return ("[]", null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ("", new ReadError(new(_path, 1, 1), exception.Message));
        }
    }
}
