using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace Bookinfo.ProductPage;

/// <summary>What a service answered: its status, and its body when that was a success.</summary>
public sealed record Answer(int Status, JsonNode? Body);

/// <summary>The replica that served a part of the page.</summary>
public sealed record ServedBy(string Pod, string Version);

/// <summary>The HTML of the page.</summary>
public static class Page
{
    /// <summary>The book on sale.</summary>
    public const string Title = "Sailing Alone Around the World";

    private static readonly string Css = ReadCss();

    /// <summary>The whole page, with a notice in the place of each part that did not come.</summary>
    public static string Render(string? user, ServedBy self, Answer details, Answer reviews) => $"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>{Title} · Bookinfo</title>
          <link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M6 24 27 4v20z' fill='%230b7285'/></svg>">
          <style>{Css}</style>
        </head>
        <body>
          <header>
            <a class="brand" href="/productpage"><svg viewBox="0 0 32 32"><path d="M5 23 27 3v20z"/><path d="M3 25h26l-4 4H7z"/></svg>Bookinfo</a>
            {SignIn(user)}
          </header>
          <main>
            <section class="book">
              <div class="cover" role="img" aria-label="Cover"><svg viewBox="0 0 120 170"><path d="M22 118 92 34v84z"/><path d="M14 124h92l-14 16H30z"/></svg></div>
              <div>
                <h1>{Title}</h1>
                <p>In 1895 a captain left Boston in a sloop he had rebuilt himself. Three years and 46,000 miles later he was back, the
                first to have gone round the world alone. His own account of the voyage.</p>
                {Details(details)}
              </div>
            </section>
            <section class="reviews" data-status="{reviews.Status}" data-version="{Text(reviews.Body?["version"])}">
              <h2>What readers say</h2>
              {Reviews(reviews)}
            </section>
          </main>
          <footer>{Badge("productpage", self.Pod, self.Version)}</footer>
        </body>
        </html>
        """;

    private static string SignIn(string? user) => user is null
        ? """<form method="post" action="/login"><input name="username" placeholder="Name (try jason)" aria-label="Name" required maxlength="64"><button>Sign in</button></form>"""
        : $"""<nav><span>Signed in as <b>{Encode(user)}</b></span><a href="/logout">Sign out</a></nav>""";

    private static string Details(Answer details)
    {
        if (details.Body is not { } book)
            return Missing("details", details.Status);
        var list = new StringBuilder("<dl>");
        foreach (var name in (string[])["author", "year", "publisher", "pages", "type", "language", "isbn"])
            list.Append($"<div><dt>{name}</dt><dd>{Text(book[name])}</dd></div>");
        return $"{list}</dl>{Badge("details", Text(book["podname"]), Text(book["version"]))}";
    }

    private static string Reviews(Answer reviews)
    {
        if (reviews.Body is not { } body)
            return Missing("reviews", reviews.Status);
        var html = new StringBuilder();
        foreach (var review in body["reviews"]?.AsArray() ?? [])
            html.Append($"<blockquote><p>{Text(review?["text"])}</p><cite>{Text(review?["reviewer"])}</cite>{Stars(review)}</blockquote>");
        return $"{html}{Badge("reviews", Text(body["podname"]), Text(body["version"]))}";
    }

    private static string Stars(JsonNode? review)
    {
        if (review?["error"] is { } error)
            return $"""<span class="missing">No stars: {Text(error)}</span>""";
        if (review?["stars"] is not { } node)
            return "";
        var stars = Math.Clamp(node.GetValue<int>(), 0, 5);
        return $"""<span class="stars {Text(review["color"])}" title="{stars} of 5">{new string('★', stars)}<i>{new string('★', 5 - stars)}</i></span>""";
    }

    private static string Missing(string service, int status) =>
        $"""<p class="missing">Sorry, {service} cannot be shown right now (answered {status}).</p>""";

    private static string Badge(string service, string pod, string version) =>
        $"""<p class="badge" data-service="{service}" data-pod="{Encode(pod)}" data-version="{Encode(version)}"><b>{service}</b> {Encode(version)} answered from {Encode(pod)}</p>""";

    private static string Text(JsonNode? node) => node is null ? "" : Encode(node.ToString());

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string ReadCss()
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("page.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
