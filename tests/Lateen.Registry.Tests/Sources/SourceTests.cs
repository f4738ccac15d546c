using Lateen.Registry.Sources;
using Lateen.Resources;

namespace Lateen.Registry.Tests.Sources;

/// <summary>The sources with real files and the real watcher: what is waited for is the state, not the time.</summary>
public sealed class SourceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_folder_source_sees_edits_additions_renames_and_deletions()
    {
        _folder.Write("a.yaml", Namespace("a"));
        await using IAsyncEnumerator<SourceContent> contents = new FolderSource(_folder.Path).ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        await Until(contents, content => Names(content) is "a");

        _folder.Write("a.yaml", Namespace("edited"));
        await Until(contents, content => Names(content) is "edited");

        _folder.Write("b.yaml", Namespace("b"));
        await Until(contents, content => Names(content) is "b,edited");

        _folder.Replace("a.yaml", Namespace("replaced"));
        await Until(contents, content => Names(content) is "b,replaced");

        _folder.Write("new/folder/c.yaml", Namespace("c"));
        await Until(contents, content => Names(content) is "b,c,replaced");

        _folder.Write("new/folder/c.yaml", "broken: [");
        await Until(contents, content => Names(content) is "b,c,replaced" && content.Findings.Length == 1);

        _folder.Delete("a.yaml");
        await Until(contents, content => Names(content) is "b,c");

        Directory.Delete(_folder.File("new"), recursive: true);
        await Until(contents, content => Names(content) is "b" && content.Findings.IsEmpty);

        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await contents.MoveNextAsync());
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error()
    {
        await using IAsyncEnumerator<SourceContent> contents = new FolderSource(_folder.File("none")).ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await contents.MoveNextAsync());
    }

    [Fact]
    public async Task The_local_workloads_are_read_once_there_and_stay_while_broken()
    {
        string path = _folder.File(LocalWorkloadFile.Name);
        await using IAsyncEnumerator<SourceContent> contents = new LocalWorkloadSource(path).ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        await Until(contents, content => content.Workloads.IsEmpty);

        var replica = new LocalWorkload
        {
            Name = "reviews-v1-1",
            Namespace = "default",
            WorkloadName = "reviews-v1",
            Labels = new Dictionary<string, string> { ["app"] = "reviews", [TlsModes.Label] = TlsModes.Istio },
            ServiceAccount = "bookinfo-reviews",
            Address = "127.64.1.1",
            ApplicationAddress = "127.64.2.1",
            Ports = [new LocalWorkloadPort { Name = "http", Port = 9080 }],
        };
        await LocalWorkloadFile.WriteAsync(path, [replica], _stop.Token);
        SourceContent read = await Until(contents, content => content.Workloads.Length == 1);
        Assert.Equal(replica.ToWorkload(), read.Workloads[0]);
        Assert.Equal(("istio", true, "Deployment", "127.64.2.1"),
            (read.Workloads[0].TlsMode, read.Workloads[0].Ready, read.Workloads[0].WorkloadKind, read.Workloads[0].ApplicationAddress));

        _folder.Replace(LocalWorkloadFile.Name, """[{"name": "x", "namspace": "y"}]""");
        SourceContent broken = await Until(contents, content => !content.Findings.IsEmpty);
        Assert.Equal(read.Workloads, broken.Workloads);
        Assert.Contains(broken.Findings, finding => finding.Message.Contains("did you mean \"namespace\"?", StringComparison.Ordinal));

        _folder.Delete(LocalWorkloadFile.Name);
        await Until(contents, content => content.Workloads.IsEmpty && content.Findings.IsEmpty);
    }

    private static async Task<SourceContent> Until(IAsyncEnumerator<SourceContent> contents, Func<SourceContent, bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await contents.MoveNextAsync().AsTask().WaitAsync(limit.Token))
        {
            if (condition(contents.Current)) return contents.Current;
        }
        throw new InvalidOperationException("the source ended");
    }

    private static string Namespace(string name) => $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n";

    private static string Names(SourceContent content) => string.Join(',', content.Documents.Select(document => document.Key.Name).Order());
}
