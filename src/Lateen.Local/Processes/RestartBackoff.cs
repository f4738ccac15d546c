namespace Lateen.Local.Processes;

/// <summary>
/// How long to wait before a process that ended is started again: 1 s, doubled with every further end up to 30 s. A process that
/// lived for a minute starts afresh.
/// </summary>
public sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(1);
    private TimeSpan _next = First;

    /// <summary>The pause before the next start, given how long the process lived.</summary>
    public TimeSpan After(TimeSpan lifetime)
    {
        if (lifetime >= LongEnough)
            _next = First;
        var pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, Longest.Ticks));
        return pause;
    }
}
