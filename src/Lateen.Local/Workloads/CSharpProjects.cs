using System.Diagnostics;

namespace Lateen.Local.Workloads;

/// <summary>Builds the C# projects that <c>local.yaml</c> names, when they have changed since they were built.</summary>
internal static class CSharpProjects
{
    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true };

    /// <summary>
    /// The built program of each project; those without one that is newer than their sources are built first, all at once. Throws
    /// <see cref="LocalMeshException"/> with the compiler's errors.
    /// </summary>
    /// <param name="paths">Project files, or folders with one each.</param>
    /// <param name="scratch">A folder for a temporary file.</param>
    /// <param name="report">Told what is built.</param>
    /// <param name="cancellation">Ends the building.</param>
    internal static async Task<Dictionary<string, string>> BuildAsync(
        IReadOnlyCollection<string> paths, string scratch, Action<string> report, CancellationToken cancellation)
    {
        var projects = paths.Distinct().ToDictionary(path => path, ProjectFile, StringComparer.Ordinal);
        var outdated = projects.Values.Where(project => UpToDateOutput(project) is null).Distinct().ToList();
        if (outdated.Count > 0)
        {
            report($"building {string.Join(", ", outdated.Select(Path.GetFileNameWithoutExtension))}");
            await DotnetBuildAsync(outdated, scratch, cancellation).ConfigureAwait(false);
        }

        return projects.ToDictionary(entry => entry.Key, entry => NewestOutput(entry.Value)
            ?? throw new LocalMeshException($"{entry.Value} was built, but its program {Path.GetFileNameWithoutExtension(entry.Value)}.dll is neither in artifacts/ nor in bin/"));
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

    // As one solution, so that the SDK is started once and builds them side by side.
    private static async Task DotnetBuildAsync(List<string> projects, string scratch, CancellationToken cancellation)
    {
        var solution = Path.Combine(scratch, "applications.slnx");
        var lines = projects.Select(project => $"""  <Project Path="{System.Security.SecurityElement.Escape(project)}" />""");
        await File.WriteAllLinesAsync(solution, ["<Solution>", .. lines, "</Solution>"], cancellation).ConfigureAwait(false);
        var start = new ProcessStartInfo("dotnet", ["build", solution, "--nologo", "--verbosity", "quiet", "--disable-build-servers"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new LocalMeshException($"the applications do not build:\n{output.Trim()}");
        // What was already built from these very sources is not written again: note that it was looked at.
        foreach (var program in projects.Select(NewestOutput).OfType<string>())
            File.SetLastWriteTimeUtc(program, DateTime.UtcNow);
    }
}
