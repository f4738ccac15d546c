namespace Lateen.Proxy.Loops;

/// <summary>A timer that fires once per start and can be started again without allocation. Use on its own loop only.</summary>
public abstract class LoopTimer
{
    /// <summary>True between <see cref="Start"/> and the callback or <see cref="Stop"/>.</summary>
    public abstract bool IsActive { get; }

    /// <summary>(Re)starts the timer. Resolution is a few milliseconds; it never fires early.</summary>
    public abstract void Start(TimeSpan delay);

    /// <summary>Stops the timer; the callback does not run after this returns.</summary>
    public abstract void Stop();
}
