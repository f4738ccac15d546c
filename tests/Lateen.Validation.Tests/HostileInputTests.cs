using System.Text;
using CsCheck;
using Lateen.Resources.Reading;

namespace Lateen.Validation.Tests;

/// <summary>Whatever a file holds, reading and checking it ends soon, without an exception, and says where something is wrong.</summary>
public sealed class HostileInputTests
{
    private static readonly string[] Seeds =
    [
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: x}\nspec:\n  hosts: [a.com]\n  http:\n    - match: [{uri: {regex: '/a[b]{2}'}, headers: {x-a: {prefix: v}}}]\n      route: [{destination: {host: a, port: {number: 80}}, weight: 5}]\n      timeout: 1.5s\n      retries: {attempts: 2, retryOn: '5xx,503'}\n",
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\nspec:\n  host: a\n  trafficPolicy: {loadBalancer: {consistentHash: {maglev: {tableSize: 7}}}, tls: {mode: SIMPLE, sni: a}}\n",
        "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: x}\nspec: {hosts: [a.com], addresses: [10.0.0.0/8, '::1'], ports: [{number: 80, name: a, protocol: TCP}], resolution: STATIC, endpoints: [{address: 1.1.1.1, ports: {a: 1}}]}\n",
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x}\nspec: {rules: [{from: [{source: {ipBlocks: [10.0.0.1]}}], to: [{operation: {paths: ['/{*}/b']}}], when: [{key: 'request.headers[x]', values: [a]}]}]}\n",
        "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: x}\nspec: {accessLogging: [{filter: {expression: 'response.code >= 400 && a.b(\"c\")'}}]}\n",
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: x}\nspec: {servers: [{port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*/a.com'], tls: {mode: SIMPLE, credentialName: a}}]}\n",
    ];

    private static readonly string[] Pieces =
        ["", "{", "}", "[", "]", ": ", "- ", "\n", "  ", "'", "\"", "&a ", "*a", "<<: ", "null", "-1", "1e400", "99999999999999999999", "\0", "\ud800", "%", "*", "(?P<", "\\", "~", "é", "[[:", "{{", "@", "!!binary "];

    [Fact]
    public void Slips_in_good_files_do_no_harm()
    {
        Gen<(int, int, int, int)[]> slips = Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 12], Gen.Int[0, Pieces.Length - 1], Gen.Int[0, 1]).Array[1, 5];
        Gen.Select(Gen.Int[0, Seeds.Length - 1], slips).Sample(
            (seed, edits) =>
            {
                var text = new StringBuilder(Seeds[seed]);
                foreach ((int place, int length, int piece, _) in edits)
                {
                    int at = place % text.Length;
                    text.Remove(at, Math.Min(length, text.Length - at)).Insert(at, Pieces[piece]).Append('\n');
                }
                return Check(text.ToString()).All(finding => finding.Position is { Line: > 0, Column: > 0 });
            },
            iter: 3_000);
    }

    [Fact]
    public void Bytes_that_are_no_text_do_no_harm() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Check(Encoding.UTF8.GetString(bytes)).All(finding => finding.Message.Length > 0), iter: 2_000);

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        string laughs = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));
        Assert.Contains(Check(laughs), finding => finding.Message.Contains("aliases", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Deep_nesting_is_refused(string step) => Assert.NotEmpty(Check(string.Concat(Enumerable.Repeat(step, 20_000))));

    [Fact]
    public void Huge_scalars_are_read()
    {
        string text = Seeds[0].Replace("a.com", new string('a', 5_000_000), StringComparison.Ordinal);
        Assert.Contains(Check(text), finding => finding.Rule == "VS-8");
    }

    [Fact]
    public void Ten_megabytes_are_read()
    {
        string described = Seeds[5].Replace("{name: x}", $"{{name: x, annotations: {{a: {new string('d', 10_000)}}}}}", StringComparison.Ordinal);
        string text = string.Join("---\n", Enumerable.Repeat(described, 10 * 1024 * 1024 / described.Length));
        Assert.Empty(Check(text));
    }

    [Fact]
    public void More_than_the_limit_is_refused() => Assert.Contains("longer than", Assert.Single(Check(new string(' ', NodeReader.MaxLength + 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Duplicate_keys_are_refused() =>
        Assert.Contains(Check(Seeds[1] + "kind: Gateway\n"), finding => finding.Message.Contains("duplicate key", StringComparison.Ordinal));

    private static Finding[] Check(string text)
    {
        ReadResult read = ResourceReader.Read("f.yaml", text);
        return [.. read.Errors.Select(Finding.Of), .. read.Documents.SelectMany(ResourceRules.Check)];
    }
}
