// details: what is printed on the book's first pages.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

var pod = Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName;
var version = Environment.GetEnvironmentVariable("VERSION") ?? "v1";

app.MapGet("/health", () => new { status = "details is healthy" });
app.MapGet("/details/{id:int}", (int id) => new
{
    id,
    podname = pod,
    version,
    author = "Joshua Slocum",
    year = 1900,
    type = "paperback",
    pages = 294,
    publisher = "The Century Company",
    language = "English",
    isbn = "978-0-00-000000-2",
});

app.Run();
