using Lateen.Proxy.Configuration;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.AccessLog;

/// <summary>
/// One file that lines are appended to. Each event loop has a buffer of its own, emptied by the writer; a full one drops lines
/// rather than block the loop.
/// </summary>
internal sealed partial class LogFile : IDisposable
{
    /// <summary>Pending bytes at which the writer is woken (Envoy: 64 KiB).</summary>
    public const int FlushAt = 64 * 1024;

    /// <summary>Pending bytes per loop at which lines are dropped.</summary>
    public const int MaxPending = 1024 * 1024;

    private readonly string _path;
    private readonly Action _wake;
    private readonly ILogger _logger;
    private readonly Shard[] _shards = new Shard[StatShard.Count];
    private readonly Lock _writing = new();
    private readonly Counter _buffered;
    private readonly Counter _completed;
    private readonly Counter _failed;
    private readonly Counter _dropped;
    private readonly Counter _reopenFailed;
    private Stream _stream;
    private volatile bool _reopen;

    public LogFile(string path, Action wake, StatsStore stats, ILogger logger)
    {
        _path = path;
        _wake = wake;
        _logger = logger;
        for (var i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard();
        _buffered = stats.Counter("filesystem.write_buffered");
        _completed = stats.Counter("filesystem.write_completed");
        _failed = stats.Counter("filesystem.write_failed");
        _dropped = stats.Counter("filesystem.write_dropped");
        _reopenFailed = stats.Counter("filesystem.reopen_failed");
        _stream = Open(path);
    }

    /// <summary>Appends a line; callable from any thread, never waits for the file.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        var shard = _shards[StatShard.Current];
        bool wake;
        lock (shard)
        {
            var pending = shard.Pending.Length;
            if (pending + line.Length > MaxPending)
            {
                _dropped.Increment();
                return;
            }

            shard.Pending.Append(line);
            wake = pending < FlushAt && pending + line.Length >= FlushAt;
        }

        _buffered.Increment();
        if (wake)
            _wake();
    }

    public void Reopen() => _reopen = true;

    /// <summary>Writes everything that is pending; callable from any thread but a loop's.</summary>
    public void Flush()
    {
        lock (_writing)
        {
            if (_reopen)
                ReopenNow();
            foreach (var shard in _shards)
                Flush(shard);
        }
    }

    public void Dispose() => _stream.Dispose();

    private void Flush(Shard shard)
    {
        lock (shard)
        {
            if (shard.Pending.Length == 0)
                return;
            (shard.Pending, shard.Spare) = (shard.Spare, shard.Pending);
        }

        try
        {
            _stream.Write(shard.Spare.Written);
            _stream.Flush();
            _completed.Increment();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            _failed.Increment();
            LogWriteFailed(_path, e.Message);
        }

        shard.Spare.Clear();
    }

    private void ReopenNow()
    {
        _reopen = false;
        try
        {
            var opened = Open(_path);
            _stream.Dispose();
            _stream = opened;
        }
        catch (ConfigurationException e)
        {
            _reopenFailed.Increment();
            LogReopenFailed(_path, e.Message);
        }
    }

    private static Stream Open(string path)
    {
        try
        {
            return path switch
            {
                "/dev/stdout" => Console.OpenStandardOutput(),
                "/dev/stderr" => Console.OpenStandardError(),
                _ => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException("path", $"unable to open file '{path}': {e.Message}", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "access log {Path} could not be written: {Reason}")]
    private partial void LogWriteFailed(string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "access log {Path} could not be reopened: {Reason}")]
    private partial void LogReopenFailed(string path, string reason);

    private sealed class Shard
    {
        public FormatBuffer Pending { get; set; } = new();

        public FormatBuffer Spare { get; set; } = new();
    }
}
