using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Lateen.Local.Running;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Local.Tests;

public sealed class ReadinessProbeTests : IDisposable
{
    private readonly TcpListener _application = new(IPAddress.Loopback, 0);
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _application.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task An_application_is_ready_when_all_its_ports_accept()
    {
        _application.Start();
        var port = (IPEndPoint)_application.LocalEndpoint;
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var probe = new ReadinessProbe(_http, TimeProvider.System) { Ports = [port, (IPEndPoint)other.LocalEndpoint] };

        Assert.True(await probe.AskAsync(TestContext.Current.CancellationToken));
        other.Stop();
        Assert.False(await probe.AskAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_sidecar_that_is_not_there_is_not_ready()
    {
        _application.Start();
        var sidecar = new Uri($"http://{_application.LocalEndpoint}/ready");
        _application.Stop();

        Assert.False(await new ReadinessProbe(_http, TimeProvider.System) { Sidecar = sidecar }.AskAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_refusal_is_forgiven_three_are_not_and_a_process_that_ended_counts_at_once()
    {
        var time = new FakeTimeProvider();
        var reports = new ConcurrentQueue<bool>();
        var ended = 0;
        _application.Start();
        var probe = new ReadinessProbe(_http, time) { Ports = [(IPEndPoint)_application.LocalEndpoint] };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = probe.RunAsync(reports.Enqueue, () => Interlocked.Exchange(ref ended, 0) == 1, stop.Token);

        await Advance(() => reports.Count == 1);
        Interlocked.Exchange(ref ended, 1);
        await Advance(() => reports.Count == 3);
        _application.Stop();
        await Advance(() => reports.Count == 4);
        await stop.CancelAsync();
        await running;

        Assert.Equal([true, false, true, false], reports);

        async Task Advance(Func<bool> condition)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            while (!condition())
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(5, patience.Token);
            }
        }
    }
}
