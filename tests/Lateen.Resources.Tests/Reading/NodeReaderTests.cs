using CsCheck;
using Lateen.Resources.Reading;

namespace Lateen.Resources.Tests.Reading;

public sealed class NodeReaderTests
{
    private static readonly string[] Pieces =
    [
        "a", "- ", ": ", "\n", "  ", "{", "}", "[", "]", ",", "'", "\"", "#", "&x ", "*x", "<<", "---\n", "...\n", "|\n", ">-\n", "\t", "!", "!!int ",
        "%", "@", "\\u12", "0x1", "1e999", "é", "\u0000", "?", "~", "yes", "-1", ".inf", "apiVersion: v1\n", "kind: Service\n", "metadata: ", "spec: ",
    ];

    [Fact]
    public void No_text_makes_it_throw() =>
        Gen.Int[0, Pieces.Length - 1].Array[0, 30].Select(picks => string.Concat(picks.Select(pick => Pieces[pick]))).Sample(
            text =>
            {
                ReadResult result = ResourceReader.Read("f.yaml", text);
                return result.Errors.All(error => error.Position.File == "f.yaml" && error.Message.Length > 0);
            },
            iter: 20_000);

    [Theory]
    [InlineData("yes", ScalarKind.Boolean, "true")]
    [InlineData("Off", ScalarKind.Boolean, "false")]
    [InlineData("~", ScalarKind.Null, "")]
    [InlineData("0x1F", ScalarKind.Integer, "31")]
    [InlineData("0o17", ScalarKind.Integer, "15")]
    [InlineData("017", ScalarKind.Integer, "15")]
    [InlineData("1_000", ScalarKind.Integer, "1000")]
    [InlineData("-0", ScalarKind.Integer, "0")]
    [InlineData("1.5", ScalarKind.Float, "1.5")]
    [InlineData("1e3", ScalarKind.Float, "1e3")]
    [InlineData("127.0.0.1", ScalarKind.String, "127.0.0.1")]
    [InlineData("v1", ScalarKind.String, "v1")]
    [InlineData("'5'", ScalarKind.String, "5")]
    [InlineData("!!str 5", ScalarKind.String, "5")]
    [InlineData("10s", ScalarKind.String, "10s")]
    [InlineData("-", ScalarKind.String, "-")]
    public void Scalars_are_what_kubernetes_tools_take_them_for(string text, ScalarKind kind, string value)
    {
        Node root = Assert.Single(NodeReader.Read("f.yaml", $"a: {(text == "-" ? "\"-\"" : text)}\n", []));
        var scalar = Assert.IsType<ScalarNode>(((MappingNode)root)["a"]);
        Assert.Equal((kind, value), (scalar.Kind, scalar.Text));
    }

    [Theory]
    [InlineData("a:\n\tb: 1\n", "f.yaml:2:")]
    [InlineData("a:\n  b:\n\t\tc: 1\n", "f.yaml:3:")]
    [InlineData("a:\n  - b\n  c: 1\n", "f.yaml:3:")]
    [InlineData("a: b: c\n", "f.yaml:1:")]
    [InlineData("a: 'open\nb: 1\n", "f.yaml:")]
    [InlineData("a: 1\n b: 2\n", "f.yaml:")]
    [InlineData("- a\nb: 1\n", "f.yaml:2:")]
    [InlineData("a: *none\n", "f.yaml:1:4: unknown alias *none")]
    [InlineData("a: !ruby/object x\n", "f.yaml:1:4: unknown tag !ruby/object")]
    [InlineData("? [a]\n: b\n", "f.yaml:1:3: a key must be a plain text")]
    public void Errors_of_syntax_have_a_place_and_a_reason(string text, string start)
    {
        var errors = new List<ReadError>();
        NodeReader.Read("f.yaml", text, errors);
        string error = Assert.Single(errors).ToString();
        Assert.StartsWith(start, error, StringComparison.Ordinal);
    }
}
