// my-service without a mesh: the same job, and everything around the one call that keeps it alive.
using System.Diagnostics;
using System.Text.Json.Nodes;

var builder = WebApplication.CreateSlimBuilder(args);
var app = builder.Build();
var weather = new WeatherClient(new HttpClient(), "http://external-service.example", app.Logger);
var pod = Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName;

app.Use(async (context, next) =>
{
    var watch = Stopwatch.StartNew();
    await next(context);
    app.Logger.LogInformation("{Method} {Path} {Status} {Elapsed} ms", context.Request.Method, context.Request.Path,
        context.Response.StatusCode, watch.ElapsedMilliseconds);
});

app.MapGet("/advice/{place}", async (string place, CancellationToken gone) =>
{
    var (status, wind) = await weather.WindAsync(place, gone);
    if (wind is null)
        return Results.StatusCode(status);
    var knots = wind["knots"]!.GetValue<int>();
    return Results.Json(new { place, knots, advice = knots < 17 ? "Go sailing." : "Reef, or stay in port.", from = pod });
});

app.Run();

internal sealed class WeatherClient(HttpClient http, string baseUrl, ILogger log)
{
    private const int Attempts = 4;
    private const int FailuresToOpen = 5;
    private static readonly TimeSpan TryTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private int _failures;
    private long _openUntil;

    public async Task<(int Status, JsonNode? Wind)> WindAsync(string place, CancellationToken gone)
    {
        if (IsOpen())
            return (StatusCodes.Status503ServiceUnavailable, null);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(gone);
        all.CancelAfter(Timeout);
        var status = StatusCodes.Status504GatewayTimeout;
        for (var attempt = 1; attempt <= Attempts && !all.IsCancellationRequested; attempt++)
        {
            (status, var wind) = await TryAsync(place, attempt, all.Token);
            Count(status < 500);
            if (status < 500)
                return (status, wind);
            await BackOffAsync(attempt, all.Token);
        }

        gone.ThrowIfCancellationRequested();
        return (status, null);
    }

    private async Task<(int Status, JsonNode? Wind)> TryAsync(string place, int attempt, CancellationToken all)
    {
        var watch = Stopwatch.StartNew();
        using var once = CancellationTokenSource.CreateLinkedTokenSource(all);
        once.CancelAfter(TryTimeout);
        try
        {
            using var response = await http.GetAsync($"{baseUrl}/wind/{Uri.EscapeDataString(place)}", once.Token);
            log.LogInformation("wind {Place}: attempt {Attempt} got {Status} in {Elapsed} ms", place, attempt,
                (int)response.StatusCode, watch.ElapsedMilliseconds);
            return response.IsSuccessStatusCode
                ? ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(once.Token))
                : ((int)response.StatusCode, null);
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("wind {Place}: attempt {Attempt} timed out after {Elapsed} ms", place, attempt, watch.ElapsedMilliseconds);
            return (StatusCodes.Status504GatewayTimeout, null);
        }
        catch (HttpRequestException unreachable)
        {
            log.LogWarning(unreachable, "wind {Place}: attempt {Attempt} failed", place, attempt);
            return (StatusCodes.Status502BadGateway, null);
        }
    }

    private static async Task BackOffAsync(int attempt, CancellationToken all)
    {
        var milliseconds = 25 * (1 << attempt) * (0.5 + Random.Shared.NextDouble());
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool IsOpen()
    {
        lock (_gate)
            return Environment.TickCount64 < _openUntil;
    }

    private void Count(bool success)
    {
        lock (_gate)
        {
            _failures = success ? 0 : _failures + 1;
            if (_failures < FailuresToOpen)
                return;
            _failures = 0;
            _openUntil = Environment.TickCount64 + (long)OpenFor.TotalMilliseconds;
        }

        log.LogError("external-service failed {Failures} times in a row: not asking it for {Seconds} s", FailuresToOpen, OpenFor.TotalSeconds);
    }
}
