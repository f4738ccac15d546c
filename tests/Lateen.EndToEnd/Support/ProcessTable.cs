using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lateen.EndToEnd.Support;

/// <summary>A running process as /proc shows it.</summary>
internal sealed record RunningProcess(int Id, string CommandLine, string Environment);

/// <summary>Looks for processes.</summary>
internal static class ProcessTable
{
    public static IReadOnlyList<int> Where(Func<RunningProcess, bool> condition)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && id != System.Environment.ProcessId
                && Read(id) is { } process && condition(process))
            {
                found.Add(id);
            }
        }

        return found;
    }

    private static RunningProcess? Read(int id)
    {
        try
        {
            // A zombie has neither; it is gone but for its parent's wait.
            var commandLine = Text($"/proc/{id}/cmdline");
            return commandLine.Length == 0 ? null : new(id, commandLine, Text($"/proc/{id}/environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Text(string path) => Encoding.UTF8.GetString(File.ReadAllBytes(path)).Replace('\0', ' ');
}

/// <summary>Signals that .NET cannot send.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    public static void Send(int processId, int signal)
    {
        if (SendSignal(processId, signal) != 0)
        {
            throw new InvalidOperationException($"kill -{signal} {processId}: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

/// <summary>Runs the CLI to its end.</summary>
internal static class Cli
{
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Repository.Cli);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await error);
    }
}
