using System.Net;
using System.Net.Sockets;

namespace Lateen.Local.Running;

/// <summary>
/// Finds out whether a replica can take traffic, as Kubernetes' readiness probes do: its application accepts connections on all its
/// ports, and its sidecar says that it is ready. Asked often until it is so; afterwards three refusals in a row end it.
/// </summary>
internal sealed class ReadinessProbe
{
    private const int FailureThreshold = 3;
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    internal ReadinessProbe(HttpClient http, TimeProvider time)
    {
        _http = http;
        _time = time;
    }

    /// <summary>What the application is asked at.</summary>
    internal IReadOnlyList<IPEndPoint> Ports { get; init; } = [];

    /// <summary>The sidecar's <c>/ready</c>, or null without a sidecar.</summary>
    internal Uri? Sidecar { get; init; }

    /// <summary>Asks until cancelled and reports each change; starts from not ready.</summary>
    /// <param name="report">Gets each change.</param>
    /// <param name="reset">True once after a process of the replica ended: it is not ready then, without asking.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task RunAsync(Action<bool> report, Func<bool> reset, CancellationToken cancellation)
    {
        var ready = false;
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            var ended = reset();
            var answered = !ended && await AskAsync(cancellation).ConfigureAwait(false);
            failures = answered ? 0 : failures + 1;
            var now = answered || (ready && !ended && failures < FailureThreshold);
            if (now != ready)
                report(ready = now);
            await Task.Delay(ready ? Calm : Impatient, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks once.</summary>
    internal async Task<bool> AskAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            foreach (var port in Ports)
            {
                using var socket = new Socket(port.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(port, patience.Token).ConfigureAwait(false);
            }

            if (Sidecar is null)
                return true;
            using var answer = await _http.GetAsync(Sidecar, patience.Token).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception refused) when (refused is SocketException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
