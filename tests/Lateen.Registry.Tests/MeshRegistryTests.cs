using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Lateen.Registry.Building;
using Lateen.Registry.Sources;
using Lateen.Resources.Reading;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Registry.Tests;

public sealed class MeshRegistryTests
{
    private const string Details = "{apiVersion: v1, kind: Service, metadata: {name: details}, spec: {ports: [{name: http, port: 80}]}}";

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waits_for_every_source_then_joins_them()
    {
        var (first, second) = (new ScriptedSource(), new ScriptedSource());
        MeshRegistry registry = Registry(first, second);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test);
        Task running = registry.RunAsync(stop.Token);

        first.Give(Details);
        Assert.Same(MeshSnapshot.Empty, registry.Current);
        second.Give("{apiVersion: v1, kind: Service, metadata: {name: ratings}, spec: {}}");
        await registry.Ready;
        Assert.Equal(["details", "ratings"], registry.Current.Services.Select(service => service.Name));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Subscribers_get_the_newest_and_what_changed_since_they_looked()
    {
        var source = new ScriptedSource();
        MeshRegistry registry = Registry(source);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test);
        Task running = registry.RunAsync(stop.Token);
        source.Give(Details);
        await registry.Ready;

        await using IAsyncEnumerator<MeshUpdate> slow = registry.Subscribe(stop.Token).GetAsyncEnumerator(stop.Token);
        await using IAsyncEnumerator<MeshUpdate> quick = registry.Subscribe(stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await slow.MoveNextAsync() && slow.Current.Change.Forced);
        Assert.True(await quick.MoveNextAsync() && quick.Current.Change.Forced);

        source.Give(Details + "\n---\n" + Route("a"));
        Assert.True(await quick.MoveNextAsync());
        source.Give(Details + "\n---\n" + Route("a") + "---\n" + Route("b"));
        Assert.True(await quick.MoveNextAsync());
        Assert.Equal([new ConfigKey(ConfigKind.VirtualService, "default", "b")], quick.Current.Change.Keys);

        Assert.True(await slow.MoveNextAsync());
        Assert.Equal(["a", "b"], slow.Current.Change.Keys.Select(key => key.Name).Order());
        Assert.Same(registry.Current, slow.Current.Snapshot);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_source_that_fails_ends_it_with_its_error()
    {
        MeshRegistry registry = Registry(new FolderSource("/nonexistent/folder"));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => registry.RunAsync(_test));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => registry.Ready);
    }

    [Fact]
    public async Task Objects_that_come_along_yield_to_none_but_those_before_them()
    {
        var user = new ScriptedSource();
        user.Give(Details.Replace("port: 80", "port: 81", StringComparison.Ordinal));
        MeshRegistry registry = Registry(user, FixedSource.FromYaml("built-in", Details));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test);
        Task running = registry.RunAsync(stop.Token);
        await registry.Ready;
        Assert.Equal(81u, Assert.Single(registry.Current.Services).Ports[0].Number);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static MeshRegistry Registry(params IMeshSource[] sources) => new(sources, MeshSettings.Default, NullLogger<MeshRegistry>.Instance);

    private static string Route(string name) =>
        $"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: {name}}}\nspec: {{hosts: [{name}]}}\n";

    private sealed class ScriptedSource : IMeshSource
    {
        private readonly Channel<SourceContent> _contents = Channel.CreateUnbounded<SourceContent>();

        public void Give(string yaml) => _contents.Writer.TryWrite(
            SourceContent.Empty with { Documents = [.. ResourceReader.Read("mesh.yaml", yaml).Documents] });

        public async IAsyncEnumerable<SourceContent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (SourceContent content in _contents.Reader.ReadAllAsync(cancellation)) yield return content;
        }
    }
}
