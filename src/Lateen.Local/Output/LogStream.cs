using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Lateen.Local.Output;

/// <summary>Copies a process's output to the screen, each line with the process's name before it.</summary>
internal sealed class LogStream
{
    // A line longer than this is broken, so that output without line ends cannot fill the memory.
    private const int LongestLine = 64 * 1024;

    private readonly LogScreen _screen;
    private readonly byte[] _prefix;
    private readonly byte[] _errorPrefix;

    internal LogStream(LogScreen screen, string name, int color)
    {
        _screen = screen;
        var padded = name.PadRight(LogScreen.NameWidth);
        _prefix = Encoding.UTF8.GetBytes(screen.Colored ? $"\e[38;5;{color}m{padded} │\e[0m " : $"{padded} | ");
        _errorPrefix = Encoding.UTF8.GetBytes(screen.Colored ? $"\e[38;5;{color}m{padded} \e[31m│\e[0m " : $"{padded} | ");
    }

    /// <summary>Writes a line of this process's own.</summary>
    internal void WriteLine(string text)
    {
        var block = new ArrayBufferWriter<byte>();
        Append(block, _prefix, Encoding.UTF8.GetBytes(text));
        _screen.Write(block.WrittenSpan);
    }

    /// <summary>Copies until the stream ends.</summary>
    internal async Task CopyAsync(Stream source, bool isError)
    {
        var reader = PipeReader.Create(source);
        var block = new ArrayBufferWriter<byte>(4096);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync().ConfigureAwait(false);
                var rest = TakeLines(read.Buffer, read.IsCompleted, isError ? _errorPrefix : _prefix, block);
                reader.AdvanceTo(rest, read.Buffer.End);
                if (block.WrittenCount > 0)
                    _screen.Write(block.WrittenSpan);
                block.ResetWrittenCount();
                if (read.IsCompleted)
                    break;
            }
        }
        catch (IOException)
        {
            // The process ended in the middle of a read: there is nothing more to copy.
        }

        await reader.CompleteAsync().ConfigureAwait(false);
    }

    private static SequencePosition TakeLines(ReadOnlySequence<byte> buffer, bool isLast, byte[] prefix, ArrayBufferWriter<byte> block)
    {
        var lines = new SequenceReader<byte>(buffer);
        while (lines.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            Append(block, prefix, line);
        if (lines.Remaining > 0 && (isLast || lines.Remaining > LongestLine))
        {
            Append(block, prefix, lines.UnreadSequence);
            lines.AdvanceToEnd();
        }

        return lines.Position;
    }

    private static void Append(ArrayBufferWriter<byte> block, byte[] prefix, ReadOnlySequence<byte> line)
    {
        block.Write(prefix);
        foreach (var part in line)
            block.Write(part.Span);
        block.Write("\n"u8);
    }

    private static void Append(ArrayBufferWriter<byte> block, byte[] prefix, byte[] line) =>
        Append(block, prefix, new ReadOnlySequence<byte>(line));
}
