// productpage: the page people see. It asks details and reviews, and shows which replica of each answered.
using System.Text.Json.Nodes;
using Bookinfo;
using Bookinfo.ProductPage;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

var self = new ServedBy(
    Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName,
    Environment.GetEnvironmentVariable("VERSION") ?? "v1");
var detailsUrl = Environment.GetEnvironmentVariable("DETAILS_URL") ?? "http://details:9080";
var reviewsUrl = Environment.GetEnvironmentVariable("REVIEWS_URL") ?? "http://reviews:9080";
var ratingsUrl = Environment.GetEnvironmentVariable("RATINGS_URL") ?? "http://ratings:9080";
using var http = new HttpClient();

object[] products = [new { id = 0, title = Page.Title }];

app.MapGet("/health", () => new { status = "productpage is healthy" });
app.MapGet("/", () => Results.Redirect("/productpage"));

app.MapGet("/productpage", async (HttpRequest request, CancellationToken gone) =>
{
    var details = AskAsync($"{detailsUrl}/details/0", request, gone);
    var reviews = AskAsync($"{reviewsUrl}/reviews/0", request, gone);
    var page = Page.Render(User(request), self, await details, await reviews);
    return Results.Content(page, "text/html; charset=utf-8");
});

app.MapPost("/login", async (HttpRequest request, HttpResponse response) =>
{
    var form = await request.ReadFormAsync();
    var user = form["username"].ToString().Trim();
    if (user.Length is > 0 and <= 64)
        response.Cookies.Append("user", user, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax });
    return Results.Redirect("/productpage");
});
app.MapGet("/logout", (HttpResponse response) =>
{
    response.Cookies.Delete("user");
    return Results.Redirect("/productpage");
});

app.MapGet("/api/v1/products", () => products);
app.MapGet("/api/v1/products/{id:int}", (int id, HttpRequest request, CancellationToken gone) =>
    PassOnAsync($"{detailsUrl}/details/{id}", request, gone));
app.MapGet("/api/v1/products/{id:int}/reviews", (int id, HttpRequest request, CancellationToken gone) =>
    PassOnAsync($"{reviewsUrl}/reviews/{id}", request, gone));
app.MapGet("/api/v1/products/{id:int}/ratings", (int id, HttpRequest request, CancellationToken gone) =>
    PassOnAsync($"{ratingsUrl}/ratings/{id}", request, gone));

app.Run();

// The signed-in user; an end-user header on the request itself counts too.
static string? User(HttpRequest request) =>
    request.Headers["end-user"].FirstOrDefault() ?? request.Cookies["user"];

static HttpRequestMessage Call(string url, HttpRequest incoming)
{
    var call = ForwardedHeaders.Get(url, incoming);
    if (!call.Headers.Contains("end-user") && User(incoming) is { } user)
        call.Headers.TryAddWithoutValidation("end-user", user);
    return call;
}

async Task<Answer> AskAsync(string url, HttpRequest incoming, CancellationToken gone)
{
    try
    {
        using var response = await http.SendAsync(Call(url, incoming), gone);
        return response.IsSuccessStatusCode
            ? new Answer((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(gone))
            : new Answer((int)response.StatusCode, null);
    }
    catch (HttpRequestException)
    {
        return new Answer(StatusCodes.Status502BadGateway, null);
    }
}

async Task<IResult> PassOnAsync(string url, HttpRequest incoming, CancellationToken gone)
{
    var answer = await AskAsync(url, incoming, gone);
    return Results.Json(answer.Body ?? new JsonObject { ["error"] = $"answered {answer.Status}" }, statusCode: answer.Status);
}
