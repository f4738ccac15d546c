namespace Lateen.EndToEnd.Support;

/// <summary>Where the things under test lie: found from the test's own folder upwards.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Cli => Built("Lateen.Cli", "lateen.dll");

    public static string JitProxy => Built("Lateen.Proxy.Host", "lateen-proxy.dll");

    /// <summary>The NativeAOT executable; null when it was not published (it needs a C toolchain).</summary>
    public static string? NativeProxy
    {
        get
        {
            var path = Path.Combine(Root, "artifacts/publish/Lateen.Proxy.Host/release/lateen-proxy");
            return File.Exists(path) ? path : null;
        }
    }

    private static string Built(string project, string file)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        return Path.Combine(Root, "artifacts/bin", project, configuration, file);
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lateen.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Lateen.slnx is in no folder above " + AppContext.BaseDirectory);
    }
}
