// ratings: how many stars each reader gave.
//
// For trying out what the mesh does when a service misbehaves, it can be told to:
//   FAIL_FIRST=n   answer the first n requests with 503      (or later: POST /control?fail=n)
//   DELAY_MS=ms    take that much longer for every answer    (or later: POST /control?delay=ms)
using System.Globalization;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

var pod = Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName;
var version = Environment.GetEnvironmentVariable("VERSION") ?? "v1";
var failuresLeft = Number("FAIL_FIRST");
var delayMilliseconds = Number("DELAY_MS");
var served = 0;

app.MapGet("/health", () => new { status = "ratings is healthy" });

app.MapGet("/ratings/{id:int}", async (int id, CancellationToken gone) =>
{
    Interlocked.Increment(ref served);
    if (Volatile.Read(ref delayMilliseconds) is > 0 and var delay)
        await Task.Delay(delay, gone);
    if (Volatile.Read(ref failuresLeft) > 0 && Interlocked.Decrement(ref failuresLeft) >= 0)
        return Results.Json(new { error = "told to fail" }, statusCode: StatusCodes.Status503ServiceUnavailable);
    return Results.Json(new
    {
        id,
        podname = pod,
        version,
        ratings = new Dictionary<string, int> { ["Ada"] = 5, ["Marit"] = 4 },
    });
});

app.MapGet("/control", () => State());
app.MapPost("/control", (int? fail, int? delay) =>
{
    if (fail is >= 0)
        Volatile.Write(ref failuresLeft, fail.Value);
    if (delay is >= 0)
        Volatile.Write(ref delayMilliseconds, delay.Value);
    return State();
});

app.Run();

object State() => new
{
    fail = Math.Max(0, Volatile.Read(ref failuresLeft)),
    delay = Volatile.Read(ref delayMilliseconds),
    served = Volatile.Read(ref served),
};

static int Number(string variable) =>
    int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : 0;
