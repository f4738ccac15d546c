using System.Diagnostics;

namespace Lateen.Local.Workloads;

/// <summary>Builds the C# projects that <c>local.yaml</c> names, when they have changed since they were built.</summary>
internal static class CSharpProject
{
    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true };

    /// <summary>
    /// The project's built program; it is built first when there is none that is newer than its sources. Throws
    /// <see cref="LocalMeshException"/> with the compiler's errors.
    /// </summary>
    internal static async Task<string> BuildAsync(string path, Action<string> report, CancellationToken cancellation)
    {
        var project = ProjectFile(path);
        if (UpToDateOutput(project) is { } output)
            return output;
        report($"building {Path.GetFileNameWithoutExtension(project)}");
        await DotnetBuildAsync(project, cancellation).ConfigureAwait(false);
        return NewestOutput(project)
            ?? throw new LocalMeshException($"{project} was built, but its program {Path.GetFileNameWithoutExtension(project)}.dll is neither in artifacts/ nor in bin/");
    }

    /// <summary>The project file: the path itself, or the only one in the folder.</summary>
    internal static string ProjectFile(string path)
    {
        if (File.Exists(path))
            return path;
        var found = Directory.Exists(path) ? Directory.GetFiles(path, "*.csproj") : [];
        return found.Length == 1 ? found[0] : throw new LocalMeshException($"there is no C# project {path}, nor is it a folder with just one");
    }

    /// <summary>The built program when nothing beside or below the project file is newer.</summary>
    internal static string? UpToDateOutput(string project)
    {
        if (NewestOutput(project) is not { } output)
            return null;
        var built = File.GetLastWriteTimeUtc(output);
        return Sources(Path.GetDirectoryName(project)!).Any(source => File.GetLastWriteTimeUtc(source) > built) ? null : output;
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*", Everywhere).Where(file =>
        {
            var parts = Path.GetRelativePath(folder, file).Split('/');
            return parts[0] is not ("bin" or "obj" or "artifacts") && Path.GetFileName(file) != "packages.lock.json";
        });

    // The SDK's two layouts: bin/ beside the project, or artifacts/ in a folder above it.
    private static string? NewestOutput(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var places = new List<string> { Path.Combine(Path.GetDirectoryName(project)!, "bin") };
        for (var folder = Directory.GetParent(project); folder is not null; folder = folder.Parent)
            places.Add(Path.Combine(folder.FullName, "artifacts", "bin", name));
        return places.Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, $"{name}.dll", Everywhere))
            .Where(file => File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json")))
            .MaxBy(File.GetLastWriteTimeUtc);
    }

    private static async Task DotnetBuildAsync(string project, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", ["build", project, "--nologo", "--verbosity", "quiet", "--disable-build-servers"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new LocalMeshException($"{project} does not build:\n{output.Trim()}");
    }
}
