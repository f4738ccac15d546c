// my-service with the mesh: only what it is for.
using System.Text.Json.Nodes;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
using var http = new HttpClient();
var pod = Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName;

app.MapGet("/advice/{place}", async (string place, CancellationToken gone) =>
{
    using var response = await http.GetAsync($"http://external-service.example/wind/{Uri.EscapeDataString(place)}", gone);
    if (!response.IsSuccessStatusCode)
        return Results.StatusCode((int)response.StatusCode);
    var wind = await response.Content.ReadFromJsonAsync<JsonNode>(gone);
    var knots = wind!["knots"]!.GetValue<int>();
    return Results.Json(new { place, knots, advice = knots < 17 ? "Go sailing." : "Reef, or stay in port.", from = pod });
});

app.Run();
