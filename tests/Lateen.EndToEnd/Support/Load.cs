using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Lateen.EndToEnd.Support;

/// <summary>Asks one URL as fast as it can over a number of kept-alive connections, until it is stopped.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;
    private readonly Task[] _workers;
    private readonly Action<long, string>? _answered;
    private long _requests;

    /// <param name="url">What to ask.</param>
    /// <param name="connections">How many ask at a time.</param>
    /// <param name="answered">Told of each answer: when it was asked for, and its body.</param>
    public Load(string url, int connections = 16, Action<long, string>? answered = null)
    {
        _answered = answered;
        _handler = new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = connections, UseProxy = false };
        _http = new HttpClient(_handler) { Timeout = TimeSpan.FromSeconds(30) };
        _workers = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(() => WorkAsync(url)))];
    }

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>How often each status, or kind of failure, was seen.</summary>
    public IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    public string Summary => string.Join(", ", _outcomes.OrderBy(o => o.Key).Select(o => $"{o.Value} × {o.Key}"));

    /// <summary>Waits until that many more requests were answered.</summary>
    public Task MoreAsync(int requests)
    {
        var target = Requests + requests;
        return Until.TrueAsync($"{requests} more requests", TimeSpan.FromSeconds(60), () => Requests >= target, () => Summary);
    }

    /// <summary>Stops, and fails unless every request was answered with 200.</summary>
    public async Task StopAllOkAsync(string why)
    {
        await DisposeAsync();
        Assert.True(_outcomes.Keys.All(k => k == "200"), $"{why}: {Summary}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _http.Dispose();
        _handler.Dispose();
    }

    private async Task WorkAsync(string url)
    {
        while (!_stop.IsCancellationRequested)
        {
            string outcome;
            try
            {
                var asked = Stopwatch.GetTimestamp();
                using var response = await _http.GetAsync(url);
                var body = await response.Content.ReadAsStringAsync();
                _answered?.Invoke(asked, body);
                outcome = $"{(int)response.StatusCode}";
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                outcome = e.GetBaseException().Message;
            }

            _outcomes.AddOrUpdate(outcome, 1, (_, n) => n + 1);
            Interlocked.Increment(ref _requests);
        }
    }
}
