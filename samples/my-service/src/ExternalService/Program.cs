// external-service: somebody else's weather service, outside the mesh. As such services are: every FAIL_EVERY-th request fails,
// every SLOW_EVERY-th takes two seconds.
using System.Globalization;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

var failEvery = Number("FAIL_EVERY");
var slowEvery = Number("SLOW_EVERY");
long requests = 0;

app.MapGet("/wind/{place}", async (string place, CancellationToken gone) =>
{
    var request = Interlocked.Increment(ref requests);
    if (slowEvery > 0 && request % slowEvery == 0)
        await Task.Delay(TimeSpan.FromSeconds(2), gone);
    return failEvery > 0 && request % failEvery == 0
        ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
        : Results.Json(new { place, knots = 8 + place.Length % 15, from = "south-west" });
});

app.Run();

static int Number(string variable) =>
    int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : 0;
