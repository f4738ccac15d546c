namespace Lateen.Registry.Sources;

/// <summary>Waits for changes below a folder and lets them settle: 100 ms of quiet, at most 1 s (what editors do in one save counts once).</summary>
internal sealed class FolderWatch : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly FileSystemWatcher _watcher;
    private readonly Debouncer _debouncer;

    public FolderWatch(string folder, bool recursive, TimeProvider time, Func<string, bool>? concerns = null)
    {
        _debouncer = new Debouncer(Quiet, Most, time);
        _watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = recursive,
            InternalBufferSize = 64 * 1024,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        void Signal(string path)
        {
            if (concerns is null || concerns(path)) _debouncer.Signal();
        }
        _watcher.Created += (_, change) => Signal(change.FullPath);
        _watcher.Changed += (_, change) => Signal(change.FullPath);
        _watcher.Deleted += (_, change) => Signal(change.FullPath);
        _watcher.Renamed += (_, change) =>
        {
            Signal(change.OldFullPath);
            Signal(change.FullPath);
        };
        // More events than the buffer holds: what they were does not matter, everything is read anew.
        _watcher.Error += (_, _) => _debouncer.Signal();
        _watcher.EnableRaisingEvents = true;
    }

    public Task WaitForChangeAsync(CancellationToken cancellation) => _debouncer.WaitAsync(cancellation);

    public void Dispose() => _watcher.Dispose();
}
