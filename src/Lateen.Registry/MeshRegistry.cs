using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Lateen.Registry.Building;
using Lateen.Registry.Sources;
using Lateen.Validation;
using Microsoft.Extensions.Logging;

namespace Lateen.Registry;

/// <summary>
/// Joins sources into snapshots of the mesh and hands every new one, with what changed, to its subscribers.
/// Run <see cref="RunAsync"/> once; everything else may be called from anywhere at any time.
/// </summary>
/// <param name="sources">The sources; of one object in several the first counts.</param>
/// <param name="defaults">Settings below what the ConfigMap <c>istio</c> says.</param>
/// <param name="logger">Told about findings and changes.</param>
public sealed partial class MeshRegistry(IReadOnlyList<IMeshSource> sources, MeshSettings defaults, ILogger<MeshRegistry> logger)
{
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile MeshUpdate? _current;

    /// <summary>The newest snapshot; the empty one before every source was read.</summary>
    public MeshSnapshot Current => _current?.Snapshot ?? MeshSnapshot.Empty;

    /// <summary>What is wrong in the sources as of the newest snapshot.</summary>
    public IReadOnlyList<Finding> Findings => _current?.Findings ?? [];

    /// <summary>Completes when every source was read once and the first snapshot is there; fails when reading fails before that.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Reads the sources until cancelled; fails when a source does.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var contents = Channel.CreateUnbounded<(int Source, SourceContent Content)>(new() { SingleReader = true });
        Task[] readers = [.. sources.Select((source, index) => ReadAsync(source, index, contents.Writer, stop.Token))];
        try
        {
            await BuildAsync(contents.Reader, stop.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _ready.TrySetException(exception);
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            _ready.TrySetCanceled(CancellationToken.None);
            await Task.WhenAll(readers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Every snapshot from the newest on. To a subscriber that is slower than the changes they come joined: the newest snapshot, and
    /// everything that changed since the one it saw.
    /// </summary>
    public async IAsyncEnumerable<MeshUpdate> Subscribe([EnumeratorCancellation] CancellationToken cancellation)
    {
        var subscription = new Subscription();
        lock (_lock)
        {
            _subscriptions.Add(subscription);
            if (_current is { } current) subscription.Offer(current with { Change = MeshChange.Everything });
        }
        try
        {
            while (true) yield return await subscription.TakeAsync(cancellation);
        }
        finally
        {
            lock (_lock) _subscriptions.Remove(subscription);
        }
    }

    private static async Task ReadAsync(IMeshSource source, int index, ChannelWriter<(int, SourceContent)> writer, CancellationToken cancellation)
    {
        try
        {
            await foreach (SourceContent content in source.ReadAsync(cancellation).WithCancellation(cancellation))
                await writer.WriteAsync((index, content), cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The builder is who finds out.
            writer.TryComplete(exception);
        }
    }

    private async Task BuildAsync(ChannelReader<(int Source, SourceContent Content)> reader, CancellationToken cancellation)
    {
        var builder = new SnapshotBuilder(defaults);
        var contents = new SourceContent?[sources.Count];
        while (await reader.WaitToReadAsync(cancellation))
        {
            while (reader.TryRead(out (int Source, SourceContent Content) next)) contents[next.Source] = next.Content;
            if (contents.All(content => content is not null)) Publish(builder.Build(contents!));
        }
    }

    private void Publish(MeshUpdate update)
    {
        LogFindings(update);
        // Positions in files may be new although nothing else is; that is for whoever asks, not for subscribers.
        bool silent = _current is { } before && update.Change.IsEmpty && before.Findings.AsSpan().SequenceEqual(update.Findings.AsSpan());
        if (!silent)
        {
            LogSnapshot(update.Snapshot.Version, update.Snapshot.Services.Length, update.Snapshot.Workloads.Length,
                update.Change.Forced ? "everything" : string.Join(", ", update.Change.Keys));
        }
        lock (_lock)
        {
            _current = update;
            if (!silent)
            {
                foreach (Subscription subscription in _subscriptions) subscription.Offer(update);
            }
        }
        _ready.TrySetResult();
    }

    private void LogFindings(MeshUpdate update)
    {
        foreach (Finding finding in update.Findings.Except(_current?.Findings ?? []))
        {
            if (finding.Severity == Severity.Error) LogError(finding);
            else LogWarning(finding);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Finding}")]
    private partial void LogError(Finding finding);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Finding}")]
    private partial void LogWarning(Finding finding);

    [LoggerMessage(Level = LogLevel.Information, Message = "Mesh version {Version}: {Services} services, {Workloads} workloads; changed: {Changed}")]
    private partial void LogSnapshot(long version, int services, int workloads, string changed);

    /// <summary>One place for the updates a subscriber has not taken yet.</summary>
    private sealed class Subscription
    {
        private readonly Lock _lock = new();
        private readonly Channel<bool> _offered = Channel.CreateBounded<bool>(1);
        private MeshUpdate? _pending;

        public void Offer(MeshUpdate update)
        {
            lock (_lock)
            {
                bool first = _pending is null;
                _pending = first ? update : update with { Change = _pending!.Change.Union(update.Change) };
                if (first) _offered.Writer.TryWrite(true);
            }
        }

        public async Task<MeshUpdate> TakeAsync(CancellationToken cancellation)
        {
            await _offered.Reader.ReadAsync(cancellation);
            lock (_lock)
            {
                MeshUpdate update = _pending!;
                _pending = null;
                return update;
            }
        }
    }
}
