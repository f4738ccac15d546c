using System.Runtime.CompilerServices;

namespace Lateen.Registry.Sources;

/// <summary>
/// Reads a folder of YAML and JSON files with everything below it and watches it for edits, additions, deletions and renames. A file with
/// errors keeps its last good objects.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="time">The clock; null means the system's.</param>
public sealed class FolderSource(string folder, TimeProvider? time = null) : IMeshSource
{
    /// <inheritdoc/>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public async IAsyncEnumerable<SourceContent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{folder}: no such folder");
        // Watching begins before the first reading, so nothing falls between.
        using var watch = new FolderWatch(folder, recursive: true, time ?? TimeProvider.System, ResourceFiles.Concerns);
        var files = new ResourceFiles(folder);
        yield return files.Refresh() ?? SourceContent.Empty;
        while (true)
        {
            await watch.WaitForChangeAsync(cancellation);
            if (files.Refresh() is { } content) yield return content;
        }
    }
}
