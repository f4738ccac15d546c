using System.Collections.Immutable;

namespace Lateen.Local;

/// <summary>A program with the arguments that come before its own.</summary>
/// <param name="Command">Path of the program.</param>
/// <param name="Arguments">First arguments: <c>exec X.dll</c> for one that dotnet runs.</param>
public sealed record ProgramCommand(string Command, ImmutableArray<string> Arguments)
{
    /// <summary>The command for a file: a <c>.dll</c> is run by dotnet, anything else by itself.</summary>
    public static ProgramCommand Of(string file) =>
        file.EndsWith(".dll", StringComparison.Ordinal) ? new("dotnet", ["exec", file]) : new(file, []);
}

/// <summary>Where this project's own programs are.</summary>
public sealed record Programs
{
    /// <summary>Names another <c>lateen-proxy</c>, or any program with its command line.</summary>
    public const string ProxyVariable = "LATEEN_PROXY";

    /// <summary><c>lateen</c> itself, for the control plane.</summary>
    public required ProgramCommand Lateen { get; init; }

    /// <summary><c>lateen-proxy</c>.</summary>
    public required ProgramCommand Proxy { get; init; }

    /// <summary>What the user may want to know about the choice, or null.</summary>
    public string? Notice { get; init; }

    /// <summary>
    /// Finds them: the proxy named by <c>LATEEN_PROXY</c>, else in a source tree the published (native) one,
    /// else the built one, and elsewhere the one beside this program. Throws <see cref="LocalMeshException"/> when there is none.
    /// </summary>
    public static Programs Find()
    {
        var self = AppContext.BaseDirectory;
        var lateen = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "lateen"
            ? ProgramCommand.Of(path)
            : ProgramCommand.Of(Path.Combine(self, "lateen.dll"));
        if (Environment.GetEnvironmentVariable(ProxyVariable) is { Length: > 0 } named)
            return new Programs { Lateen = lateen, Proxy = ProgramCommand.Of(Named(named)) };
        if (SourceTree(self) is not { } tree)
        {
            var beside = Path.Combine(self, "lateen-proxy");
            return File.Exists(beside)
                ? new Programs { Lateen = lateen, Proxy = ProgramCommand.Of(beside) }
                : throw new LocalMeshException($"lateen-proxy is not beside {self}; name it in {ProxyVariable}");
        }

        var (proxy, notice) = InSourceTree(Path.Combine(tree, "artifacts"));
        return new Programs { Lateen = lateen, Proxy = ProgramCommand.Of(proxy), Notice = notice };
    }

    private static string Named(string path) =>
        File.Exists(path) ? Path.GetFullPath(path) : throw new LocalMeshException($"{ProxyVariable} names {path}, which is not there");

    private static (string Path, string? Notice) InSourceTree(string artifacts)
    {
        var published = Path.Combine(artifacts, "publish", "Lateen.Proxy.Host", "release", "lateen-proxy");
        var built = Directory.Exists(Path.Combine(artifacts, "bin", "Lateen.Proxy.Host"))
            ? Directory.EnumerateFiles(Path.Combine(artifacts, "bin", "Lateen.Proxy.Host"), "lateen-proxy.dll", SearchOption.AllDirectories)
                .MaxBy(File.GetLastWriteTimeUtc)
            : null;
        if (!File.Exists(published))
            return (built ?? throw new LocalMeshException("lateen-proxy is not built: run dotnet build src/Lateen.Proxy.Host"), null);
        var stale = built is not null && File.GetLastWriteTimeUtc(published) < File.GetLastWriteTimeUtc(built);
        return (published, stale ? $"{published} is older than the built lateen-proxy.dll: publish it again, or delete it" : null);
    }

    private static string? SourceTree(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lateen.slnx")))
                return folder.FullName;
        }

        return null;
    }
}
