namespace Lateen.Local.Output;

/// <summary>The one place that writes to standard output, whole lines at a time.</summary>
public sealed class LogScreen
{
    /// <summary>Names before lines are padded to this many columns.</summary>
    internal const int NameWidth = 22;

    // Readable on dark and light grounds alike.
    private static readonly int[] Colors = [33, 36, 69, 99, 133, 136, 166, 172, 37, 64, 97, 131];
    private readonly Lock _gate = new();
    private readonly Stream _output;
    private int _names;
    private bool _gone;

    /// <summary>A screen.</summary>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="colored">Whether to colour names.</param>
    public LogScreen(Stream output, bool colored)
    {
        _output = output;
        Colored = colored;
    }

    /// <summary>Whether names are coloured.</summary>
    public bool Colored { get; }

    /// <summary>The stream of a process; each gets a colour.</summary>
    internal LogStream Open(string name) => new(this, name, Colors[Interlocked.Increment(ref _names) % Colors.Length]);

    /// <summary>Writes whole lines.</summary>
    internal void Write(ReadOnlySpan<byte> lines)
    {
        lock (_gate)
        {
            if (_gone)
                return;
            try
            {
                _output.Write(lines);
                _output.Flush();
            }
            catch (IOException)
            {
                // Nobody reads any more (lateen up | head): the mesh goes on without.
                _gone = true;
            }
        }
    }
}
