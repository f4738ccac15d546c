using System.Diagnostics;
using Lateen.Local.Output;

namespace Lateen.Local.Processes;

/// <summary>
/// A started process with its descendants: it leads a session of its own, so that a Ctrl-C in the terminal reaches this process alone
/// and everything it started can be signalled at once.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    // A descendant that made itself a session of its own may hold the output open.
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly Guardian _guardian;
    private readonly Task _output;

    private ChildProcess(Process process, Guardian guardian, LogStream log)
    {
        _process = process;
        _guardian = guardian;
        Id = process.Id;
        _output = Task.WhenAll(
            log.CopyAsync(process.StandardOutput.BaseStream, isError: false),
            log.CopyAsync(process.StandardError.BaseStream, isError: true));
    }

    /// <summary>The process's id, which is its group's too.</summary>
    internal int Id { get; }

    /// <summary>Starts a process. Throws <see cref="ProcessStartException"/> when the program is not there.</summary>
    internal static ChildProcess Start(ProcessSpec spec, Guardian guardian, LogStream log)
    {
        var program = Executable.Find(spec.Command, spec.WorkingDirectory)
            ?? throw new ProcessStartException($"{spec.Name}: there is no program {spec.Command}");
        if (!Directory.Exists(spec.WorkingDirectory))
            throw new ProcessStartException($"{spec.Name}: there is no folder {spec.WorkingDirectory}");
        var start = new ProcessStartInfo("setsid", [program, .. spec.Arguments])
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in spec.Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new ProcessStartException($"{spec.Name}: cannot be started");
        guardian.Add(process.Id);
        process.StandardInput.Close();
        return new ChildProcess(process, guardian, log);
    }

    /// <summary>Sends a signal to the process and its descendants.</summary>
    internal void Signal(int signal) => PosixSignals.SendToGroup(Id, signal);

    /// <summary>Waits for the process to end; the exit code (128 + signal when a signal ended it).</summary>
    internal async Task<int> WaitAsync(CancellationToken cancellation = default)
    {
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>Kills what is left of the process and its descendants, and waits for the end of its output.</summary>
    public async ValueTask DisposeAsync()
    {
        Signal(PosixSignals.Kill);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _guardian.Remove(Id);
        await Task.WhenAny(_output, Task.Delay(OutputPatience)).ConfigureAwait(false);
        _process.Dispose();
    }
}

/// <summary>A process that cannot be started, and why.</summary>
public sealed class ProcessStartException(string message) : Exception(message);
