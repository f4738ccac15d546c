using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Identity.Tests;

public sealed class WorkloadTokensTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_token_of_one_process_is_verified_by_another_that_shares_the_folder()
    {
        using var issuer = Create("tokens");
        using var verifier = Create("tokens");
        var (identity, error) = await verifier.VerifyAsync(issuer.Issue("default", "reviews", TimeSpan.FromHours(1)), "cluster.local");

        Assert.Equal((new WorkloadIdentity("cluster.local", "default", "reviews"), null), (identity, error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder["tokens"], "token-key.pem")));
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        using var tokens = Create("tokens");
        var token = tokens.Issue("default", "reviews", TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.NotNull((await tokens.VerifyAsync(token, "cluster.local")).Identity);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null((await tokens.VerifyAsync(token, "cluster.local")).Identity);
    }

    [Fact]
    public async Task A_token_of_another_key_is_refused()
    {
        using var own = Create("own");
        using var other = Create("other");
        Assert.Null((await own.VerifyAsync(other.Issue("default", "reviews", TimeSpan.FromHours(1)), "cluster.local")).Identity);
    }

    [Fact]
    public async Task A_token_that_was_changed_or_is_unsigned_is_refused()
    {
        using var tokens = Create("tokens");
        var parts = tokens.Issue("default", "reviews", TimeSpan.FromHours(1)).Split('.');
        var payload = Decode(parts[1]).Replace("reviews", "admin", StringComparison.Ordinal);
        string[] forged = ["", "x", "a.b.c", $"{parts[0]}.{Encode(payload)}.{parts[2]}", $"{Encode("""{"alg":"none"}""")}.{parts[1]}."];

        foreach (var token in forged)
        {
            var (identity, error) = await tokens.VerifyAsync(token, "cluster.local");
            Assert.Null(identity);
            Assert.NotEmpty(error!);
        }
    }

    [Fact]
    public async Task A_subject_that_is_no_service_account_is_refused()
    {
        using var tokens = Create("tokens");
        var (identity, error) = await tokens.VerifyAsync(tokens.Issue("a:b", "c", TimeSpan.FromHours(1)), "cluster.local");
        Assert.Null(identity);
        Assert.Contains("not a service account", error, StringComparison.Ordinal);
    }

    private WorkloadTokens Create(string name) => WorkloadTokens.LoadOrCreate(_folder[name], _time);

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Decode(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/').PadRight(text.Length + ((4 - (text.Length % 4)) % 4), '=');
        return Encoding.UTF8.GetString(Convert.FromBase64String(padded));
    }
}
