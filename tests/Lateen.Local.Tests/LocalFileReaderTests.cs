using Lateen.Local.Workloads;
using Lateen.Resources.Reading;

namespace Lateen.Local.Tests;

public sealed class LocalFileReaderTests
{
    [Fact]
    public void Reads_everything()
    {
        var file = Read("""
            deployments:
              reviews-v1:
                project: src/Reviews
                args: [--verbose, "${replica}"]
                env:
                  ASPNETCORE_URLS: http://${address}:${port:http}
                workingDirectory: work
            external:
              weather:
                command: ./weather.sh
            """);

        var reviews = file.Find("default", "reviews-v1")!;
        Assert.Equal("src/Reviews", reviews.Project!.Text);
        Assert.Equal(["--verbose", "${replica}"], reviews.Args.Select(argument => argument.Text));
        Assert.Equal("http://${address}:${port:http}", reviews.Env["ASPNETCORE_URLS"].Text);
        Assert.Equal("work", reviews.WorkingDirectory!.Text);
        Assert.Equal("./weather.sh", file.External["weather"].Command!.Text);
        Assert.Null(file.Find("default", "other"));
    }

    [Fact]
    public void A_namespace_can_be_named()
    {
        var file = Read("deployments: {a: {command: one}, shop/a: {command: two}}");

        Assert.Equal("two", file.Find("shop", "a")!.Command!.Text);
        Assert.Equal("one", file.Find("default", "a")!.Command!.Text);
    }

    [Theory]
    [InlineData("deployment: {}", "local.yaml:1:1: deployment: unknown field; expected one of deployments, external")]
    [InlineData("deployments:\n  a:\n    comand: x\n    command: y", "local.yaml:3:5: deployments.a.comand: unknown field; expected one of project, command, args, env, workingDirectory")]
    [InlineData("deployments:\n  a:\n    env: {}", "local.yaml:2:3: deployments.a: expected either \"project\" or \"command\"")]
    [InlineData("deployments:\n  a:\n    command: x\n    project: y", "local.yaml:2:3: deployments.a: expected either \"project\" or \"command\"")]
    [InlineData("deployments:\n  a:\n    command: x\n    args: y", "local.yaml:4:11: deployments.a.args: expected a list of texts")]
    [InlineData("deployments:\n  a:\n    command: x\n    args: [[]]", "local.yaml:4:12: deployments.a.args[0]: expected a text")]
    [InlineData("deployments:\n  a:\n    command: x ${adress}", "local.yaml:3:14: deployments.a.command: unknown variable ${adress}; there are ${address}, ${replica}, ${pod}, ${namespace}, ${folder} and ${port:NAME_OR_NUMBER}")]
    [InlineData("deployments:\n  a:\n    command: ${pod", "local.yaml:3:14: deployments.a.command: \"${\" is not closed by \"}\"")]
    [InlineData("deployments: [a]", "local.yaml:1:14: deployments: expected a mapping")]
    public void Says_where_and_what_is_wrong(string text, string message)
    {
        var error = Assert.Throws<LocalMeshException>(() => Read(text));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Reports_all_errors_together()
    {
        var error = Assert.Throws<LocalMeshException>(() => Read("deployments:\n  a: {comand: x}\nother: 1"));

        Assert.Equal(3, error.Message.Split('\n').Length);
    }

    [Fact]
    public void Variables_are_replaced_and_can_be_escaped()
    {
        var template = new Template("a ${pod} $${pod} ${port:http}", new SourcePosition("local.yaml", 1, 1));

        Assert.Equal("a <pod> ${pod} <port:http>", template.Fill(name => $"<{name}>"));
    }

    private static LocalFile Read(string text)
    {
        var errors = new List<ReadError>();
        var documents = NodeReader.Read("local.yaml", text, errors);
        Assert.Empty(errors);
        return LocalFileReader.Read("local.yaml", documents[0]);
    }
}
