using Lateen.Registry.Sources;
using Lateen.Validation;

namespace Lateen.Registry.Tests.Sources;

public sealed class ResourceFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ResourceFiles _files;

    public ResourceFilesTests() => _files = new ResourceFiles(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_yaml_and_json_below_the_folder_and_nothing_else()
    {
        _folder.Write("b.yml", Namespace("b"));
        _folder.Write("a/deep/a.yaml", Namespace("a"));
        _folder.Write("c.json", """{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "c"}}""");
        _folder.Write("src/tsconfig.json", "{ // with a comment\n}");
        _folder.Write("local.yaml", "deployments: {}");
        _folder.Write(".git/x.yaml", Namespace("hidden"));
        _folder.Write(".hidden.yaml", Namespace("hidden"));
        _folder.Write("node_modules/x.yaml", Namespace("foreign"));
        _folder.Write("src/obj/x.yaml", Namespace("foreign"));
        _folder.Write("readme.txt", "kind: nothing");
        Assert.Equal(["a", "b", "c"], Names(_files.Refresh()));
        Assert.Empty(_files.Content().Findings);
    }

    [Fact]
    public void Says_nothing_when_nothing_changed()
    {
        _folder.Write("a.yaml", Namespace("a"));
        Assert.NotNull(_files.Refresh());
        Assert.Null(_files.Refresh());
        _folder.Replace("a.yaml", Namespace("a"));
        Assert.Null(_files.Refresh());
        _folder.Delete("a.yaml");
        Assert.Empty(Names(_files.Refresh()));
    }

    [Fact]
    public void A_broken_file_keeps_its_last_good_objects_until_it_is_fixed()
    {
        _folder.Write("a.yaml", Namespace("a") + "---\n" + Namespace("b"));
        _folder.Write("other.yaml", Namespace("other"));
        _files.Refresh();

        _folder.Replace("a.yaml", Namespace("a") + "---\n" + Namespace("b").Replace("kind", "knid", StringComparison.Ordinal));
        SourceContent broken = _files.Refresh()!;
        Assert.Equal(["a", "b", "other"], Names(broken));
        Finding finding = Assert.Single(broken.Findings);
        Assert.StartsWith($"{_folder.File("a.yaml")}:5:1: ", finding.ToString(), StringComparison.Ordinal);

        _folder.Replace("a.yaml", "not: [closed");
        Assert.Equal(["a", "b", "other"], Names(_files.Refresh()));

        _folder.Replace("a.yaml", Namespace("fixed"));
        SourceContent repaired = _files.Refresh()!;
        Assert.Equal(["fixed", "other"], Names(repaired));
        Assert.Empty(repaired.Findings);
    }

    [Fact]
    public void A_file_that_never_was_good_gives_the_objects_that_are()
    {
        _folder.Write("a.yaml", Namespace("a") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {prots: []}\n");
        SourceContent content = _files.Refresh()!;
        Assert.Equal(["a"], Names(content));
        Assert.Contains("did you mean \"ports\"?", Assert.Single(content.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resource_that_breaks_a_rule_is_broken_too()
    {
        const string Route = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: v}
            spec: {hosts: [a], http: [{route: [{destination: {host: a}}]}]}
            """;
        _folder.Write("v.yaml", Route);
        _files.Refresh();
        _folder.Write("v.yaml", Route.Replace("{route: [{destination: {host: a}}]}", "{name: x}", StringComparison.Ordinal));
        SourceContent content = _files.Refresh()!;
        Assert.Equal(["v"], Names(content));
        Assert.EndsWith("v.yaml:4:27: VirtualService default/v: spec.http[0]: needs one of route, redirect, directResponse and delegate",
            Assert.Single(content.Findings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_object_twice_is_reported_with_both_places_and_the_first_counts()
    {
        _folder.Write("a.yaml", Namespace("x"));
        _folder.Write("b.yaml", "\n" + Namespace("x"));
        SourceContent content = _files.Refresh()!;
        Assert.Equal(_folder.File("a.yaml"), Assert.Single(content.Documents).Origin.Position.File);
        Finding finding = Assert.Single(content.Findings);
        Assert.Equal(FindingCodes.Duplicate, finding.Code);
        Assert.Equal($"{_folder.File("b.yaml")}:2:1: Namespace /x: already in {_folder.File("a.yaml")}:1:1, which counts; this one has no effect", finding.ToString());
    }

    [Fact]
    public void A_kind_that_has_no_effect_yet_is_a_warning()
    {
        _folder.Write("a.yaml", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: deny}\n");
        Finding finding = Assert.Single(_files.Refresh()!.Findings);
        Assert.Equal((FindingCodes.NoEffect, Severity.Warning), (finding.Code, finding.Severity));
    }

    [Fact]
    public void A_folder_that_goes_away_keeps_what_it_had_until_it_is_back()
    {
        _folder.Write("a/x.yaml", Namespace("x"));
        var files = new ResourceFiles(_folder.File("a"));
        Assert.Equal(["x"], Names(files.Refresh()));
        Directory.Move(_folder.File("a"), _folder.File("b"));
        SourceContent gone = files.Refresh()!;
        Assert.Equal(["x"], Names(gone));
        Assert.Single(gone.Findings);
        Directory.Move(_folder.File("b"), _folder.File("a"));
        Assert.Empty(files.Refresh()!.Findings);
    }

    [Fact]
    public void An_empty_folder_is_read_too_and_links_in_a_circle_end()
    {
        Assert.Empty(_files.Refresh()!.Documents);
        Directory.CreateSymbolicLink(_folder.File("circle"), _folder.Path);
        _folder.Write("a.yaml", Namespace("a"));
        Assert.Equal(["a"], Names(_files.Refresh()));
    }

    [Fact]
    public void The_samples_are_read_without_findings()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Lateen.slnx"))) root = Path.GetDirectoryName(root)!;
        foreach (string sample in Directory.EnumerateDirectories(Path.Combine(root, "samples")))
        {
            var files = new ResourceFiles(sample);
            files.Refresh();
            Assert.Empty(files.Content().Findings);
            Assert.NotEmpty(files.Content().Documents);
        }
    }

    private static string Namespace(string name) => $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n";

    private static IEnumerable<string> Names(SourceContent? content) => content!.Documents.Select(document => document.Key.Name).Order();
}
