namespace Lateen.Local.Processes;

/// <summary>Looks up programs as a shell does.</summary>
internal static class Executable
{
    /// <summary>The path of a program, or null: a name is looked up in <c>PATH</c>, a path is taken from <paramref name="folder"/>.</summary>
    internal static string? Find(string command, string folder)
    {
        if (command.Contains('/'))
        {
            var path = Path.GetFullPath(command, folder);
            return IsExecutable(path) ? path : null;
        }

        var places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return places.Select(place => Path.Combine(place, command)).FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
