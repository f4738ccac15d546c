using Lateen.Registry.Sources;

namespace Lateen.Local.Workloads;

/// <summary>The content of a mesh's folder, anew after each change of its YAML or of its <c>local.yaml</c>.</summary>
internal sealed class FolderChanges : IAsyncDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended;
    private readonly IAsyncEnumerator<SourceContent> _resources;
    private readonly FileSystemWatcher _watcher;
    private readonly Debouncer _localFile;
    private SourceContent _content = SourceContent.Empty;
    private Task<bool>? _nextResources;
    private Task? _nextLocalFile;

    internal FolderChanges(string folder, TimeProvider time, CancellationToken cancellation)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _resources = new FolderSource(folder, time).ReadAsync(_ended.Token).GetAsyncEnumerator(_ended.Token);
        _localFile = new Debouncer(Quiet, Most, time);
        _watcher = new FileSystemWatcher(folder, LocalFile.Name);
        _watcher.Created += (_, _) => _localFile.Signal();
        _watcher.Changed += (_, _) => _localFile.Signal();
        _watcher.Deleted += (_, _) => _localFile.Signal();
        _watcher.Renamed += (_, _) => _localFile.Signal();
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>First the content as it is, then each time after the next change.</summary>
    internal async Task<SourceContent> NextAsync(CancellationToken cancellation)
    {
        _nextResources ??= _resources.MoveNextAsync().AsTask();
        _nextLocalFile ??= _localFile.WaitAsync(_ended.Token);
        await Task.WhenAny(_nextResources, _nextLocalFile).WaitAsync(cancellation).ConfigureAwait(false);
        if (_nextResources.IsCompleted)
        {
            var more = await _nextResources.ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (!more)
                throw new LocalMeshException("the folder cannot be read any more");
            _content = _resources.Current;
            _nextResources = null;
        }

        if (_nextLocalFile.IsCompleted)
        {
            await _nextLocalFile.ConfigureAwait(false);
            _nextLocalFile = null;
        }

        return _content;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        _watcher.Dispose();
        // An enumerator must not be disposed of in the middle of a move.
        await ((Task?)_nextResources ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_nextLocalFile ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _resources.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }
}
