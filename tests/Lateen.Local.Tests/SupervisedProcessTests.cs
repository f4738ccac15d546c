using System.Collections.Immutable;
using System.Text;
using Lateen.Local.Output;
using Lateen.Local.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Local.Tests;

public sealed class SupervisedProcessTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly string _folder = Directory.CreateTempSubdirectory("lateen-").FullName;
    private readonly Guardian _guardian = new();
    private readonly MemoryStream _output = new();

    public void Dispose()
    {
        _guardian.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Output_comes_line_by_line_with_the_name_before_it()
    {
        await using var process = Create("echo one; echo two >&2; printf three; sleep 60 & sleep 60");
        process.Start();

        await Eventually(() => Lines().Length >= 2);
        await process.StopAsync(TimeSpan.FromSeconds(5));

        Assert.All(Lines(), line => Assert.StartsWith("test ", line, StringComparison.Ordinal));
        Assert.Equal(["one", "three", "two"], Lines().Select(line => line.Split('|')[1].Trim()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_ends_is_started_again_after_a_pause()
    {
        var time = new FakeTimeProvider();
        var ended = new TaskCompletionSource();
        await using var process = Create("echo run; exit 3", time: time);
        process.Ended += _ => ended.TrySetResult();
        process.Start();
        await ended.Task.WaitAsync(Soon, TestContext.Current.CancellationToken);

        Assert.Equal(0, process.Restarts);
        Assert.Contains(Lines(), line => line.Contains("ended with exit code 3; starts again in 1 s", StringComparison.Ordinal));
        await Eventually(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return process.Restarts >= 1;
        });
    }

    [Fact]
    public async Task Stopping_ends_the_descendants_too()
    {
        var file = Path.Combine(_folder, "pid");
        await using var process = Create($"sleep 300 & echo $! > {file}; wait");
        process.Start();
        await Eventually(() => File.Exists(file) && File.ReadAllText(file).Length > 1);
        var descendant = int.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);

        await process.StopAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(ProcessState.Stopped, process.State);
        await Eventually(() => !IsAlive(descendant));
    }

    [Fact]
    public async Task What_does_not_listen_to_reason_is_killed()
    {
        await using var process = Create("trap '' TERM; echo ready; while true; do sleep 0.1; done");
        process.Start();
        await Eventually(() => Lines().Length == 1);

        await process.StopAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal(ProcessState.Stopped, process.State);
        Assert.Null(process.ProcessId);
    }

    [Fact]
    public async Task The_guardian_kills_what_is_left_when_its_pipe_ends()
    {
        var guardian = new Guardian();
        var child = ChildProcess.Start(Spec("sleep 300"), guardian, new LogScreen(_output, colored: false).Open("test"));

        guardian.Dispose();

        Assert.Equal(128 + PosixSignals.Kill, await child.WaitAsync(TestContext.Current.CancellationToken).WaitAsync(Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        await using var process = new SupervisedProcess(Spec("") with { Command = "no-such-program" }, _guardian, new LogScreen(_output, false), TimeProvider.System);

        var error = Assert.Throws<ProcessStartException>(process.Start);

        Assert.Equal("test: there is no program no-such-program", error.Message);
    }

    [Fact]
    public async Task The_environment_is_set_and_unset()
    {
        var spec = Spec("echo \"$ONE-$HOME-\"") with { Environment = ImmutableSortedDictionary<string, string?>.Empty.Add("ONE", "1").Add("HOME", null) };
        await using var process = new SupervisedProcess(spec, _guardian, new LogScreen(_output, false), TimeProvider.System);
        process.Start();

        await Eventually(() => Lines().Any(line => line.EndsWith("1--", StringComparison.Ordinal)));
    }

    private SupervisedProcess Create(string script, TimeProvider? time = null) =>
        new(Spec(script), _guardian, new LogScreen(_output, colored: false), time ?? TimeProvider.System);

    private ProcessSpec Spec(string script) => new() { Name = "test", Command = "sh", Arguments = ["-c", script], WorkingDirectory = _folder };

    private string[] Lines()
    {
        lock (_output)
            return Encoding.UTF8.GetString(_output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // A killed process stays as a zombie until whoever adopted it has waited for it.
    private static bool IsAlive(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(')')[1].TrimStart()[0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Soon);
        while (!condition())
            await Task.Delay(10, patience.Token);
    }
}
