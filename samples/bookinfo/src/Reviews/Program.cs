// reviews: what readers wrote. Version v1 shows no stars, v2 black ones, v3 red ones (environment variable VERSION).
using System.Text.Json.Nodes;
using Bookinfo;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

var pod = Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName;
var version = Environment.GetEnvironmentVariable("VERSION") ?? "v1";
var ratingsUrl = Environment.GetEnvironmentVariable("RATINGS_URL") ?? "http://ratings:9080";
var color = version switch { "v1" => null, "v2" => "black", _ => "red" };
using var http = new HttpClient();

(string Reader, string Text)[] reviews =
[
    ("Ada", "He rebuilds an oyster boat, sails it round the world alone, and tells it as if over a cup of tea. I laughed on every other page."),
    ("Marit", "The chapters on the trade winds made me look up my own charts again. Bring tacks, should you meet pirates."),
];

app.MapGet("/health", () => new { status = "reviews is healthy" });

app.MapGet("/reviews/{id:int}", async (int id, HttpRequest request, CancellationToken gone) =>
{
    var (ratings, error) = color is null ? (null, null) : await RatingsAsync(id, request, gone);
    return new
    {
        id,
        podname = pod,
        version,
        reviews = reviews.Select(review => new
        {
            reviewer = review.Reader,
            text = review.Text,
            stars = (int?)ratings?[review.Reader],
            color,
            error,
        }),
    };
});

app.Run();

async Task<(JsonNode? Ratings, string? Error)> RatingsAsync(int id, HttpRequest request, CancellationToken gone)
{
    try
    {
        using var response = await http.SendAsync(ForwardedHeaders.Get($"{ratingsUrl}/ratings/{id}", request), gone);
        if (!response.IsSuccessStatusCode)
            return (null, $"ratings answered {(int)response.StatusCode}");
        var body = await response.Content.ReadFromJsonAsync<JsonNode>(gone);
        return (body?["ratings"], null);
    }
    catch (HttpRequestException unreachable)
    {
        return (null, unreachable.Message);
    }
}
