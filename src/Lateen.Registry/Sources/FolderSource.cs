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
    private static readonly TimeSpan Absence = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public async IAsyncEnumerable<SourceContent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{folder}: no such folder");
        var files = new ResourceFiles(folder);
        while (true)
        {
            // Watching begins before reading, so nothing falls between.
            using (var watch = new FolderWatch(folder, recursive: true, _time, ResourceFiles.Concerns))
            {
                if (files.Refresh() is { } first) yield return first;
                while (Directory.Exists(folder))
                {
                    await watch.WaitForChangeAsync(cancellation);
                    if (files.Refresh() is { } content) yield return content;
                }
            }
            // Whoever replaces the folder as a whole takes the watch with it.
            while (!Directory.Exists(folder)) await Task.Delay(Absence, _time, cancellation);
        }
    }
}
