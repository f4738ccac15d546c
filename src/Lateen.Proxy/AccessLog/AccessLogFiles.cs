using System.Collections.Concurrent;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.AccessLog;

/// <summary>
/// All files that access logs go to, one object per path, and the one task that writes them: event loops only append to buffers.
/// </summary>
public sealed class AccessLogFiles : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LogFile> _files = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private readonly Task _writer;
    private readonly StatsStore _stats;
    private readonly ILogger _logger;

    /// <summary>Starts the writer.</summary>
    /// <param name="flushInterval">How long a line may wait (Envoy: <c>--file-flush-interval-msec</c>).</param>
    /// <param name="time">The clock of the interval.</param>
    /// <param name="stats">Counts under <c>filesystem.</c></param>
    /// <param name="logger">Told of files that cannot be written.</param>
    public AccessLogFiles(TimeSpan flushInterval, TimeProvider time, StatsStore stats, ILogger logger)
    {
        _stats = stats;
        _logger = logger;
        _timer = time.CreateTimer(_ => Wake(), null, flushInterval, flushInterval);
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>The file of a path; <c>/dev/stdout</c> and <c>/dev/stderr</c> are the process's own streams.</summary>
    /// <exception cref="ConfigurationException">The file cannot be opened for appending.</exception>
    internal LogFile Open(string path) => _files.GetOrAdd(path, p => new LogFile(p, Wake, _stats, _logger));

    /// <summary>Opens all files anew before the next line, after a rotation moved them (SIGUSR1, <c>/reopen_logs</c>).</summary>
    public void Reopen()
    {
        foreach (var file in _files.Values)
            file.Reopen();
        Wake();
    }

    /// <summary>Writes everything that is waiting.</summary>
    public void Flush()
    {
        foreach (var file in _files.Values)
            file.Flush();
    }

    /// <summary>Writes what is waiting and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await _writer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Flush();
        foreach (var file in _files.Values)
            file.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    private async Task WriteAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await _wake.WaitAsync(_stop.Token);
            Flush();
        }
    }
}
